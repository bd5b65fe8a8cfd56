"""From what a caller has to documents, as many as there are, a window at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from metier.errors import InputError
from metier.indexing.values import content_id
from metier.texts.item import Item
from metier.texts.rows import rows_of
from metier.texts.texts import Documents, Texts, field_of_id

WINDOW = 1024
"""Rows that are read and checked together."""


def source_of(given: object, source: str | None) -> str:
    """What documents came from: what the caller says, else what `Texts` say of themselves."""
    return source or (given.source if isinstance(given, Texts) else "the input")


def documents_of(given: object, source: str, *, window: int = WINDOW) -> Iterator[Item]:
    """The documents of texts, strings, records, a frame, or an iterable without end.

    A row without an id of its own gets one made of its content, so that it keeps it wherever it
    stands; of equal rows without ids there is one.

    Args:
        given: `Texts`, or rows as `Texts.of` takes them; an iterator is read as it is needed.
        source: named in messages.
        window: rows that are checked together.

    Raises:
        InputError: a text that cannot be used, or an id that two documents have.
    """
    if isinstance(given, Texts):
        yield from given
        return
    rows = rows_of(given, source)
    seen: set[str] = set()
    begun = 0
    while part := list(islice(rows, window)):
        place = f"{source}, from row {begun + 1} on" if begun else source
        begun += len(part)
        for item in Documents.of(_named(part), source=place):
            if item.id in seen:
                raise InputError(
                    f"Two documents of {source} have the id {item.id!r}.",
                    fix="Give each document an id of its own.",
                )
            seen.add(item.id)
            yield item


def _named(rows: list[Any]) -> list[Any]:
    """The rows, each with an id; equal ones without an id of their own once."""
    named: dict[str, Any] = {}
    given: list[Any] = []
    for row in rows:
        if isinstance(row, str):
            made = content_id(row)
            if made not in named:
                named[made] = row
                given.append(Item(made, row))
        elif isinstance(row, Mapping) and _has_no_id(row):
            record = {str(key): value for key, value in row.items()}
            made = content_id(record)
            if made not in named:
                named[made] = row
                given.append({**record, field_of_id([record]) or "id": made})
        else:
            given.append(row)
    return given


def _has_no_id(row: Mapping[Any, Any]) -> bool:
    key = field_of_id([row])
    return key is None or row[key] in (None, "")
