"""The readers metier brings: txt and md, csv, jsonl, parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

from metier.errors import InputError, MissingExtraError
from metier.texts.reader import Reader, Row, decode


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
    for number, line in enumerate(decode(raw, name).splitlines(), start=1):
        if line.strip():
            yield {"id": f"{name}:{number}", "text": line}


def _text_file(path: Path) -> Iterator[Row]:
    yield from text_lines(path.read_bytes(), path.name)


def _whole_file(path: Path) -> Row:
    return {"id": path.name, "text": decode(path.read_bytes(), path.name)}


def _csv_rows(path: Path) -> Iterator[Row]:
    text = decode(path.read_bytes(), path.name)
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    # A field may be as long as a text may be; the csv module's own limit is 128 KiB.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in rows:
            if None in row:
                raise InputError(
                    f"{path.name}, line {rows.line_num}: the row has more fields than the header.",
                    why="Usually a text with commas that is not in double quotes.",
                    fix="Quote the texts, or save the file again from the program it came from.",
                )
            yield row
    except csv.Error as error:
        raise InputError(
            f"{path.name}, line {rows.line_num}: not valid CSV ({error}).",
            why="Usually a double quote that is never closed.",
            fix="Save the file again as CSV with quoted texts, or use .jsonl.",
        ) from None


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
                f"{name}, line {number}: a {type(row).__name__}, not an object.",
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
