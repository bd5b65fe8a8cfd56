"""Which fields of a table hold its texts and their ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from metier.errors import InputError, close_names
from metier.texts.checks import is_missing

TEXT_FIELDS = ("text", "content", "body", "note", "description", "contents")
ID_FIELDS = ("id", "_id", "doc_id", "document_id", "uid")


class Keys(NamedTuple):
    """The field of the text and that of the id; None where there is none."""

    text: str | None
    id: str | None


def keys_of(fields: Iterable[str], *, text_field: str | None, id_field: str | None) -> Keys:
    """The fields that are named, else those that are found by their names; not checked."""
    every = list(fields)
    return Keys(
        text_field or _known_field(every, TEXT_FIELDS), id_field or _known_field(every, ID_FIELDS)
    )


def field_of_id(records: Iterable[Mapping[Any, Any]]) -> str | None:
    """The field that holds the ids of records where nobody names it."""
    return _known_field(dict.fromkeys(str(key) for one in records for key in one), ID_FIELDS)


def id_as_string(value: object) -> str | None:
    """An id as a string; tables with gaps hold whole numbers as floats, and gaps as NaN."""
    if is_missing(value) or (isinstance(value, str) and not value):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def missing_field(
    name: str | None, fields: Sequence[str], source: str, *, option: str
) -> InputError:
    """The error for a field that is not there, or that nobody named."""
    flag = "--" + option.replace("_", "-")
    if name is None:
        what = f"Which field of {source} holds the text?"
    else:
        what = f"There is no field {name!r} in {source}."
    close = close_names(name, fields) if name else []
    why = f"Its fields are: {', '.join(fields) or 'none'}."
    if close:
        why += f" Did you mean {close[0]!r}?"
    separator = next((one for one in ";\t|" if len(fields) == 1 and one in fields[0]), None)
    if separator is not None:
        why += f" That one holds {separator!r}: a .csv is separated by commas, a .tsv by tabs."
    return InputError(
        what, why=why, fix=f"Name it with {flag} (in Python: metier.Texts.of(rows, {option}=...))."
    )


def _known_field(fields: Iterable[str], names: Sequence[str]) -> str | None:
    by_lower = {field.lower(): field for field in reversed(list(fields))}
    return next((by_lower[name] for name in names if name in by_lower), None)
