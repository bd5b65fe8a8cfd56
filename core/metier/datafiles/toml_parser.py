"""TOML as data with places: those of its syntax from tomllib, those of its keys from its text."""

from __future__ import annotations

import math
import re
import tomllib
from datetime import date, time
from typing import Any

from metier.datafiles.source import Path, Source
from metier.errors import PackError

_WORD = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
_NAMES = rf"(?P<names>{_WORD}(?:\s*\.\s*{_WORD})*)"
_HEADER = re.compile(rf"\s*(?P<open>\[\[?)\s*{_NAMES}\s*\]")
_KEY = re.compile(rf"\s*{_NAMES}\s*=")
_AT = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_TWICE = ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Duplicate")
_LONG_QUOTES = ('"' * 3, "'" * 3)


def parse_toml(text: str, name: str) -> Source:
    """Parse a TOML document.

    Raises:
        PackError: not TOML, a key given twice, a date, or a number that is none.
    """
    try:
        content = tomllib.loads(text)
    except RecursionError:
        raise PackError(f"{name}: nested deeper than any domain or pack is.") from None
    except ValueError as error:
        raise _refusal(str(error), text, name) from None
    source = Source(content, _places(text), name)
    _check_values(content, (), source)
    return source


def _refusal(said: str, text: str, name: str) -> PackError:
    at = _AT.search(said)
    where = name
    if at is not None:
        line = int(at["line"]) if at["line"] else max(1, len(text.splitlines()))
        where = f"{name}, line {line}, column {at['column'] or 1}"
        said = said[: at.start()]
    if said.startswith(_TWICE):
        return PackError(f"{where}: a key is given twice ({said}).", fix="Keep one of the two.")
    return PackError(
        f"{where}: not valid TOML: {said}.",
        why="Usually a text without quotes, or a bracket that is not closed.",
        fix="Mend that place; an editor that knows TOML shows what it is taken for.",
    )


def _places(text: str) -> dict[Path, tuple[int, int]]:
    """Where headers and keys stand that begin a line; what stands inside a line has its place."""
    places: dict[Path, tuple[int, int]] = {}
    last: dict[Path, int] = {}  # of each array of tables, the index of its last one
    here: Path = ()
    inside = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if inside:
            inside = "" if inside in line else inside
            continue
        column = len(line) - len(line.lstrip()) + 1
        header = _HEADER.match(line)
        key = None if header else _KEY.match(line)
        if header:
            here = _table(_parts(header["names"]), header["open"] == "[[", last)
            places.setdefault(here[:-1] if isinstance(here[-1], int) else here, (number, column))
            places.setdefault(here, (number, column))
        elif key:
            path = here
            for part in _parts(key["names"]):
                path = (*path, part)
                places.setdefault(path, (number, column))
        inside = next((quotes for quotes in _LONG_QUOTES if line.count(quotes) % 2), "")
    return places


def _table(names: list[str], is_entry: bool, last: dict[Path, int]) -> Path:
    path: Path = ()
    for depth, name in enumerate(names, start=1):
        path = (*path, name)
        if is_entry and depth == len(names):
            last[path] = last.get(path, -1) + 1
        if path in last:
            path = (*path, last[path])
    return path


def _parts(names: str) -> list[str]:
    return [part.strip("\"'") for part in re.findall(_WORD, names)]


def _check_values(value: Any, path: Path, source: Source) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _check_values(inner, (*path, key), source)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _check_values(inner, (*path, index), source)
    elif isinstance(value, date | time) or (isinstance(value, float) and not math.isfinite(value)):
        raise PackError(
            f"{source.where(path)}: {value} cannot be a value of a data file.",
            why="Values are texts, whole numbers, decimal numbers, true and false.",
            fix="Put a date in quotes.",
        )
