"""Texts: what a workflow works on. One normal form for strings, records, frames and files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, overload

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from metier.errors import InputError, close_names
from metier.texts.checks import lone_surrogate, problem_of, refuse

TEXT_FIELDS = ("text", "content", "body", "note", "description", "contents")
ID_FIELDS = ("id", "_id", "doc_id", "document_id", "uid")


@dataclass(frozen=True, slots=True)
class Item:
    """One text with its id and the other fields of its row.

    Attributes:
        id: the row's own id, or its position counted from 1 as a string.
        text: never empty.
        fields: everything else the row held, as it was.
    """

    id: str
    text: str
    fields: Mapping[str, Any] = field(default_factory=dict)


class Texts(Sequence[Item]):
    """A checked sequence of items: every text is non-empty, valid Unicode and of sane length.

    A parameter of this type accepts a list of strings, a list of records (mappings), a pandas or
    polars frame, an Arrow table, or another `Texts`. On the command line it becomes a file.

    Attributes:
        source: where the texts came from, for messages.
        skipped: ids of rows left out because they could not be used.
    """

    def __init__(
        self, items: Sequence[Item], *, source: str = "the input", skipped: Sequence[str] = ()
    ) -> None:
        self._items = tuple(items)
        self.source = source
        self.skipped = tuple(skipped)

    @classmethod
    def of(
        cls,
        rows: object,
        *,
        text_field: str | None = None,
        id_field: str | None = None,
        skip_invalid: bool = False,
        source: str = "the input",
    ) -> Self:
        """Make texts of strings, records or a frame.

        Args:
            rows: sequence of strings, sequence of mappings, or a frame with `to_dict`/`to_dicts`.
            text_field: the field that holds the text; found by its name if not given.
            id_field: the field that holds the id; found by its name if not given.
            skip_invalid: leave out unusable texts (named in `skipped`) rather than fail.
            source: named in messages.

        Raises:
            InputError: nothing in it, no such field, or a text that cannot be used.
        """
        if isinstance(rows, cls):
            return rows
        if isinstance(rows, Texts):
            return cls(rows._items, source=rows.source, skipped=rows.skipped)
        records = _records(rows, source)
        if not records:
            raise InputError(
                f"There is no text in {source}.",
                why="The file or list is empty, or holds only a header or blank lines.",
                fix="Give at least one text.",
            )
        text_key = text_field or _find_field(records[0], TEXT_FIELDS)
        if text_key is None or not any(text_key in record for record in records):
            raise _missing_field(text_key, records[0], source, option="text_field")
        id_key = id_field or _find_field(records[0], ID_FIELDS)
        if id_field is not None and not any(id_field in record for record in records):
            raise _missing_field(id_field, records[0], source, option="id_field")
        return cls._checked(records, text_key, id_key, skip_invalid, source)

    @classmethod
    def _checked(
        cls,
        records: Sequence[Mapping[str, Any]],
        text_key: str,
        id_key: str | None,
        skip_invalid: bool,
        source: str,
    ) -> Self:
        items: list[Item] = []
        problems: list[tuple[str, str]] = []
        seen: dict[str, int] = {}
        for number, record in enumerate(records, start=1):
            own_id = record.get(id_key) if id_key else None
            name = str(number) if own_id is None else str(own_id)
            text = record.get(text_key)
            wrong = problem_of(text)
            if lone_surrogate(name) is not None:
                wrong = "has an id that is not valid Unicode"
                name = name.encode("utf-8", "replace").decode()
            if wrong is None and name in seen:
                wrong = f"has the same id as row {seen[name]}"
            if wrong is not None or not isinstance(text, str):
                problems.append((f"row {number}" + (f" ({name})" if own_id else ""), wrong or ""))
                continue
            seen[name] = number
            rest = {key: value for key, value in record.items() if key not in (text_key, id_key)}
            items.append(Item(name, text, rest))
        if problems and not (skip_invalid and items):
            raise refuse(problems, len(records), source)
        return cls(items, source=source, skipped=[place for place, _ in problems])

    @property
    def strings(self) -> list[str]:
        """The bare texts, in order."""
        return [item.text for item in self._items]

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Item, ...]: ...
    def __getitem__(self, index: int | slice) -> Item | tuple[Item, ...]:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} texts of {self.source})"

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source_type: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(cls.of)


class Documents(Texts):
    """Texts where a plain-text file is one document, not one text a line."""


def _records(rows: object, source: str) -> list[Mapping[str, Any]]:
    if isinstance(rows, str | bytes):
        raise InputError(
            f"What {source} holds is one {type(rows).__name__}, not a list of texts.",
            fix="Put it in a list: [text]. To read a file, use metier.Texts.read(path).",
        )
    for method in ("to_dicts", "to_pylist"):  # polars frame, Arrow table
        if hasattr(rows, method):
            return list(getattr(rows, method)())
    if hasattr(rows, "to_dict") and hasattr(rows, "columns"):  # pandas frame
        return list(rows.to_dict("records"))
    if isinstance(rows, Mapping) or not hasattr(rows, "__iter__"):
        raise InputError(
            f"What {source} holds is a {type(rows).__name__}, not a list of texts.",
            fix="Pass a list of strings, a list of records or a data frame.",
        )
    records: list[Mapping[str, Any]] = []
    for number, row in enumerate(rows, start=1):
        if isinstance(row, Item):
            records.append({"id": row.id, "text": row.text, **row.fields})
        elif isinstance(row, str) or row is None:
            records.append({"text": row})
        elif isinstance(row, Mapping):
            records.append(row)
        else:
            raise InputError(
                f"Row {number} of {source} is a {type(row).__name__}, not a string or a record.",
                fix="Pass strings, or mappings with a text field.",
            )
    return records


def _find_field(record: Mapping[str, Any], names: Sequence[str]) -> str | None:
    by_lower = {str(key).lower(): key for key in record}
    for name in names:
        if name in by_lower:
            return str(by_lower[name])
    return None


def _missing_field(
    name: str | None, record: Mapping[str, Any], source: str, *, option: str
) -> InputError:
    columns = [str(key) for key in record]
    flag = "--" + option.replace("_", "-")
    if name is None:
        what = f"Which field of {source} holds the text?"
    else:
        what = f"There is no field {name!r} in {source}."
    close = close_names(name, columns) if name else []
    why = f"Its fields are: {', '.join(columns) or 'none'}."
    if close:
        why += f" Did you mean {close[0]!r}?"
    return InputError(what, why=why, fix=f"Name it with {flag} (in Python: {option}=...).")
