"""Checksums of the files of an index in a folder.

LanceDB never changes a file that it has written, but for a hint that nothing depends on. So each
file is read once, after the write that made it, and its checksum is kept for as long as it exists:
damage between two writes is not taken for what was written.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from metier.folders import write_atomically
from metier.indexing.lance.table_files import PREFIX, table_folders

NAME = f"{PREFIX}checksums.json"
"""The file of the checksums, in the folder of the index."""

_VERSION = 1
_CHANGING = "latest_version_hint.json"
_BLOCK = 2**20


class FileChecksum(NamedTuple):
    """Size and CRC-32 of a file."""

    size: int
    crc: int


def record_checksums(folder: Path) -> None:
    """Add the checksums of files that have none yet, and remove those of files that are gone."""
    try:
        known = read_checksums(folder)
    except ValueError:
        return  # damaged: what was written cannot be told any more, until the index is purged
    checksums = {}
    for name in file_names(folder):
        with suppress(FileNotFoundError):  # another process removed it
            checksums[name] = known.get(name) or checksum_of(folder / name)
    if checksums != known:
        write_checksums(folder, checksums)


def forget_checksums(folder: Path, table: str) -> None:
    """Remove the checksums of the files of a table, whose names a table made later has again."""
    try:
        known = read_checksums(folder)
    except ValueError:
        known = {}  # damaged
    kept = {name: known[name] for name in known if not name.startswith(f"{table}.lance/")}
    if not kept:
        (folder / NAME).unlink(missing_ok=True)
    elif kept != known:
        write_checksums(folder, kept)


def write_checksums(folder: Path, checksums: Mapping[str, FileChecksum]) -> None:
    """Write the checksums of files."""
    files = {name: list(checksum) for name, checksum in sorted(checksums.items())}
    content = json.dumps({"version": _VERSION, "files": files, "checksum": _checksum(files)})
    write_atomically(folder, {NAME: content})


def read_checksums(folder: Path) -> dict[str, FileChecksum]:
    """Return the checksums by the path of the file in the folder; none without a record of them.

    Raises:
        ValueError: the record is damaged.
        OSError: it cannot be read.
    """
    try:
        text = (folder / NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    content = json.loads(text)
    if not isinstance(content, dict) or not isinstance(content.get("files"), dict):
        raise ValueError("it has another form")
    files = content["files"]
    if content.get("checksum") != _checksum(files):
        raise ValueError("its checksum is another one")
    return {name: FileChecksum(*pair) for name, pair in files.items()}


def file_names(folder: Path) -> list[str]:
    """Return the paths, in the folder, of the files of the tables that never change."""
    return sorted(
        path.relative_to(folder).as_posix()
        for table in table_folders(folder)
        for path in table.rglob("*")
        if path.name != _CHANGING and path.is_file()
    )


def changed_files(
    folder: Path, checksums: Mapping[str, FileChecksum], names: Iterable[str]
) -> list[str]:
    """Return those of some files that are not what was written; files that are gone are not."""
    changed = []
    for name in names:
        with suppress(FileNotFoundError):
            if name in checksums and checksum_of(folder / name) != checksums[name]:
                changed.append(name)
    return changed


def checksum_of(path: Path) -> FileChecksum:
    """Read a file and return its checksum."""
    crc = 0
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        while block := file.read(_BLOCK):
            crc = zlib.crc32(block, crc)
    return FileChecksum(size, crc)


def _checksum(files: Mapping[str, object]) -> int:
    return zlib.crc32(json.dumps(files, sort_keys=True).encode())
