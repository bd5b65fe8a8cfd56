"""JSON: one object a line, an array of objects, and notebooks."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Container, Iterable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any

from metier.errors import ErrorPosition, InputError
from metier.texts.reader import (
    CONVERTED_FROM,
    Fault,
    Reader,
    Row,
    decode,
    read_document_bytes,
)
from metier.texts.readers.text_lines import numbered_lines, open_text
from metier.texts.rows import TEXT_FIELDS

_JSON_KINDS: dict[type, str] = {list: "an array", bool: "true or false", type(None): "null"}

_BEGINNING = 8192


def json_lines(raw: bytes, name: str) -> Iterator[Row]:
    """One JSON object (or string) a line; blank lines only separate.

    Raises:
        InputError: a line is neither.
    """
    for row in _rows(enumerate(decode(raw, name).split("\n"), start=1), name):
        if isinstance(row, Fault):
            raise row.error
        yield row


def _json_rows(raw: BufferedReader, name: str) -> Iterator[Row | Fault]:
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
                    fix="Correct that line. If the file is one big JSON array, let its name end in "
                    ".json.",
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
        yield from _json_rows(raw, path.name)


def reason_without_rows(path: Path, text_fields: Collection[str]) -> str | None:
    """Why a `.json` file of a folder is not read; None if it holds rows.

    Rows are the items of an array, objects one a line, and an object that has a text or whose only
    array holds objects that do. Others are mostly settings of programs. These may have a
    `description`, which makes a row only of an object in an array.

    Args:
        path: of the file.
        text_fields: names of the field with the text.
    """
    with path.open("rb") as raw:
        beginning = raw.read(_BEGINNING)
    if beginning.decode("utf-8-sig", "replace").lstrip().startswith("["):
        return None
    try:
        content = None if _has_lines_of_objects(path) else _json_document(path)
    except InputError:
        return None  # reading it says more
    except ValueError:
        return "not valid JSON"
    if content is None or _has_text(content, {*text_fields} - {"description"}):
        return None
    arrays = _arrays(content) if isinstance(content, dict) else []
    if len(arrays) == 1 and any(_has_text(row, text_fields) for row in arrays[0]):
        return None
    return "holds no array of rows"


def _has_text(value: Any, names: Container[str]) -> bool:
    return isinstance(value, dict) and any(
        (key in names or key.lower() in names) and isinstance(text, str)
        for key, text in value.items()
    )


def _arrays(content: dict[str, Any]) -> list[list[Any]]:
    return [value for value in content.values() if isinstance(value, list)]


def _has_lines_of_objects(path: Path) -> bool:
    """Whether a file holds several lines, the first of which is an object."""
    with path.open("rb") as raw, open_text(raw, path.name, newline="\n") as text:
        first = next((line for _, line in numbered_lines(text, path.name) if line.strip()), "")
        more = any(line.strip() for _, line in numbered_lines(text, path.name))
    return more and first.lstrip().startswith("{") and _is_json(first)


def _json_document(path: Path) -> Any:
    """What a file with one JSON value holds.

    Raises:
        ValueError: there is none, or more follows.
    """
    try:
        return json.loads(decode(read_document_bytes(path), path.name), object_pairs_hook=_object)
    except RecursionError:
        raise ValueError("values in values too deep") from None


def _array_file(path: Path) -> Iterator[Row | Fault]:
    """The objects of an array, of the only array in an object, or a single object.

    A file of one object a line is read, too, whatever its size.
    """
    if _has_lines_of_objects(path):
        yield from _json_file(path)
        return
    try:
        content = _json_document(path)
    except ValueError as error:
        raise InputError(f"{path.name} is not valid JSON ({error}).", fix="Correct it.") from None
    if isinstance(content, dict):
        arrays = _arrays(content)
        is_row = any(key.lower() in TEXT_FIELDS for key in content)
        content = arrays[0] if len(arrays) == 1 and not is_row else [content]
    for number, item in enumerate(content if isinstance(content, list) else [content], start=1):
        row = {"text": item} if isinstance(item, str) else item
        if isinstance(row, dict):
            yield row
            continue
        kind = _JSON_KINDS.get(type(row), "a number")
        problem = InputError(
            f"{path.name}, item {number}: {kind}, not an object.",
            fix='Write an array of objects, such as [{"id": "1", "text": "..."}].',
        )
        yield Fault(f"item {number}", problem)


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _notebook(path: Path) -> Row:
    """The cells of a notebook: texts as they are, code between fences, without its output."""
    try:
        content = _json_document(path)
        sheets = content.get("worksheets") or [content]  # up to version 3
        cells = [cell for sheet in sheets for cell in sheet["cells"]]
        language = content.get("metadata", {}).get("kernelspec", {}).get("language", "")
        texts = [_cell(cell, str(language)) for cell in cells]
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise InputError(
            f"{path.name} is not a notebook ({type(error).__name__}: {error}).",
            fix="Open it in Jupyter and save it again.",
        ) from None
    text = "\n\n".join(filter(None, texts))
    return {"id": path.name, "text": text, CONVERTED_FROM: "ipynb"}


def _cell(cell: dict[str, Any], language: str) -> str:
    source = cell.get("source", cell.get("input", ""))
    text = "".join(source).strip("\n")
    if cell.get("cell_type") == "heading":
        return "#" * int(cell.get("level", 1)) + " " + text
    is_code = cell.get("cell_type") == "code" and text.strip()
    if not is_code:
        return text
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)  # longer than any in the code
    return f"{fence}{language}\n{text}\n{fence}"


def _notebooks(path: Path) -> Iterator[Row]:
    yield _notebook(path)


JSON = Reader("json", (".json",), _array_file, text="plain")
NOTEBOOK = Reader("notebook", (".ipynb",), _notebooks, _notebook, text="plain")
JSON_LINES = Reader("jsonl", (".jsonl", ".ndjson"), _json_file, text="plain")
