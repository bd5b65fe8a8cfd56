"""The columns of an input beside what was found: no value is lost, and no name is taken twice."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import PlainSerializer
from pydantic_core import to_jsonable_python

from metier.results.table import Column
from metier.texts.checks import is_missing

PREFIX = "metier_"


def _jsonable(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in fields.items()}


def _plain(value: Any) -> Any:
    if is_missing(value):
        return None
    if hasattr(value, "tolist"):  # arrays and scalars of numpy
        value = value.tolist()
    if isinstance(value, float) and math.isinf(value):
        return str(value)  # JSON has no number for it
    return to_jsonable_python(value, fallback=str)


OwnFields = Annotated[Mapping[str, Any], PlainSerializer(_jsonable, when_used="json")]
"""Fields of a row of the input, as they were; in JSON dates and such are strings."""


def row_beside(found: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A row of what was found, followed by the row's own columns, which keep their names.

    What was found under the name of an own column is called `metier_...`.

    Args:
        found: names and values of the result.
        own: the other fields of the row in the input.
    """
    row = {found_name(name, own): value for name, value in found.items()}
    return row | dict(own)


def found_name(name: str, own: Iterable[str]) -> str:
    """The name of a column of the result beside columns of the input."""
    taken = set(own)
    while name in taken:
        name = PREFIX + name
    return name


def rows_beside(
    found: Iterable[Mapping[str, Any]], own: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Rows as `row_beside` makes them, with the same names in all: those taken in any are renamed.

    Args:
        found: one mapping per row.
        own: one mapping per row; rows may differ in their fields, and all get those of any.
    """
    fields = list(own)
    names = own_names(fields)
    return [
        row_beside(row, {name: values.get(name) for name in names})
        for row, values in zip(found, fields, strict=True)
    ]


def own_names(fields: Iterable[Mapping[str, Any]]) -> list[str]:
    """All names of fields, in the order in which they first appear."""
    return list(dict.fromkeys(name for values in fields for name in values))


def hidden_columns(fields: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    """Columns of a table for the fields of an input: shown where a row is opened."""
    return tuple(Column(name, hidden=True) for name in own_names(fields))


def hidden_cells(fields: Mapping[str, Any], columns: Sequence[Column]) -> tuple[object, ...]:
    """The cells of a row under `hidden_columns`."""
    values = (fields.get(column.name) for column in columns)
    return tuple(None if is_missing(value) else value for value in values)
