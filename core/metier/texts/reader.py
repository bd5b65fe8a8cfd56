"""`Reader`: how files of one format become rows. Plugins bring more through a hook."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from metier.errors import ErrorPosition, InputError
from metier.texts.checks import MAX_DOCUMENT_CHARACTERS

PAGE_STARTS = "page_starts"
"""Field of an item: the offset in its text at which each page begins, in order."""

CONVERTED_FROM = "converted_from"
"""Field of an item: the format of its file (`html`), if its lines are not those of the file."""

UNREAD = "unread"
"""Field of an item: parts of its file that could not be read (`pages 2-10 (...)`), as a list."""


DATA_SHEETS = "metier-data-sheets"
"""Property of a workbook that metier wrote: names of the sheets with its texts, as a JSON list."""


def page_at(fields: Mapping[str, Any], offset: int) -> int | None:
    """The page of a character, counted from 1; None where the item has no pages."""
    starts = page_starts(fields)
    return max(1, bisect_right(starts, offset)) if starts else None


def page_starts(fields: Mapping[str, Any]) -> Sequence[int]:
    """The offset at which each page of an item begins; empty where it has no pages."""
    starts = fields.get(PAGE_STARTS)
    return starts if isinstance(starts, list | tuple) else ()


def has_lines_of_file(fields: Mapping[str, Any]) -> bool:
    """Whether lines of the text are lines of its file."""
    return fields.get(CONVERTED_FROM) is None


Row = Mapping[str, Any]
"""A row of a file: its `text`, perhaps its `id` and `title`, and other fields."""

MOST_BYTES = 4 * MAX_DOCUMENT_CHARACTERS
"""Most bytes of a document: a character takes at most four in UTF-8."""

_CHECKED_BYTES = 8192
"""Bytes at the beginning of a file that are checked for binary content."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Yielded by a reader instead of a row that it cannot read, if it can continue.

    Attributes:
        location: in the file (`line 7`).
        error: raised unless such rows are skipped.
    """

    location: str
    error: InputError


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is not read, and why: rows of a file, or files of a folder.

    It is no error: `skipped` names it.

    Attributes:
        location: in the file (`line 7`), or of the file (`src/cart.swift`, `build/`, `*.png`);
            empty where the reason says it.
        reason: why it is not read, without words of the texts (`entered in error`). What has the
            same reason is counted together.
        detail: what of the reason applies, in a few words (`Swift`).
        count: of the files that the location names.
    """

    location: str
    reason: str
    detail: str = ""
    count: int = 1

    def __str__(self) -> str:
        """As `skipped` names it: `line 7 (entered in error)`."""
        why = f"{self.reason}: {self.detail}" if self.detail else self.reason
        if not self.location:
            return why
        return (
            f"{self.location} ({why})"
            if self.count == 1
            else f"{self.count} {self.location} ({why})"
        )


@dataclass(frozen=True, slots=True)
class SheetRow:
    """Yielded by a reader instead of a row, where a file may hold several tables.

    Attributes:
        sheet: name of the table.
        number: of the row in it, as the program shows it.
        cells: the row.
        is_data: whether the table is read where none is named: not where another has its texts.
    """

    sheet: str
    number: int
    cells: Row
    is_data: bool = True


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads files of one format as rows.

    Attributes:
        name: short and unique (`csv`).
        suffixes: lower-case file name endings with their dot (`.csv`).
        read: yields the rows of a file, each a mapping, or a `SheetRow` where a file may hold
            several tables. A row without an id of its own may get one made of the file's name,
            `notes.txt` or `notes.txt:7`. A `Fault` stands for a row that cannot be read, a
            `LeftOut` for what holds no text.
        read_document: the file as one row; None where a file is a table of documents.
        files: the files below a folder that should be read, and what is left out of it; None for
            all with a known suffix.
        text: whether its files are text. `plain` ones, which do not say in which encoding, are
            handed over in UTF-8, whatever they are written in; `marked` ones, such as HTML, where
            the caller names the encoding.
        recognizes: whether it reads a file with one of its suffixes, by the bytes that the file
            begins with (some 100 kilobytes, unpacked). Other files of the suffix are left to the
            reader that they have without it. None for all files with one of the suffixes.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[Path], Iterator[Row | SheetRow | Fault | LeftOut]]
    read_document: Callable[[Path], Row] | None = None
    files: Callable[[Path], Iterable[Path | LeftOut]] | None = None
    text: Literal["no", "plain", "marked"] = "no"
    recognizes: Callable[[bytes], bool] | None = None


def read_document_bytes(path: Path) -> bytes:
    """The bytes of a file that holds one document as text.

    Raises:
        InputError: it is longer than any document may be; it is not read then.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise too_long(path.name, f"{size / 1e6:,.0f} MB")
    return path.read_bytes()


def too_long(name: str, size: str) -> InputError:
    """The error for a document that is too long."""
    return InputError(
        f"{name} is too long for one document: {size}.",
        why=f"The limit is {MAX_DOCUMENT_CHARACTERS:,} characters. A longer file is nearly always "
        "an export of many documents.",
        fix="Divide it into files, or into rows of a .jsonl or .csv file.",
    )


def refuse_binary(beginning: bytes, name: str) -> None:
    """Refuse files that are not text.

    Args:
        beginning: some kilobytes of a file, or all of it.
        name: of the file.

    Raises:
        InputError: it is a PDF, or holds zero bytes.
    """
    if beginning.startswith(b"%PDF-"):
        raise InputError(
            f"{name} is not a text file: it is a PDF.",
            fix="Let its name end in .pdf.",
        )
    if b"\x00" in beginning[:_CHECKED_BYTES]:
        raise InputError(
            f"{name} is not a text file: it holds zero bytes.",
            why="It is a binary file (a spreadsheet, a PDF, an archive?) or UTF-16 text.",
            fix="Export it as UTF-8 .txt, .csv or .jsonl, or as .parquet.",
        )


def decode(raw: bytes, name: str) -> str:
    """Decode UTF-8 text with or without a byte order mark.

    Raises:
        InputError: the bytes are binary or not UTF-8.
    """
    refuse_binary(raw, name)
    try:
        return raw.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise not_utf8(name, error.start, raw.count(b"\n", 0, error.start) + 1) from None


def not_utf8(name: str, byte: int, line: int) -> InputError:
    """The error for a file in another encoding, with the position of the first invalid byte."""
    return InputError(
        f"{name} is not UTF-8: byte {byte} (line {line}) cannot be decoded.",
        position=ErrorPosition(name, line),
        why="It was saved in another encoding, or is not a text file at all.",
        fix="Convert it first: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW_FILE",
    )
