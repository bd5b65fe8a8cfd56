"""The SQLite file of the vector cache, created atomically and opened for each call.

A connection is open for one call only. Threads and forked processes share none, and the next call
sees a file that another process has replaced. Processes are synchronized by SQLite's locks.
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
"""Version of the tables. Each version has its own file, so that versions can share a folder."""

NAME = f"vectors-{VERSION}.sqlite3"

WAIT = 30.0
"""Seconds to wait for the write lock."""

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
_DAMAGE_CODES = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""Error codes of SQLite for a file that is damaged or has other tables."""

_CACHE_FILE = re.compile(r"vectors-\d+\.sqlite3(\.aside|-wal|-shm|-journal)?")

T = TypeVar("T")
Identity = tuple[int, int] | None  # device and inode


class _VersionError(sqlite3.DatabaseError):
    """The version in the file differs from the one in its name."""


class Database:
    """A SQLite file in a folder of its own that only its owner can read.

    Args:
        folder: created at the first write, with mode 0700.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder.absolute() / NAME
        self.aside = self.path.with_name(f"{NAME}.aside")
        self._disabled = False
        self._may_have_aside = True  # from an earlier run
        self._lock = threading.Lock()

    def use(self, work: Callable[[sqlite3.Connection], T], otherwise: T, *, create: bool) -> T:
        """Run `work` on the open file and return its result.

        A damaged file is set aside and replaced by a new one. A file that cannot be used disables
        this object. Both give one warning and no error.

        Args:
            work: the function to run; it may run again, and must then have the same effect.
            otherwise: the result if there is no usable file.
            create: whether to create a file if there is none.
        """
        if create:
            self._remove_aside()
        for attempt in range(_ATTEMPTS):
            if self._disabled or not (create or self.path.exists()):
                break
            identity: Identity = None
            try:
                self._create()
                identity = self._identity()
                with closing(self._connect()) as connection:
                    return work(connection)
            except (sqlite3.Error, OSError) as error:
                last = attempt + 1 == _ATTEMPTS
                if last or not self._recovered(error, identity):
                    self._disable(error)
        return otherwise

    def remove_others(self) -> None:
        """Remove the files of other versions of metier, and all files that were set aside."""
        own = {self.path, *_journals(self.path)}
        siblings = self.path.parent.glob("vectors-*")
        others = {path for path in siblings if _CACHE_FILE.fullmatch(path.name)} - own
        # in reverse order, so that the journals of a file come before the file
        for path in sorted(others, reverse=True):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                warn_caller(f"{str(path)!r} cannot be removed ({error}).")

    def _remove_aside(self) -> None:
        """Remove the file that an earlier run set aside; one of this run stays for inspection."""
        with self._lock:
            if self._may_have_aside:
                self._may_have_aside = False
                with suppress(OSError):
                    self.aside.unlink()

    def _connect(self) -> sqlite3.Connection:
        # mode=rw: a file that was removed is an error, not a new empty file
        address = f"{self.path.as_uri()}?mode=rw"
        connection = sqlite3.connect(address, uri=True, timeout=WAIT, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version != VERSION:
                raise _VersionError(f"its version is {version}, not {VERSION}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _create(self) -> None:
        """Create an empty database atomically, unless another process has created one."""
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
            if not self.path.exists():  # checked after listing: they belong to no new file
                _remove(stale)
            try:
                os.link(part, self.path)
            except FileExistsError:
                pass
            except OSError:  # a file system without hard links
                os.replace(part, self.path)
        finally:
            _remove([part, *_journals(part)])

    def _recovered(self, error: Exception, identity: Identity) -> bool:
        """Return whether to try again: the file was replaced, or a damaged one was set aside."""
        with self._lock:
            if self._identity() != identity:
                return True
            code = getattr(error, "sqlite_errorcode", None)
            is_other_version = isinstance(error, _VersionError)
            if not is_other_version and (code is None or code & 0xFF not in _DAMAGE_CODES):
                return False
            try:
                # journals first: a new file must not replay them
                _remove(_journals(self.path))
                os.replace(self.path, self.aside)
            except OSError:
                return False
            self._may_have_aside = False
        warn_caller(
            f"The vector cache {str(self.path)!r} cannot be read ({error}). It was renamed to "
            f"{self.aside.name!r}, which a later run removes, and a new cache was started."
        )
        return True

    def _disable(self, error: Exception) -> None:
        with self._lock:
            already_disabled, self._disabled = self._disabled, True
        if not already_disabled:
            warn_caller(
                f"The vector cache {str(self.path)!r} cannot be used ({error}), so vectors are "
                "computed and not cached. Set METIER_CACHE_DIR to use another folder."
            )

    def _identity(self) -> Identity:
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino


def _journals(path: Path) -> list[Path]:
    return [path.with_name(path.name + ending) for ending in ("-wal", "-shm", "-journal")]


def _remove(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
