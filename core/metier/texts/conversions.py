"""A file without a name: on disk as long as somebody holds it."""

from __future__ import annotations

import json
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import SEEK_CUR, SEEK_SET, BufferedReader, RawIOBase
from typing import Any

from metier.texts.reader import CONVERTED_FROM


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


class Conversions:
    """Rows of converted files, which are gone with this object."""

    def __init__(self) -> None:
        self._spool: Spool | None = None

    def once(self, rows: Callable[[], Iterable[object]]) -> Callable[[], Iterable[object]]:
        """The rows of a file: if all of them were converted, those kept from the first reading."""
        kept: list[int] = []

        def read() -> Iterator[object]:
            if kept:
                yield from map(self._at, kept)
                return
            places: list[int] = []
            every = True
            for row in rows():
                place = self._keep(row) if every else None
                if place is None:
                    every = False
                else:
                    places.append(place)
                yield row
            if every:
                kept.extend(places)

        return read

    def _keep(self, row: object) -> int | None:
        """Where a row is kept; None for one that is read as fast from its own file."""
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
            place = self._spool.file.seek(0, 2)
            self._spool.file.write(line.encode() + b"\n")
            self._spool.file.flush()
        except OSError:  # no room: it has to be converted again
            return None
        return place

    def _at(self, place: int) -> object:
        assert self._spool is not None  # something was kept in it
        self._spool.file.seek(place)
        return json.loads(self._spool.file.readline())
