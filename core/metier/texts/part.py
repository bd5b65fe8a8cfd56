"""A part of the texts: a file of a folder, standard input, or what a caller has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from metier.texts.fields import Keys, id_as_string
from metier.texts.item import Item
from metier.texts.reader import Fault
from metier.texts.rows import Given, row_of


class Taken(NamedTuple):
    """A row taken apart.

    Attributes:
        number: which row of its part it is, counted from 1.
        id: its own, if it has one.
        text: not checked.
        fields: the rest of it.
        given: as it was.
    """

    number: int
    id: str | None
    text: Any
    fields: Mapping[str, Any]
    given: Given


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the texts.

    Attributes:
        name: for messages.
        rows: reads them, anew at each call.
        place: of a file in its folder; empty where this is the only part.
        is_table: whether its fields are named by whoever wrote it; else they are a reader's own.
    """

    name: str
    rows: Callable[[], Iterable[object]]
    place: str = ""
    is_table: bool = True

    def read(self, *, skip_faults: bool) -> Iterator[tuple[int, Given | Fault]]:
        """The rows with their numbers.

        Raises:
            InputError: the part cannot be read, or one of its rows cannot and may not be skipped.
        """
        for number, row in enumerate(self.rows(), start=1):
            if not isinstance(row, Fault):
                yield number, row_of(row, number, self.name)
            elif skip_faults:
                yield number, row
            else:
                raise row.error

    def place_of(self, row: str) -> str:
        """A row of it, for people: `row 7`, after the place of the part if it has one."""
        return f"{self.place}, {row}" if self.place else row


def taken_apart(given: Given, number: int, keys: Keys) -> Taken:
    """A row as its text, its id and the rest."""
    if isinstance(given, Item):
        return Taken(number, given.id, given.text, given.fields, given)
    if not isinstance(given, Mapping):
        return Taken(number, None, given, {}, given)
    fields = {str(key): value for key, value in given.items()}
    text = fields.pop(keys.text, None) if keys.text else None
    own_id = fields.pop(keys.id, None) if keys.id else None
    return Taken(number, id_as_string(own_id), text, fields, given)
