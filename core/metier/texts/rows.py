"""Rows of strings, records and frames, and which of their fields hold the text and the id."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from metier.close_names import did_you_mean
from metier.errors import ErrorPosition, InputError
from metier.texts.checks import is_missing

TITLE_FIELDS = ("title", "headline", "subject")


@dataclass(frozen=True, slots=True)
class Item:
    """One text with its id and the other fields of its row.

    Attributes:
        id: the row's own id as a string, or its position counted from 1.
        text: never empty.
        fields: everything else the row held, as it was.
    """

    id: str
    text: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str | None:
        """The row's field `title`, `headline` or `subject` on one line; None if it has none."""
        by_lower = {name.lower(): value for name, value in self.fields.items()}
        for name in TITLE_FIELDS:
            value = by_lower.get(name)
            if isinstance(value, str) and value.strip():
                return " ".join(value.split())
        return None


TEXT_FIELDS = ("text", "content", "body", "note", "description", "contents")
QUERY_FIELDS = ("query", "question", *TEXT_FIELDS)
"""Fields that hold the text where the texts are queries."""
ID_FIELDS = ("id", "_id", "doc_id", "document_id", "uid")


class Keys(NamedTuple):
    """The field of the text and that of the id; None where there is none."""

    text: str | None
    id: str | None


NO_KEYS = Keys(None, None)


def keys_of(
    fields: Iterable[str],
    *,
    text_field: str | None,
    id_field: str | None,
    text_fields: Sequence[str] = TEXT_FIELDS,
) -> Keys:
    """The fields that the caller names, else those found by their names; not checked.

    Args:
        fields: of the rows.
        text_field: that holds the text, as the caller names it.
        id_field: that holds the id, as the caller names it.
        text_fields: names of fields that hold the text, the first found wins.

    Raises:
        InputError: the names of several fields differ only in case (`Text`, `text`).
    """
    names = list(fields)
    for option, field_name, known in (
        ("text_field", text_field, _known_field(names, text_fields)),
        ("id_field", id_field, _known_field(names, ID_FIELDS)),
    ):
        alike = [name for name in names if known and name.lower() == known.lower()]
        if field_name is None and len(alike) > 1:
            raise InputError(
                f"The fields {' and '.join(map(repr, alike))} have the same name but for case.",
                why="It is not clear which of them to read.",
                fix=f"Name it with ${option}",
                parameters={option: ...},
            )
    return Keys(
        text_field or _known_field(names, text_fields), id_field or _known_field(names, ID_FIELDS)
    )


def field_of_id(records: Iterable[Mapping[Any, Any]]) -> str | None:
    """The field that holds the ids of records, found by its name."""
    return _known_field(dict.fromkeys(str(key) for record in records for key in record), ID_FIELDS)


def id_as_string(value: object) -> str | None:
    """An id as a string; None where it is missing.

    Equal ids give equal strings: 7, numpy.int64(7), Decimal(7) and 7.0 are `7`, since tables with
    gaps hold whole numbers as floats, and gaps as NaN. A member of an Enum is its value.
    """
    if isinstance(value, Enum):
        value = value.value
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        value = value.item() if value.dtype.kind in "biufU" else value  # type: ignore[attr-defined]
    if is_missing(value) or (isinstance(value, str) and not value):
        return None
    if isinstance(value, float | Decimal) and value == value // 1:
        return str(int(value))
    return str(value)


def require_id(value: object, row: int) -> None:
    """Refuse an id that is several values, or bytes.

    Raises:
        InputError: it is one of these.
    """
    several = isinstance(value, bytes | bytearray | Mapping | Set | list | tuple)
    if several or getattr(value, "ndim", False) or hasattr(value, "columns"):
        raise InputError(
            f"The id of row {row} is of type {type(value).__name__}.",
            why="An id is a string or a number.",
            fix="Make it one, or name another field with $id_field",
            position=ErrorPosition(row=row),
            parameters={"id_field": ...},
        )


