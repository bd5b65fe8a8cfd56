"""The columns of an input beside what was found: no value is lost, and no name is taken twice."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, PlainSerializer

from metier.close_names import did_you_mean
from metier.errors import ParameterError, PluginError
from metier.results.plain_values import plain_value, python_value
from metier.results.table import Column, result_names

Content = TypeVar("Content")

_OTHER = (str, bytes, bytearray, memoryview, list, tuple, Set, Mapping)
"""Values that a table shows as JSON has them."""


def _jsonable(fields: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = plain_value(fields)
    return plain


OwnFields = Annotated[Mapping[str, Any], PlainSerializer(_jsonable, when_used="json")]
"""Fields of a row of the input, as they were; in JSON dates and such are strings."""


def row_beside(row: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A row of what was found, followed by the row's own columns, which keep their names.

    What was found under the name of an own column is called `metier_...`.

    Args:
        row: names and values of the result.
        own: the other fields of the row in the input.
    """
    names = result_names(row, own)
    return {names[name]: value for name, value in row.items()} | dict(own)


def rows_beside(
    rows: Iterable[Mapping[str, Any]], own: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Rows as `row_beside` makes them, with the same names in all: those taken in any are renamed.

    Args:
        rows: one mapping per row.
        own: one mapping per row; rows may differ in their fields, and all get those of any.
    """
    results, fields = list(rows), list(own)
    names = own_names(fields)
    renamed = result_names(own_names(results), names)
    return [
        {renamed[name]: value for name, value in row.items()}
        | {name: values.get(name) for name in names}
        for row, values in zip(results, fields, strict=True)
    ]


def own_names(fields: Iterable[Mapping[str, Any]]) -> list[str]:
    """All names of fields, in the order in which they first appear."""
    return list(dict.fromkeys(name for values in fields for name in values))


def hidden_columns(fields: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    """Columns of a table for the fields of an input: shown where a row is opened."""
    return tuple(Column(name, hidden=True, own=True) for name in own_names(fields))


def hidden_cells(fields: Mapping[str, Any], columns: Sequence[Column]) -> tuple[object, ...]:
    """The cells of a row under `hidden_columns`."""
    values = (python_value(fields.get(column.name)) for column in columns)
    return tuple(plain_value(value) if isinstance(value, _OTHER) else value for value in values)


def select_own_columns(
    result: Content, *, keep: Sequence[str] | None = None, drop: Sequence[str] = ()
) -> Content:
    """A result with some of the columns of the input only.

    Args:
        result: a result, or anything in one: models, dataclasses, lists, tuples and mappings.
        keep: names of the columns to keep, or one; None for all.
        drop: names of those to leave out, or one.

    Raises:
        ParameterError: the input has no column of this name.
        PluginError: the result holds its columns in something that none can be left out of.
    """
    keep = [keep] if isinstance(keep, str) else keep
    drop = [drop] if isinstance(drop, str) else drop
    known = own_names(_fields_of(result))
    for parameter, names in (("keep", keep or ()), ("drop", drop)):
        for name in names:
            if name not in known:
                raise ParameterError(
                    f"${parameter}: the input has no column {name!r}.",
                    why=did_you_mean(name, known)
                    or f"Its columns, besides text and id: {', '.join(known) or 'none'}.",
                    parameters={parameter: ...},
                )
    kept = {name for name in known if (keep is None or name in keep) and name not in drop}
    selected: Content = _selected(result, kept)
    left = [name for name in own_names(_fields_of(selected)) if name not in kept]
    if left:
        raise PluginError(
            f"The columns {', '.join(left)} cannot be left out of a {type(result).__name__}.",
            why="It holds rows in something else than models, dataclasses, lists, tuples and "
            "mappings.",
            fix="Report it to the authors of the plugin, or leave the columns out of the input.",
        )
    return selected


def own_columns_of(result: object) -> list[str]:
    """Names of the columns of the input that a result holds."""
    return own_names(_fields_of(result))


def _fields_of(content: Any) -> Iterator[Mapping[str, Any]]:
    """The mappings named `fields` in a result, wherever they are."""
    if isinstance(content, Mapping):
        content = tuple(content.values())
    if isinstance(content, list | tuple | Set | deque):
        for part in content:
            yield from _fields_of(part)
    for name, value in _attributes(content):
        if name == "fields" and isinstance(value, Mapping):
            yield value
        else:
            yield from _fields_of(value)


def _selected(content: Any, kept: Set[str]) -> Any:
    if isinstance(content, list | tuple):
        parts = [_selected(part, kept) for part in content]
        if hasattr(content, "_fields"):  # a named tuple
            return type(content)(*parts)
        return parts if isinstance(content, list) else tuple(parts)
    if isinstance(content, Mapping):
        return {name: _selected(part, kept) for name, part in content.items()}
    changed = {
        name: {field: value[field] for field in value if field in kept}
        if name == "fields" and isinstance(value, Mapping)
        else _selected(value, kept)
        for name, value in _attributes(content)
    }
    if isinstance(content, BaseModel):
        copied = content.model_copy(update=changed)
        for name in set(vars(copied)) - set(type(copied).model_fields):
            del vars(copied)[name]  # computed before, of all columns
        return copied
    return dataclasses.replace(content, **changed) if changed else content


def _attributes(content: Any) -> list[tuple[str, Any]]:
    """The attributes of models and dataclasses that may hold fields of the input."""
    if isinstance(content, BaseModel):
        names = [name for name in type(content).model_fields if name != "record"]
        names += content.model_extra or ()
    elif dataclasses.is_dataclass(content) and not isinstance(content, type):
        names = [field.name for field in dataclasses.fields(content) if field.init]
    else:
        return []
    return [(name, getattr(content, name)) for name in names]
