"""A file without a name: on disk as long as somebody holds it."""

from __future__ import annotations

import tempfile
import weakref
from io import SEEK_CUR, SEEK_SET, BufferedReader, RawIOBase
from typing import Any


class Spool:
    """Room for what would not fit into memory.

    Attributes:
        file: open for reading and writing.
    """

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 closed below
        weakref.finalize(self, self.file.close)

    def reader(self) -> BufferedReader:
        """All of it from the beginning, wherever others are in it."""
        return BufferedReader(_View(self))


class _View(RawIOBase):
    """A place of its own in the file."""

    def __init__(self, spool: Spool) -> None:
        super().__init__()
        self._spool = spool
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        self._place = offset + (self._place if whence == SEEK_CUR else 0)
        return self._place

    def readinto(self, buffer: Any) -> int:
        self._spool.file.seek(self._place)
        count: int = self._spool.file.readinto(buffer)
        self._place += count
        return count
