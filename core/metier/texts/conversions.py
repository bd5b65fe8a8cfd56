"""Documents converted from other kinds of files, kept on disk since converting takes long."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping

from metier.texts.origin import CONVERTED_FROM
from metier.texts.spool import Spool


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