def missing_field(
    name: str | None, fields: Sequence[str], source: str, *, option: str, longest: str | None = None
) -> InputError:
    """The error for a field that is missing, or for a text field that was not found by its name.

    Args:
        name: of the field; None where nobody named one.
        fields: that there are.
        source: of the rows.
        option: that names the field.
        longest: of the fields, the one with the longest strings.
    """
    if name is None:
        what = f"Which field of {source} holds the text?"
    else:
        what = f"There is no field {name!r} in {source}."
    why = f"Its fields are: {', '.join(fields) or 'none'}."
    if name and (hint := did_you_mean(name, fields)):
        why += f" {hint}"
    if longest is not None and len(fields) > 1:
        why += f" The longest strings are in {longest!r}."
    separator = next((mark for mark in ";\t|" if len(fields) == 1 and mark in fields[0]), None)
    if separator is not None:
        why += f" That one holds {separator!r}: a .csv is separated by commas, a .tsv by tabs."
    return InputError(
        what,
        why=why,
        fix=f"Name it with ${option}",
        code="field-not-found",
        position=ErrorPosition(source=source, parameter=option),
        parameters={option: ...},
    )


def _known_field(fields: Iterable[str], names: Sequence[str]) -> str | None:
    by_lower = {field.lower(): field for field in reversed(list(fields))}
    return next((by_lower[name] for name in names if name in by_lower), None)


InputRow = str | Mapping[Any, Any] | Item | None
"""A row as the caller or a file has it; None where it is missing."""

_READ = "To read a file or a folder, use metier.Texts.read(path) or metier.Documents.read(path)."


def rows_of(rows: object, source: str) -> Iterator[InputRow]:
    """Each row as it is, None where it is missing.

    Args:
        rows: strings, mappings or items; a pandas or polars frame or column, or an Arrow table.
        source: named in messages.

    Raises:
        InputError: it holds no rows, or something that is not a row.
    """
    for number, row in enumerate(_iterable(rows, source), start=1):
        yield row_of(row, number, source)


def row_of(row: object, number: int, source: str) -> InputRow:
    """A row as it is, None where it is missing.

    Raises:
        InputError: it is neither a string, a mapping nor an item.
    """
    if is_missing(row):
        return None
    if isinstance(row, str | Mapping | Item):
        return row
    raise InputError(
        f"Row {number} of {source} is of type {type(row).__name__}, not a string or a record.",
        fix="Pass strings, or mappings with a text field.",
        position=ErrorPosition(source, row=number),
    )


def _iterable(rows: Any, source: str) -> Any:
    if isinstance(rows, str | bytes):
        raise InputError(
            f"What {source} holds is one {type(rows).__name__}, not a list of texts.",
            fix=f"Put it in a list: [text]. {_READ}",
        )
    if isinstance(rows, os.PathLike):
        raise InputError(f"What {source} holds is a path, not a list of texts.", fix=_READ)
    columns = [str(name) for name in getattr(rows, "column_names", getattr(rows, "columns", ()))]
    if len(set(columns)) < len(columns):
        raise InputError(
            f"Columns of {source} have the same name: {', '.join(columns)}.",
            why="It is not clear which of them to read.",
            fix="Give every column a name of its own.",
        )
    for method in ("to_dicts", "to_pylist"):  # polars frame, Arrow table or column
        if hasattr(rows, method):
            return getattr(rows, method)()
    if hasattr(rows, "to_dict") and hasattr(rows, "columns"):  # pandas frame
        index = getattr(rows, "index", None)
        levels = [name for name in getattr(index, "names", ()) if name and name not in columns]
        if levels:  # as after set_index("id")
            rows = rows.reset_index(level=levels)
        # its gaps are NaN, NaT or NA, depending on the column
        return rows.astype(object).where(rows.notna(), None).to_dict("records")
    if isinstance(rows, Mapping | Set) or not hasattr(rows, "__iter__"):
        raise InputError(
            f"What {source} holds is of type {type(rows).__name__}, not a list of texts.",
            why="A set has no order." if isinstance(rows, Set) else None,
            fix="Pass a list of strings, a list of records or a data frame.",
        )
    return rows
