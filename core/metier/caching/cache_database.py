"""The file behind the vector cache: made whole, opened for one piece of work, never trusted.

A connection lives for one call. So threads and forked processes share none, nothing is left open,
and a file that another process has replaced is seen at the next call. SQLite's own locks keep
processes apart.
"""

from __future__ import annotations

import os
import re
import sqlite3
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

from metier.errors import warn_caller

VERSION = 1
"""Of the tables below. Each version has a file of its own, so that two of metier share a folder."""

NAME = f"vectors-{VERSION}.sqlite3"

WAIT = 30.0
"""Seconds to wait for another process that writes."""

_ATTEMPTS = 3
_TABLES = """
CREATE TABLE models (
    id INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    dtype TEXT NOT NULL,
    name TEXT NOT NULL,
    dim INTEGER NOT NULL,
    UNIQUE (fingerprint, dtype)
);
CREATE TABLE vectors (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    model INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    truncated INTEGER NOT NULL,
    used INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX vectors_by_use ON vectors (used);
CREATE INDEX vectors_by_model ON vectors (model);
"""
_DAMAGE = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""What SQLite says of a file that is damaged, or holds other tables."""

_OURS = re.compile(r"vectors-\d+\.sqlite3(\.aside|-wal|-shm|-journal)?")

T = TypeVar("T")
Identity = tuple[int, int] | None


class _OtherVersion(sqlite3.DatabaseError):
    """The file has another version than its name says."""


class Database:
    """One SQLite file in a folder of its own, readable by its owner alone.

    Args:
        folder: made at the first write, with mode 0700.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder.absolute() / NAME
        self.aside = self.path.with_name(f"{NAME}.aside")
        self._off = False
        self._left_aside = True  # perhaps, by an earlier run
        self._lock = threading.Lock()

    def use(self, work: Callable[[sqlite3.Connection], T], otherwise: T, *, create: bool) -> T:
        """Work on the open file; `otherwise` where there is none or it cannot be used.

        A damaged file is set aside and the work done on a new one; a file that cannot be used at
        all ends the use of it by this object. Neither is an error, and each is warned of once.

        Args:
            work: may be called again, so what it does twice it must do to the same end.
            otherwise: the result without a file.
            create: whether to begin a file where there is none.
        """
        if create:
            self._remove_left_aside()
        for attempt in range(_ATTEMPTS):
            if self._off or not (create or self.path.exists()):
                break
            seen: Identity = None
            try:
                self._begin()
                seen = self._identity()
                with closing(self._opened()) as connection:
                    return work(connection)
            except (sqlite3.Error, OSError) as error:
                last = attempt + 1 == _ATTEMPTS
                if last or not self._mended(error, seen):
                    self._give_up(error)
        return otherwise

    def remove_others(self) -> None:
        """Remove the files of other versions of metier, and what was set aside by any."""
        own = {self.path, *_journals(self.path)}
        beside = [path for path in self.path.parent.glob("vectors-*") if _OURS.fullmatch(path.name)]
        # backwards: the journals of a file before the file
        for path in sorted({*beside} - own, reverse=True):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                warn_caller(f"{str(path)!r} cannot be removed ({error}).")

    def _remove_left_aside(self) -> None:
        """Free what an earlier run set aside; what this one does stays to be looked at."""
        with self._lock:
            if self._left_aside:
                self._left_aside = False
                with suppress(OSError):
                    self.aside.unlink()

    def _opened(self) -> sqlite3.Connection:
        # rw: a file that is gone by now is an error and not an empty new one
        address = f"{self.path.as_uri()}?mode=rw"
        connection = sqlite3.connect(address, uri=True, timeout=WAIT, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version != VERSION:
                raise _OtherVersion(f"its version is {version}, not {VERSION}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _begin(self) -> None:
        """Put a finished empty file in its place, unless another process was faster."""
        if self.path.exists():
            return
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{NAME}.", suffix=".part")
        os.close(handle)
        part = Path(name)
        try:
            with closing(sqlite3.connect(part, isolation_level=None)) as connection:
                connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(f"{_TABLES}PRAGMA user_version = {VERSION};")
            stale = [journal for journal in _journals(self.path) if journal.exists()]
            if not self.path.exists():  # seen after them: they are no other process's new ones
                _remove(stale)
            try:
                os.link(part, self.path)
            except FileExistsError:
                pass
            except OSError:  # a file system without hard links
                os.replace(part, self.path)
        finally:
            _remove([part, *_journals(part)])

    def _mended(self, error: Exception, seen: Identity) -> bool:
        """Whether to try again: the file is another by now, or a damaged one was set aside."""
        with self._lock:
            if self._identity() != seen:
                return True
            code = getattr(error, "sqlite_errorcode", None)
            other = isinstance(error, _OtherVersion)
            if not other and (code is None or code & 0xFF not in _DAMAGE):
                return False
            try:
                # first the journals: replayed into a new file they would make a mixture
                _remove(_journals(self.path))
                os.replace(self.path, self.aside)
            except OSError:
                return False
            self._left_aside = False
        warn_caller(
            f"The vector cache {str(self.path)!r} cannot be read ({error}). It was renamed to "
            f"{self.aside.name!r}, which a later run removes, and a new one is begun."
        )
        return True

    def _give_up(self, error: Exception) -> None:
        with self._lock:
            told, self._off = self._off, True
        if not told:
            warn_caller(
                f"The vector cache {str(self.path)!r} cannot be used ({error}), so vectors are "
                "computed and not kept. METIER_CACHE_DIR names another folder."
            )

    def _identity(self) -> Identity:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino


def _journals(path: Path) -> list[Path]:
    return [path.with_name(path.name + ending) for ending in ("-wal", "-shm", "-journal")]


def _remove(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
