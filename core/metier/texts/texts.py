"""Texts: what a workflow works on. One normal form for strings, records, frames and files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, overload

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from metier.errors import InputError, close_names
from metier.texts.checks import (
    MAX_CHARACTERS,
    MAX_DOCUMENT_CHARACTERS,
    is_missing,
    lone_surrogate,
    problem_of,
    refuse,
)
from metier.texts.item import Item
from metier.texts.rows import rows_of

if TYPE_CHECKING:
    from metier.texts.reader import Reader

TEXT_FIELDS = ("text", "content", "body", "note", "description", "contents")
ID_FIELDS = ("id", "_id", "doc_id", "document_id", "uid")


class Texts(Sequence[Item]):
    """A checked sequence of items: every text is non-empty, valid Unicode and of sane length.

    A parameter of this type accepts a list of strings, a list of records (mappings), a pandas or
    polars frame, an Arrow table, or another `Texts`. On the command line it becomes a file.

    Attributes:
        source: where the texts came from, for messages.
        skipped: what was left out because it could not be used: rows (`row 7`, with the id if it
            has one) and files of a folder (`sub/notes.xyz`).
    """

    max_characters: ClassVar[int] = MAX_CHARACTERS

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
            rows: strings, mappings, items of other texts, or a frame (pandas, polars, Arrow).
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
        given = list(rows_of(rows, source))
        if not given:
            raise InputError(
                f"There is no text in {source}.",
                why="The file or list is empty, or holds only a header or blank lines.",
                fix="Give at least one text.",
            )
        records = [row for row in given if isinstance(row, Mapping)]
        fields = _fields_of(records)
        text_key = text_field or _known_field(fields, TEXT_FIELDS)
        if (records or text_field) and text_key not in fields:
            raise _missing_field(text_key, fields, source, option="text_field")
        if id_field is not None and id_field not in fields:
            raise _missing_field(id_field, fields, source, option="id_field")
        id_key = id_field or _known_field(fields, ID_FIELDS)
        return cls._checked([_parts(row, text_key, id_key) for row in given], skip_invalid, source)

    @classmethod
    def read(
        cls,
        path: str | Path,
        *,
        readers: Sequence[Reader] = (),
        text_field: str | None = None,
        id_field: str | None = None,
        skip_invalid: bool = False,
    ) -> Self:
        """Read a file, every readable file of a folder, or standard input (`-`).

        Args:
            path: txt, md, csv, tsv, jsonl, ndjson, parquet, html, pdf, docx, or what `readers`
                know.
            readers: more readers, such as those of plugins: `Runtime.readers()`.
            text_field: see `of`.
            id_field: see `of`.
            skip_invalid: see `of`.

        Raises:
            UsageError: no such file, or no reader for its suffix.
            InputError: the content cannot be used.
        """
        from metier.texts.files import read_texts  # here: it stands on this module

        return read_texts(
            path,
            cls,
            readers=readers,
            text_field=text_field,
            id_field=id_field,
            skip_invalid=skip_invalid,
        )

    @classmethod
    def _checked(cls, rows: Sequence[_Parts], skip_invalid: bool, source: str) -> Self:
        items: list[Item] = []
        problems: list[tuple[str, str]] = []
        seen: dict[str, int] = {}
        taken = {row.id for row in rows}
        for number, row in enumerate(rows, start=1):
            place = f"row {number}" if row.id is None else f"row {number} ({_printable(row.id)})"
            name = _position(number, taken) if row.id is None else row.id
            wrong = problem_of(row.text, cls.max_characters)
            if lone_surrogate(name) is not None:
                wrong = "has an id that is not valid Unicode"
            if wrong is None and name in seen:
                wrong = f"has the same id as row {seen[name]}"
            if wrong is not None:
                problems.append((place, wrong))
                continue
            seen[name] = number
            items.append(Item(name, row.text, row.fields))
        if problems and not (skip_invalid and items):
            raise refuse(problems, len(rows), source)
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
    """Texts where a plain-text file is one document, not one text a line.

    A document may be longer than other texts.
    """

    max_characters: ClassVar[int] = MAX_DOCUMENT_CHARACTERS


@dataclass(frozen=True, slots=True)
class _Parts:
    """A row taken apart: its own id, if it has one, its text, which is not checked, the rest."""

    id: str | None
    text: Any
    fields: Mapping[str, Any]


def _parts(row: object, text_key: str | None, id_key: str | None) -> _Parts:
    if isinstance(row, Item):
        return _Parts(row.id, row.text, row.fields)
    if not isinstance(row, Mapping):
        return _Parts(None, row, {})
    record = {str(key): value for key, value in row.items()}
    text = record.pop(text_key, None) if text_key else None
    own_id = record.pop(id_key, None) if id_key else None
    return _Parts(id_as_string(own_id), text, record)


def field_of_id(records: Iterable[Mapping[Any, Any]]) -> str | None:
    """The field that holds the ids of records where nobody names it."""
    return _known_field(_fields_of(records), ID_FIELDS)


def _fields_of(records: Iterable[Mapping[Any, Any]]) -> list[str]:
    return list(dict.fromkeys(str(key) for record in records for key in record))


def id_as_string(value: object) -> str | None:
    """An id as a string; tables with gaps hold whole numbers as floats, and gaps as NaN."""
    if is_missing(value) or (isinstance(value, str) and not value):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _position(number: int, taken: Iterable[str | None]) -> str:
    """The id of a row that has none; another row may have its number for an id of its own."""
    name = str(number)
    while name in taken:
        name = f"row-{name}"
    return name


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _known_field(fields: Iterable[str], names: Sequence[str]) -> str | None:
    by_lower = {field.lower(): field for field in reversed(list(fields))}
    return next((by_lower[name] for name in names if name in by_lower), None)


def _missing_field(
    name: str | None, fields: Sequence[str], source: str, *, option: str
) -> InputError:
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
