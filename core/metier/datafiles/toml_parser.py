"""Parse TOML with the positions of its keys.

tomllib gives the position of a syntax error only; those of keys are looked up in the text.
"""

from __future__ import annotations

import math
import re
import tomllib
from datetime import date, time
from typing import Any

from metier.datafiles.parsed_file import KeyPath, ParsedFile
from metier.errors import ErrorPosition, PackError

_WORD = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
_NAMES = rf"(?P<names>{_WORD}(?:\s*\.\s*{_WORD})*)"
_HEADER = re.compile(rf"\s*(?P<open>\[\[?)\s*{_NAMES}\s*\]")
_KEY = re.compile(rf"\s*{_NAMES}\s*=")
_AT = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_TWICE = ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Duplicate")
_LONG_QUOTES = ('"' * 3, "'" * 3)


def parse_toml(text: str, name: str) -> ParsedFile:
    """Parse a TOML document.

    Raises:
        PackError: not TOML, a key given twice, a date, or a number that is not finite.
    """
    try:
        content = tomllib.loads(text)
    except RecursionError:
        raise PackError(
            "$position: nested deeper than any data file is.", position=ErrorPosition(name)
        ) from None
    except ValueError as error:
        raise _refusal(str(error), text, name) from None
    source = ParsedFile(content, _positions(text), name)
    _check_values(content, (), source)
    return source


def _refusal(message: str, text: str, name: str) -> PackError:
    """The error for a message of tomllib, whose position goes to its beginning."""
    at = _AT.search(message)
    position = ErrorPosition(name)
    if at is not None:
        line = int(at["line"]) if at["line"] else max(1, len(text.splitlines()))
        position = ErrorPosition(name, line, int(at["column"] or 1))
        message = message[: at.start()]
    if message.startswith(_TWICE):
        return PackError(
            f"$position: a key is given twice ({message}).",
            fix="Keep one of the two.",
            position=position,
        )
    return PackError(
        f"$position: not valid TOML: {message}.",
        position=position,
        why="Usually a text without quotes, or a bracket that is not closed.",
        fix="Correct it there; an editor that knows TOML shows how it reads the line.",
    )


def _positions(text: str) -> dict[KeyPath, tuple[int, int]]:
    """Positions of headers, and of keys at the beginning of a line.

    What stands inside a line has the position of that line.
    """
    positions: dict[KeyPath, tuple[int, int]] = {}
    last: dict[KeyPath, int] = {}  # index of the last table of each array of tables
    table: KeyPath = ()
    open_quotes = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if open_quotes:
            open_quotes = "" if open_quotes in line else open_quotes
            continue
        column = len(line) - len(line.lstrip()) + 1
        header = _HEADER.match(line)
        key = None if header else _KEY.match(line)
        if header:
            table = _table(_parts(header["names"]), header["open"] == "[[", last)
            array = table[:-1] if isinstance(table[-1], int) else table
            positions.setdefault(array, (number, column))
            positions.setdefault(table, (number, column))
        elif key:
            path = table
            for part in _parts(key["names"]):
                path = (*path, part)
                positions.setdefault(path, (number, column))
        open_quotes = next((quotes for quotes in _LONG_QUOTES if line.count(quotes) % 2), "")
    return positions


def _table(names: list[str], is_entry: bool, last: dict[KeyPath, int]) -> KeyPath:
    """The path of a table; one of an array of tables counts it in `last`."""
    path: KeyPath = ()
    for depth, name in enumerate(names, start=1):
        path = (*path, name)
        if is_entry and depth == len(names):
            last[path] = last.get(path, -1) + 1
        if path in last:
            path = (*path, last[path])
    return path


def _parts(names: str) -> list[str]:
    return [part.strip("\"'") for part in re.findall(_WORD, names)]


def _check_values(value: Any, path: KeyPath, source: ParsedFile) -> None:
    """Raise PackError for a value that TOML has and JSON does not."""
    if isinstance(value, dict):
        for key, inner in value.items():
            _check_values(inner, (*path, key), source)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _check_values(inner, (*path, index), source)
    elif isinstance(value, date | time) or (isinstance(value, float) and not math.isfinite(value)):
        raise PackError(
            f"$position: {value} cannot be a value of a data file.",
            position=source.error_position(path),
            why="Values are texts, whole numbers, decimal numbers, true and false.",
            fix="Put a date in quotes.",
        )
