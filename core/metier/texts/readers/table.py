"""Tables of text: a header, then one row a record."""

from __future__ import annotations

import csv
import io
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from metier.errors import InputError
from metier.texts.reader import Reader, Row, decode

_csv_limit = threading.Lock()
"""Held while the csv module's longest field, which is one for the whole program, is raised."""


def _csv_rows(path: Path) -> Iterator[Row]:
    text = decode(path.read_bytes(), path.name)
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    with _fields_up_to(len(text) + 1):
        try:
            header = [name.strip() for name in next((line for line in lines if line), [])]
            _refuse_repeated_columns(header, path.name)
            rows = [_csv_row(header, line, path.name, lines.line_num) for line in lines if line]
        except csv.Error as error:
            raise InputError(
                f"{path.name}, line {lines.line_num}: not valid CSV ({error}).",
                why="Usually a double quote that is never closed.",
                fix="Save the file again as CSV with quoted texts, or use .jsonl.",
            ) from None
    yield from rows


@contextmanager
def _fields_up_to(longest: int) -> Iterator[None]:
    """A field may be as long as a text may be; the csv module's own limit is 128 KiB."""
    with _csv_limit:
        before = csv.field_size_limit()
        csv.field_size_limit(max(before, longest))
        try:
            yield
        finally:
            csv.field_size_limit(before)


def _csv_row(header: Sequence[str], line: Sequence[str], name: str, number: int) -> Row:
    """A row that is too short lacks its last fields."""
    if len(line) > len(header):
        raise InputError(
            f"{name}, line {number}: the row has more fields than the header.",
            why="Usually a text with commas that is not in double quotes.",
            fix="Quote the texts, or save the file again from the program it came from.",
        )
    return {**dict.fromkeys(header), **dict(zip(header, line, strict=False))}


def _refuse_repeated_columns(header: Sequence[str], name: str) -> None:
    for column, times in Counter(header).items():
        if column and times > 1:
            raise InputError(
                f"{name}: {times} columns have the name {column!r}.",
                why="Which of them is meant cannot be told.",
                fix="Give every column a name of its own.",
            )


CSV = Reader("csv", (".csv", ".tsv"), _csv_rows)
