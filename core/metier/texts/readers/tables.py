"""Tables of text and Parquet files: one row a record."""

from __future__ import annotations

import csv
import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO

from metier.errors import ErrorPosition, InputError, MissingExtraError
from metier.texts.checks import MAX_DOCUMENT_CHARACTERS
from metier.texts.reader import Fault, Reader, Row
from metier.texts.readers.text_lines import numbered_lines, open_text
from metier.texts.rows import ID_FIELDS, TEXT_FIELDS

_BATCH = 1_000_000
"""Characters of records that are read together."""

_LONGEST_NAME = 60
"""Characters of the name of a column, where a text may be a table."""

_csv_limit = threading.Lock()
"""Held while the field size limit of the csv module is raised, which is global."""


_DELIMITERS = ",;\t|"
_SAMPLE = 20
"""Lines from which it is told how a table is written."""
_SEPARATOR = re.compile(r"[\"']?sep=(.)[\"']?\s*", re.IGNORECASE)
"""The first line of a table from Excel, which names what separates the columns."""


def _csv_file(path: Path) -> Iterator[Row | Fault]:
    with path.open("rb") as raw:
        yield from _csv_rows(raw, path.name)


def _tsv_file(path: Path) -> Iterator[Row | Fault]:
    with path.open("rb") as raw:
        yield from _csv_rows(raw, path.name, "\t")


def _csv_rows(
    raw: BufferedReader, name: str, delimiter: str | None = None
) -> Iterator[Row | Fault]:
    """One row a record, named by the header.

    Args:
        raw: at its beginning.
        name: of the file.
        delimiter: separates the columns; None to find it in the header.
    """
    with open_text(raw, name, newline="") as text:
        records = _records(text, name, delimiter)
        _, header = next(records, (0, []))
        header = [column.strip() for column in header]
        refuse_repeated_columns(header, name)
        for number, record in records:
            yield _row(header, record, name, number)


def begins_like_a_table(beginning: str, text_fields: Sequence[str]) -> bool:
    """Whether a text begins with a header and a record that fits it.

    A header has several short names, one of which is that of the text. Names that are there twice
    are refused by whoever reads the table.

    Args:
        beginning: of the text.
        text_fields: names of the field with the text, in any case.
    """
    lines = [line for line in beginning.splitlines() if line.strip()]
    separator = _SEPARATOR.fullmatch(lines[0]) if lines else None
    lines = lines[1:] if separator else lines
    if len(lines) < 2:
        return False
    delimiter = separator[1] if separator else _delimiter(lines[0])
    lines = [f"{line}\n" for line in lines]
    records = csv.reader(
        lines, delimiter=delimiter, skipinitialspace=_is_spaced(lines[:_SAMPLE], delimiter)
    )
    try:
        header = [column.strip() for column in next(records)]
        record = next(records)
    except (csv.Error, StopIteration):
        return False
    names = {column.lower() for column in header}
    return (
        1 < len(header) == len(record)
        and all(0 < len(column) <= _LONGEST_NAME for column in header)
        and not names.isdisjoint(name.lower() for name in text_fields)
    )


