"""JSON lines: one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any

from metier.errors import ErrorPosition, InputError
from metier.texts.reader import Fault, Reader, Row, decode
from metier.texts.readers.text_lines import numbered_lines, open_text

_JSON_KINDS: dict[type, str] = {list: "an array", bool: "true or false", type(None): "null"}


def json_lines(raw: bytes, name: str) -> Iterator[Row]:
    """One JSON object (or string) a line; blank lines only separate.

    Raises:
        InputError: a line is neither.
    """
    for row in _rows(enumerate(decode(raw, name).split("\n"), start=1), name):
        if isinstance(row, Fault):
            raise row.error
        yield row


def json_rows(raw: BufferedReader, name: str) -> Iterator[Row | Fault]:
    """As `json_lines`, of a file that is read as it is needed."""
    with open_text(raw, name, newline="\n") as text:
        yield from _rows(numbered_lines(text, name), name)


def _rows(lines: Iterable[tuple[int, str]], name: str) -> Iterator[Row | Fault]:
    for number, line in lines:
        if not line.strip():
            continue
        try:
            # a line end would be counted as a line in messages
            row = json.loads(line.rstrip(), object_pairs_hook=_object)
        except (ValueError, RecursionError) as error:
            yield Fault(
                f"line {number}",
                InputError(
                    f"$position: not valid JSON ({error}).",
                    position=ErrorPosition(name, number),
                    why="A .jsonl file holds one JSON object a line.",
                    fix="Correct that line. A file that is one big JSON array is not JSON lines.",
                ),
            )
            continue
        if isinstance(row, str):
            row = {"text": row}
        if isinstance(row, dict):
            yield row
            continue
        kind = _JSON_KINDS.get(type(row), "a number")
        yield Fault(
            f"line {number}",
            InputError(
                f"$position: {kind}, not an object.",
                position=ErrorPosition(name, number),
                fix='Write one object a line, such as {"id": "1", "text": "..."}.',
            ),
        )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, each key of which stands in it once."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in fields if keys.count(key) > 1)
        raise ValueError(f"the key {repeated!r} stands in an object twice")
    return fields


def _json_file(path: Path) -> Iterator[Row | Fault]:
    with path.open("rb") as raw:
        yield from json_rows(raw, path.name)


JSON_LINES = Reader("jsonl", (".jsonl", ".ndjson"), _json_file)
