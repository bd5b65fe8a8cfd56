"""`Texts` and `Documents`: one form for strings, records, frames and files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, overload

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from metier.errors import UsageError
from metier.texts.checks import MAX_CHARACTERS, MAX_DOCUMENT_CHARACTERS, used_up
from metier.texts.parts import Part, ReadOptions
from metier.texts.rows import QUERY_FIELDS, TEXT_FIELDS, Item, Keys, rows_of
from metier.texts.stream import TextStream

if TYPE_CHECKING:
    from metier.texts.reader import Reader

T = TypeVar("T")


UNNAMED = "the input"
"""Source of texts that were read from no file."""


class Texts(Sequence[Item]):
    """A checked sequence of items: every text is non-empty, valid Unicode and of sane length.

    A parameter of this type accepts a list of strings, a list of records (mappings), a pandas or
    polars frame, an Arrow table, or another `Texts`. On the command line it becomes a file.

    Attributes:
        source: where the texts came from, for messages.
        skipped: what was left out because it could not be used: rows (`row 7`, with the id if it
            has one) and files of a folder (`sub/notes.xyz (no reader)`).
        files: what the texts were read from; empty where that was no file.
        keys: the names of the fields that hold the text and the id; None where there is none, where
            a reader made it, and where they differ from table to table.
    """

    max_characters: ClassVar[int] = MAX_CHARACTERS
    text_fields: ClassVar[tuple[str, ...]] = TEXT_FIELDS

    def __init__(
        self,
        items: Sequence[Item],
        *,
        source: str = UNNAMED,
        skipped: Sequence[str] = (),
        files: Sequence[Path] = (),
        keys: tuple[str | None, str | None] = (None, None),
    ) -> None:
        self._items = tuple(items)
        self.source = source
        self.skipped = tuple(skipped)
        self.files = tuple(files)
        self.keys = Keys(*keys)

    @classmethod
    def of(
        cls,
        rows: object,
        *,
        text_field: str | None = None,
        id_field: str | None = None,
        skip_invalid: bool = False,
        source: str = UNNAMED,
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
            return cls(
                rows._items,
                source=rows.source,
                skipped=rows.skipped,
                files=rows.files,
                keys=rows.keys,
            )
        checked = list(rows_of(rows, source))
        if not checked and not isinstance(rows, Sized):
            raise used_up(source)
        options = ReadOptions(
            cls.max_characters, text_field, id_field, skip_invalid, text_fields=cls.text_fields
        )
        return cls.whole(TextStream([Part(source, lambda: checked)], options, source=source))

    @classmethod
    def whole(cls, stream: TextStream) -> Self:
        """All texts of a stream, in memory."""
        return cls(
            tuple(stream),
            source=stream.source,
            skipped=stream.skipped,
            files=stream.files,
            keys=stream.keys,
        )

    @classmethod
    def read(
        cls,
        path: str | Path | Sequence[str | Path],
        *,
        readers: Sequence[Reader] = (),
        text_field: str | None = None,
        id_field: str | None = None,
        skip_invalid: bool = False,
        encoding: str | None = None,
        format: str | None = None,
    ) -> Self:
        """Read files, every readable file of folders, or standard input (`-`).

        Args:
            path: txt, md, csv, tsv, jsonl, ndjson, json, parquet, xlsx, html, pdf, docx, or what
                `readers` know; a folder; a pattern such as `notes/*.txt`; or a list of these,
                which are read as one input.
            readers: more readers; `Runtime.read` takes those of plugins.
            text_field: see `of`.
            id_field: see `of`.
            skip_invalid: see `of`.
            encoding: of text files without a byte order mark, such as `cp1252`; None to recognize
                it where it is not UTF-8.
            format: how to read standard input and single files, such as `csv`; None to go by
                their endings, and for standard input by its content.

        Raises:
            UsageError: no such file, or no reader for its suffix.
            UnknownNameError: no such encoding or format.
            InputError: the content cannot be used.

        Warns:
            MetierWarning: a file is read in another encoding than UTF-8 that nobody has named.
        """
        from metier.texts.files import read_texts  # here: it imports this module

        return read_texts(
            path,
            cls,
            readers=readers,
            text_field=text_field,
            id_field=id_field,
            skip_invalid=skip_invalid,
            encoding=encoding,
            format=format,
        )

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

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """What `of` takes of JSON: strings, or objects whose text is in the field `text`."""
        text = {"type": "string", "maxLength": cls.max_characters, "pattern": r"\S"}
        record = {
            "type": "object",
            "properties": {
                "id": {
                    "anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}],
                    "description": "Different in every object; the position if there is none.",
                },
                "text": text,
            },
            "required": ["text"],
            "additionalProperties": True,
        }
        return {"type": "array", "items": {"anyOf": [text, record]}, "minItems": 1}


class Documents(Texts):
    """Texts where a plain-text file is one document, not one text a line.

    A document may be longer than other texts.
    """

    max_characters: ClassVar[int] = MAX_DOCUMENT_CHARACTERS


class QueryTexts(Texts):
    """Texts that are queries: a field named `query` or `question` holds the text before others."""

    text_fields: ClassVar[tuple[str, ...]] = QUERY_FIELDS


def strings_of(texts: Iterable[str] | Texts, name: str) -> list[str]:
    """All strings in a list, which may be empty; see `iterate_strings`."""
    return list(iterate_strings(texts, name))


def iterate_strings(texts: Iterable[str] | Texts, name: str) -> Iterable[str]:
    """An iterable of strings as it is, and the strings of `Texts`.

    Args:
        texts: the argument of a call.
        name: of the parameter.

    Raises:
        UsageError: it is one string, a frame, a mapping, a set, or cannot be iterated over.
        InputError: it has no length and, when it is iterated over, gives nothing.
    """
    if isinstance(texts, str | bytes):
        raise UsageError(f"{name} is one string.", fix="Put it in a list: [text].")
    if isinstance(texts, Texts):
        return texts.strings
    if isinstance(texts, set | frozenset):
        raise UsageError(
            f"{name} is a set, which has no order.",
            why="It would not be known which result belongs to which text.",
            fix="Put them in a list: sorted(texts).",
        )
    frame = hasattr(texts, "columns")  # iterating over one gives its column names
    if frame or isinstance(texts, Mapping) or not isinstance(texts, Iterable):
        raise UsageError(
            f"{name} is of type {type(texts).__name__}, not a list of strings.",
            fix="Pass a list of strings, or metier.Texts.of(frame, text_field='...').",
        )
    return texts if isinstance(texts, Sized) else not_used_up(texts, name)


def not_used_up(items: Iterable[T], name: str) -> Iterator[T]:
    """Yield items of which there has to be at least one, see `used_up`."""
    is_empty = True
    for item in items:
        is_empty = False
        yield item
    if is_empty:
        raise used_up(name)