def _records(text: TextIO, name: str, delimiter: str | None) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not blank, with the number of its last line."""
    lines = numbered_lines(text, name)
    filled = ((number - 1, line) for number, line in lines if line.strip())
    before, first = next(filled, (0, ""))
    if (separator := _SEPARATOR.fullmatch(first)) is not None:
        delimiter = separator[1]
        before, first = next(filled, (0, ""))
    delimiter = delimiter or _delimiter(first)
    sample = [first, *(line for _, line in islice(lines, _SAMPLE - 1))]
    records = csv.reader(
        chain(sample, (line for _, line in lines)),
        delimiter=delimiter,
        skipinitialspace=_is_spaced(sample, delimiter),
        strict=True,
    )
    while batch := _batch(records, name, before):
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
                why="Usually a double quote that is never closed, or one that is written "
                '\\" inside of a quoted text, where CSV writes it twice ("").',
                fix="Save the file again as CSV with quoted texts, or use .jsonl.",
            ) from None
    return batch


def _delimiter(header: str) -> str:
    """The character between the columns: the one that gives the most columns of known names, or
    else the most columns."""

    def score(delimiter: str) -> tuple[int, int]:
        try:
            with _long_fields():
                columns = next(csv.reader([header], delimiter=delimiter), [])
        except csv.Error:
            return (0, 0)
        known = {column.strip().lower() for column in columns} & {*TEXT_FIELDS, *ID_FIELDS}
        return (len(known) if len(columns) > 1 else 0, len(columns))

    return max(_DELIMITERS, key=score)


def _is_spaced(lines: Sequence[str], delimiter: str) -> bool:
    """Whether spaces after the delimiters belong to no field: `id, "a, b"`.

    They do not if columns are named so, or if fields in quotes begin with them.

    Args:
        lines: the first of a table.
        delimiter: between its fields.
    """
    fields = [field for record in _parsed(lines, delimiter, False) or () for field in record[1:]]
    named = next(iter(_parsed(lines[:1], delimiter, False) or ()), [])[1:]
    if not any(field.startswith(" ") for field in named):
        fields = [field for field in fields if field.lstrip(" ").startswith('"')]
    return any(field.startswith(" ") for field in fields) and (
        _parsed(lines, delimiter, True) is not None
    )


def _parsed(lines: Sequence[str], delimiter: str, is_spaced: bool) -> list[list[str]] | None:
    """The records of the first lines of a table; None if it is not written so."""
    records = csv.reader(lines, delimiter=delimiter, skipinitialspace=is_spaced, strict=True)
    parsed: list[list[str]] = []
    with _long_fields():
        try:
            parsed.extend(records)
        except csv.Error as error:
            if "unexpected end of data" not in str(error):
                return None  # else the last record goes on behind these lines
    return parsed


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
    """A record that is too short lacks its last fields; one that is too long may end in empty ones.

    A field of a column without a name is named by its position, and left out where it is empty.
    """
    if any(record[len(header) :]):
        return Fault(
            f"line {number}",
            InputError(
                f"$position: the row has more fields than the header: {len(record)}, not "
                f"{len(header)}.",
                position=ErrorPosition(name, number),
                why="Usually a text with commas that is not in double quotes, or a first line that "
                f"is not the header. It is: {', '.join(header)[:_LONGEST_NAME]}",
                fix="Quote the texts, remove lines above the header, or save the file again from "
                "the program it came from.",
            ),
        )
    return named_cells(header, [*record, *[None] * (len(header) - len(record))])


def named_cells(header: Sequence[str], cells: Sequence[Any]) -> dict[str, Any]:
    """The cells of a row by the names of their columns.

    A cell of a column without a name is named by its position (`column 3`), and left out where it
    is empty.

    Args:
        header: the names, empty for a column without one.
        cells: as many as there are names, or more.
    """
    row = {column: cell for column, cell in zip(header, cells, strict=False) if column}
    for number, cell in enumerate(cells, start=1):
        if cell not in (None, "") and not (number <= len(header) and header[number - 1]):
            row.setdefault(f"column {number}", cell)
    return row


def refuse_repeated_columns(header: Sequence[str], name: str) -> None:
    """Refuse a table in which several columns have the same name."""
    for column, times in Counter(header).items():
        if column and times > 1:
            raise InputError(
                f"{name}: {times} columns have the name {column!r}.",
                why="It is not clear which of them to read.",
                fix="Give every column a name of its own.",
            )


CSV = Reader("csv", (".csv",), _csv_file, text="plain")
TSV = Reader("tsv", (".tsv", ".tab"), _tsv_file, text="plain")


_PARQUET_BATCH = 1024
"""Rows that are read together."""


def _parquet_rows(path: Path) -> Iterator[Row]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise MissingExtraError("Reading .parquet files", "tables", "pyarrow") from None
    try:
        with parquet.ParquetFile(path) as file:
            refuse_repeated_columns(file.schema_arrow.names, path.name)
            for batch in file.iter_batches(batch_size=_PARQUET_BATCH):
                yield from batch.to_pylist()
    except (ArrowException, OSError) as error:
        message, *_ = str(error).split("\n")
        raise InputError(
            f"{path.name} is not a readable Parquet file ({message}).",
            fix="Check that the file is complete; write it again with pandas or pyarrow.",
        ) from None


PARQUET = Reader("parquet", (".parquet",), _parquet_rows)
