"""Tables of text and Parquet files: one row a record."""

from __future__ import annotations

import csv
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from metier.errors import ErrorPosition, InputError, MissingExtraError
from metier.texts.checks import MAX_DOCUMENT_CHARACTERS
from metier.texts.reader import Fault, Reader, Row
from metier.texts.readers.text_lines import numbered_lines, open_text

_BATCH = 1_000_000
"""Characters of records that are read together."""

_csv_limit = threading.Lock()
"""Held while the field size limit of the csv module is raised, which is global."""


def _csv_rows(path: Path) -> Iterator[Row | Fault]:
    with path.open("rb") as raw, open_text(raw, path.name, newline="") as text:
        records = _records(text, path)
        _, header = next(records, (0, []))
        header = [name.strip() for name in header]
        _refuse_repeated_columns(header, path.name)
        for number, record in records:
            yield _row(header, record, path.name, number)


def _records(text: TextIO, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not blank, with the number of its last line."""
    lines = numbered_lines(text, path.name)
    before, first = next(((number - 1, line) for number, line in lines if line.strip()), (0, ""))
    records = csv.reader(
        chain([first], (line for _, line in lines)), delimiter=_delimiter(path, first), strict=True
    )
    while batch := _batch(records, path.name, before):
        yield from batch


def _batch(records: Any, name: str, before: int) -> list[tuple[int, list[str]]]:
    """The next records, about a megabyte of them; none at the end."""
    batch: list[tuple[int, list[str]]] = []
    characters = 0
    with _long_fields():
        try:
            for record in records:
                if not record:
                    continue
                batch.append((before + records.line_num, record))
                characters += sum(map(len, record), len(record))
                if characters > _BATCH:
                    break
        except csv.Error as error:
            raise InputError(
                f"$position: not valid CSV ({error}).",
                position=ErrorPosition(name, before + records.line_num),
                why="Usually a double quote that is never closed.",
                fix="Save the file again as CSV with quoted texts, or use .jsonl.",
            ) from None
    return batch


def _delimiter(path: Path, header: str) -> str:
    """The character between the columns; with decimal commas, it is a semicolon."""
    if path.suffix.lower() == ".tsv":
        return "\t"
    return next((mark for mark in ",;\t|" if mark in header), ",")


@contextmanager
def _long_fields() -> Iterator[None]:
    """A field may be as long as a document may be; the csv module's own limit is 128 KiB."""
    with _csv_limit:
        before = csv.field_size_limit()
        csv.field_size_limit(max(before, MAX_DOCUMENT_CHARACTERS))
        try:
            yield
        finally:
            csv.field_size_limit(before)


def _row(header: Sequence[str], record: Sequence[str], name: str, number: int) -> Row | Fault:
    """A record that is too short lacks its last fields."""
    if len(record) > len(header):
        return Fault(
            f"line {number}",
            InputError(
                "$position: the row has more fields than the header.",
                position=ErrorPosition(name, number),
                why="Usually a text with commas that is not in double quotes.",
                fix="Quote the texts, or save the file again from the program it came from.",
            ),
        )
    return {**dict.fromkeys(header), **dict(zip(header, record, strict=False))}


def _refuse_repeated_columns(header: Sequence[str], name: str) -> None:
    for column, times in Counter(header).items():
        if column and times > 1:
            raise InputError(
                f"{name}: {times} columns have the name {column!r}.",
                why="It is not clear which of them to read.",
                fix="Give every column a name of its own.",
            )


CSV = Reader("csv", (".csv", ".tsv"), _csv_rows)


_PARQUET_BATCH = 1024
"""Rows that are read together."""


def _parquet_rows(path: Path) -> Iterator[Row]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise MissingExtraError("Reading .parquet files", "tables", "pyarrow") from None
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_PARQUET_BATCH):
                yield from batch.to_pylist()
    except (ArrowException, OSError) as error:
        message, *_ = str(error).split("\n")
        raise InputError(
            f"{path.name} is not a readable Parquet file ({message}).",
            fix="Check that the file is complete; write it again with pandas or pyarrow.",
        ) from None


PARQUET = Reader("parquet", (".parquet",), _parquet_rows)
