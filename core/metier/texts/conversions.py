"""Temporary files: converted files that are kept, and packed files without their packing."""

from __future__ import annotations

import codecs
import gzip
import json
import tempfile
import weakref
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import SEEK_CUR, SEEK_SET, BufferedReader, RawIOBase
from pathlib import Path
from typing import Any

from metier.errors import InputError
from metier.texts.reader import CONVERTED_FROM


class Spool:
    """A temporary file for what would not fit into memory; gone with this object.

    Attributes:
        file: open for reading and writing.
    """

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 closed below
        weakref.finalize(self, self.file.close)

    def reader(self) -> BufferedReader:
        """All of it from the beginning; several readers do not disturb each other."""
        return BufferedReader(_View(self))


class _View(RawIOBase):
    """A spool read from a position of its own."""

    def __init__(self, spool: Spool) -> None:
        super().__init__()
        self._spool = spool
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        self._position = offset + (self._position if whence == SEEK_CUR else 0)
        return self._position

    def readinto(self, buffer: Any) -> int:
        self._spool.file.seek(self._position)
        count: int = self._spool.file.readinto(buffer)
        self._position += count
        return count


class Conversions:
    """Rows of converted files, kept on disk as long as this object lives."""

    def __init__(self) -> None:
        self._spool: Spool | None = None

    def once(self, rows: Callable[[], Iterable[object]]) -> Callable[[], Iterable[object]]:
        """The rows of a file: if all of them were converted, those kept from the first reading."""
        kept: list[int] = []

        def read() -> Iterator[object]:
            if kept:
                yield from map(self._at, kept)
                return
            positions: list[int] = []
            can_keep = True
            for row in rows():
                position = self._keep(row) if can_keep else None
                if position is None:
                    can_keep = False
                else:
                    positions.append(position)
                yield row
            if can_keep:
                kept.extend(positions)

        return read

    def _keep(self, row: object) -> int | None:
        """The position where a row is kept; None where it has to be read from its file again."""
        if not isinstance(row, Mapping) or CONVERTED_FROM not in row:
            return None
        try:
            line = json.dumps(row)
        except (TypeError, ValueError):
            return None
        if json.loads(line) != row:
            return None
        try:
            self._spool = self._spool or Spool()
            position = self._spool.file.seek(0, 2)
            self._spool.file.write(line.encode() + b"\n")
            self._spool.file.flush()
        except OSError:  # no room: it has to be converted again
            return None
        return position

    def _at(self, position: int) -> object:
        assert self._spool is not None  # something was kept in it
        self._spool.file.seek(position)
        return json.loads(self._spool.file.readline())


PACKED = ".gz"
_BLOCK = 1 << 20
_BEGINNING = 100_000
_LONGEST_EMPTY = 4096
"""Bytes of a file that may hold nothing but spaces."""
_MOST_UNPACKED = 8_000_000_000
_LEAST_REFUSED = 100_000_000
_MOST_TIMES = 200
"""Bytes that a packed file may have once unpacked, at least and for each of its own. Texts have 20
for each at most; more is nearly always an archive made to fill a disk."""


def inner_path(path: Path) -> Path:
    """The path without the ending `.gz`."""
    return path.with_suffix("") if path.suffix.lower() == PACKED else path


def first_bytes(path: Path) -> bytes:
    """The beginning of a file, of a packed one of what is in it, some 100 kilobytes.

    Where these are blank it begins later. It is empty where the file cannot be read or unpacked,
    which whoever reads all of it says.
    """
    is_packed = path.suffix.lower() == PACKED
    try:
        with gzip.open(path) if is_packed else path.open("rb") as raw:
            block: bytes = raw.read(_BEGINNING)
            while block and not block.strip():
                block = raw.read(_BEGINNING)
            return block
    except (OSError, EOFError, zlib.error):
        return b""


def is_empty(path: Path) -> bool:
    """Whether a file, once unpacked, holds nothing but spaces and ends of lines."""
    try:
        with (gzip.open if path.suffix.lower() == PACKED else Path.open)(path, "rb") as file:
            beginning = bytes(file.read(_LONGEST_EMPTY + 1))
    except (OSError, EOFError, zlib.error):
        return False  # reading it says more
    whole = len(beginning) <= _LONGEST_EMPTY
    return whole and not beginning.removeprefix(codecs.BOM_UTF8).strip()


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """A file, or a temporary one with the content of a file that ends in `.gz`.

    Raises:
        InputError: it is no such archive, or too large once unpacked.
    """
    if path.suffix.lower() != PACKED:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="metier-") as folder:
        plain = Path(folder) / inner_path(path).name
        most = min(_MOST_UNPACKED, max(_LEAST_REFUSED, _MOST_TIMES * path.stat().st_size))
        try:
            with gzip.open(path) as packed, plain.open("wb") as out:
                while block := packed.read(_BLOCK):
                    most -= out.write(block)
                    if most < 0:
                        raise InputError(
                            f"{path.name} is too large once unpacked.",
                            why="It has far more bytes than texts of its size have.",
                            fix="Unpack it, look at it, and read what is in it.",
                        )
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InputError(
                f"{path.name} cannot be unpacked ({error}).",
                why="It is another kind of file, or it was not written to its end.",
                fix="Download or pack it again.",
            ) from None
        yield plain
