"""`Vault`: a file of the user with the key of replacements and, on request, the way back."""

from __future__ import annotations

import os
import re
import secrets
import sqlite3
import stat
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from metier.errors import InputError, UsageError
from metier.folders import create_private_file, expand_home, not_written

_APPLICATION = 0x4D745661
"""The application id in the header of the file: `MtVa`."""

_VERSION = 1
_SECONDS = 30.0
"""How long a process waits for another one that writes."""

_LARGEST = 5_000
"""Replacements that are looked for in one pass when a text is restored."""


class Vault:
    """The key of replacements, so that other runs and files give the same ones.

    It is a SQLite file that only its owner can read (mode 0600). Whoever has it and the replaced
    texts can tell who they are about, so keep it apart from them. Several processes may use it.

    Attributes:
        path: of the file.
        key: of the replacements.
        is_reversible: whether it keeps what each replacement stands for.
    """

    def __init__(self, path: Path, key: bytes, *, is_reversible: bool) -> None:
        self.path = path
        self.key = key
        self.is_reversible = is_reversible

    @classmethod
    def open(cls, path: str | Path, *, reversible: bool = False) -> Vault:
        """Open a vault; one that does not exist is created with a new key.

        Args:
            path: of the file.
            reversible: of a new one, whether it keeps what replacements stand for.

        Raises:
            UsageError: it cannot be created or read, others can read it, or it exists and is not
                reversible where that is requested.
            InputError: it is damaged, or no vault.
        """
        file = expand_home(path)
        try:
            create_private_file(file)
        except FileExistsError:
            _require_private(file)
        except OSError as error:
            raise not_written(file, error) from None
        with _connected(file) as connection:
            _make_tables(connection, file, reversible=reversible)
            (row,) = connection.execute("SELECT key, reversible FROM vault").fetchall() or [None]
        if row is None or not isinstance(row[0], bytes) or len(row[0]) < 16:
            raise _damaged(file, "it holds no key")
        if reversible and not row[1]:
            raise UsageError(
                f"The vault {file.name!r} does not keep what replacements stand for.",
                why="That is decided when a vault is made.",
                fix="Leave $reversible out, or name a new vault with $vault.",
                parameters={"reversible": True, "vault": ...},
            )
        return cls(file, row[0], is_reversible=bool(row[1]))

    def remember(self, replaced: Iterable[tuple[str, str, str]]) -> None:
        """Keep what replacements stand for; a vault that is not reversible keeps nothing.

        Args:
            replaced: the kind, the replacement and the original of each.

        Raises:
            InputError: the vault is damaged, or another process holds it for too long.
        """
        if self.is_reversible:
            with _connected(self.path) as connection:
                connection.executemany("INSERT OR IGNORE INTO originals VALUES (?, ?, ?)", replaced)

    def restore(self, text: str) -> str:
        """A text with the originals in place of their replacements.

        A replacement that stands for several originals, such as a date of several persons, stays.

        Raises:
            UsageError: the vault does not keep what replacements stand for.
            InputError: it is damaged.
        """
        if not self.is_reversible:
            raise UsageError(
                f"The vault {self.path.name!r} does not keep what replacements stand for.",
                fix="Make one with Vault.open(path, reversible=True) before texts are replaced.",
            )
        with _connected(self.path) as connection:
            rows = connection.execute(
                "SELECT surrogate, MIN(original) FROM originals GROUP BY surrogate "
                "HAVING COUNT(DISTINCT original) = 1"
            ).fetchall()
        originals = {surrogate: original for surrogate, original in rows if surrogate in text}
        if not originals:
            return text
        longest = sorted(originals, key=len, reverse=True)[:_LARGEST]
        form = "|".join(map(re.escape, longest))
        return re.sub(rf"(?<!\w)(?:{form})(?!\w)", lambda match: originals[match[0]], text)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def __repr__(self) -> str:
        return f"Vault({self.path.name!r})"


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    """A transaction, which other processes wait for."""
    try:
        with closing(sqlite3.connect(path, timeout=_SECONDS, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        raise InputError(
            f"The vault {path.name!r} cannot be used: {error}.",
            fix="Check that you may write to it and its folder, and that no other program holds "
            "it.",
        ) from None
    except sqlite3.DatabaseError as error:
        raise _damaged(path, str(error)) from None


def _make_tables(connection: sqlite3.Connection, path: Path, *, reversible: bool) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    if application == 0 and tables == 0:
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {_VERSION}")
        connection.execute("CREATE TABLE vault (key BLOB NOT NULL, reversible INTEGER NOT NULL)")
        connection.execute(
            "CREATE TABLE originals (kind TEXT, surrogate TEXT, original TEXT, "
            "PRIMARY KEY (kind, surrogate, original)) WITHOUT ROWID"
        )
        values = (secrets.token_bytes(32), int(reversible))
        connection.execute("INSERT INTO vault VALUES (?, ?)", values)
    elif application != _APPLICATION:
        raise _damaged(path, "it is a database of another program")
    elif version != _VERSION:
        raise _damaged(path, f"its version is {version}, and this metier reads {_VERSION}")


def _require_private(path: Path) -> None:
    """Refuse a vault that others can read, and what is no file."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise UsageError(f"The vault {str(path)!r} cannot be read: {error.strerror}.") from None
    if not stat.S_ISREG(mode):
        raise UsageError(f"{str(path)!r} is no file, so it is no vault.", fix="Name a file.")
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise UsageError(
            f"The vault {str(path)!r} can be read by others than its owner.",
            why="Whoever has it can tell whom the replaced texts are about.",
            fix=f"Run: chmod 600 {path}",
        )


def _damaged(path: Path, reason: str) -> InputError:
    return InputError(
        f"{path.name!r} is no vault of metier, or it is damaged: {reason}.",
        why="Nothing was replaced: other replacements would look like other persons.",
        fix="Restore it from a backup, or name another file to begin a new vault.",
        code="vault-damaged",
    )
