"""The files of an index in a folder: who may read them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

PREFIX = "metier_"
"""Names of the tables of an index, and of its other files, begin with it."""

_PRIVATE = 0o700
_READ_WRITE = 0o666


def local_folder(path: str) -> Path | None:
    """Return the folder at a path or a `file://` address; None for an object store."""
    if "://" not in path:
        return Path(path)
    parts = urlsplit(path)
    return Path(unquote(parts.path)) if parts.scheme.lower() == "file" else None


def table_folders(folder: Path) -> list[Path]:
    """Return the folders of the tables of an index, in the order of their names."""
    return sorted(path for path in folder.glob(f"{PREFIX}*.lance") if path.is_dir())


def make_table_private(folder: Path, name: str) -> None:
    """Let only the owner open the folder of a table that was created a moment ago.

    What is written into it later cannot be read by others either, whatever the umask.
    """
    table = folder / f"{name}.lance"
    if os.name == "posix" and table.is_dir():
        table.chmod(_PRIVATE)


def share_as_folders(folder: Path) -> None:
    """Give all files of each table the access that the folder of the table gives.

    LanceDB writes its files with the access that the umask leaves. In a folder that only its owner
    can open they become readable by their owner only, and where the owner has opened the folder of
    a table to others, these can read the new files as well.
    """
    if os.name != "posix":
        return
    for table in table_folders(folder):
        mode = stat.S_IMODE(table.stat().st_mode)
        for path, status in _contents(table):
            wanted = mode if stat.S_ISDIR(status.st_mode) else mode & _READ_WRITE
            if stat.S_IMODE(status.st_mode) != wanted:
                # a file of another user, or one that another process has removed
                with suppress(OSError):
                    path.chmod(wanted)


def _contents(table: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for path in sorted(table.rglob("*")):
        with suppress(FileNotFoundError):
            yield path, path.lstat()
