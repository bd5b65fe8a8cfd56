"""JSON lines: one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from metier.errors import InputError
from metier.texts.reader import Reader, Row, decode

_JSON_KINDS: dict[type, str] = {list: "an array", bool: "true or false", type(None): "null"}


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


def _json_file(path: Path) -> Iterator[Row]:
    yield from json_lines(path.read_bytes(), path.name)


JSON_LINES = Reader("jsonl", (".jsonl", ".ndjson"), _json_file)
