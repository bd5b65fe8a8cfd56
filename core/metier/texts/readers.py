"""The readers metier brings: txt and md, csv, jsonl, parquet."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from metier.errors import InputError, MissingExtraError
from metier.texts.reader import Reader, Row, decode

_LINE_BREAK = re.compile(r"\r\n|\n|\r")  # str.splitlines also breaks at characters inside texts

_csv_limit = threading.Lock()
"""Held while the csv module's longest field, which is one for the whole program, is raised."""

_JSON_KINDS: dict[type, str] = {list: "an array", bool: "true or false", type(None): "null"}


def builtin_readers() -> tuple[Reader, ...]:
    """The readers that need no plugin."""
    return (
        Reader("text", (".txt", ".md"), _text_file, _whole_file),
        Reader("csv", (".csv", ".tsv"), _csv_rows),
        Reader("jsonl", (".jsonl", ".ndjson"), _json_file),
        Reader("parquet", (".parquet",), _parquet_rows),
    )


def text_lines(raw: bytes, name: str) -> Iterator[Row]:
    """One text a line; blank lines only separate."""
    for number, line in enumerate(_LINE_BREAK.split(decode(raw, name)), start=1):
        if line.strip():
            yield {"id": f"{name}:{number}", "text": line}


def _text_file(path: Path) -> Iterator[Row]:
    yield from text_lines(path.read_bytes(), path.name)


def _whole_file(path: Path) -> Row:
    return {"id": path.name, "text": decode(path.read_bytes(), path.name)}


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


def _json_file(path: Path) -> Iterator[Row]:
    yield from json_lines(path.read_bytes(), path.name)


def json_lines(raw: bytes, name: str) -> Iterator[Row]:
    """One JSON object (or string) a line; blank lines only separate."""
    for number, line in enumerate(decode(raw, name).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(
                f"{name}, line {number}: not valid JSON ({error}).",
                why="A .jsonl file holds one JSON object a line.",
                fix="Mend that line. A file that is one big JSON array is not JSON lines.",
            ) from None
        if isinstance(row, str):
            row = {"text": row}
        if not isinstance(row, dict):
            raise InputError(
                f"{name}, line {number}: {_JSON_KINDS.get(type(row), 'a number')}, not an object.",
                fix='Write one object a line, such as {"id": "1", "text": "..."}.',
            )
        yield row


def _parquet_rows(path: Path) -> Iterator[Row]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise MissingExtraError("Reading .parquet files", "tables", "pyarrow") from None
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches():
                yield from batch.to_pylist()
    except (ArrowException, OSError) as error:
        raise InputError(
            f"{path.name} is not a readable Parquet file ({str(error).splitlines()[0]}).",
            fix="Check that the file is complete; write it again with pandas or pyarrow.",
        ) from None
