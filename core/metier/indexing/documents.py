"""From what a caller has to documents, as many as there are, a window at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from metier.errors import InputError
from metier.indexing.field_values import content_id
from metier.texts.rows import Item, field_of_id, rows_of
from metier.texts.stream import TextStream
from metier.texts.texts import Documents, Texts

WINDOW = 1024
"""Rows that are read and checked together."""


def source_of(given: object, source: str | None) -> str:
    """What documents came from: what the caller says, else what texts say of themselves.

    Bytes of a file's name that are no valid Unicode are written out.
    """
    name = source or (given.source if isinstance(given, Texts | TextStream) else "the input")
    return name.encode("utf-8", "backslashreplace").decode()


def generate_id(row: object) -> str:
    """The id of a row, a text or a record, that has none: it keeps it wherever it stands."""
    if isinstance(row, Mapping):
        return content_id({str(key): value for key, value in row.items()})
    return content_id(row)


def documents_of(given: object, source: str, *, window: int = WINDOW) -> Iterator[Item]:
    """The documents of texts, strings, records, a frame, or an iterable without end.

    A row without an id of its own gets one made of its content, so that it keeps it wherever it
    stands; of equal rows without ids there is one.

    Args:
        given: `Texts`, a `TextStream`, or rows as `Texts.of` takes them; an iterator is read as it
            is needed.
        source: named in messages.
        window: rows that are checked together.

    Raises:
        InputError: a text that cannot be used, or an id that two documents have.
    """
    if isinstance(given, Texts | TextStream):
        yield from given
        return
    rows = rows_of(given, source)
    seen: set[str] = set()
    made: set[str] = set()
    begun = 0
    while part := list(islice(rows, window)):
        place = f"{source}, from row {begun + 1} on" if begun else source
        begun += len(part)
        named = _named(part, made)
        if not named:
            continue  # nothing but what came before
        for item in Documents.of(named, source=place):
            if item.id in seen:
                raise InputError(
                    f"Two documents of {source} have the id {item.id!r}.",
                    fix="Give each document an id of its own.",
                )
            seen.add(item.id)
            yield item


def _named(rows: list[Any], made: set[str]) -> list[Any]:
    """The rows, each with an id; equal ones without an id of their own once.

    Args:
        rows: strings, records or items.
        made: the ids that were made of what came before; those of these are added.
    """
    given: list[Any] = []
    for row in rows:
        if isinstance(row, str) or (isinstance(row, Mapping) and _has_no_id(row)):
            named = generate_id(row)
            if named not in made:
                made.add(named)
                given.append(_with_id(row, named))
        else:
            given.append(row)
    return given


def _with_id(row: str | Mapping[Any, Any], named: str) -> Item | dict[str, Any]:
    if isinstance(row, str):
        return Item(named, row)
    record = {str(key): value for key, value in row.items()}
    return {**record, field_of_id([record]) or "id": named}


def _has_no_id(row: Mapping[Any, Any]) -> bool:
    key = field_of_id([row])
    return key is None or row[key] in (None, "")
