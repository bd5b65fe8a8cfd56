"""Which definitions of a tree are compared, and the one whose clones are looked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

import numpy as np

from metier.plugin import InputError, ParameterError
from metier_code.clones.definitions import (
    COMPARED_KINDS,
    DefinitionTokens,
    LocatedDefinition,
    definition_tokens,
)
from metier_code.filters import known_language
from metier_code.parsing.definition import Definition
from metier_code.parsing.definitions import parse
from metier_code.parsing.notebooks import lines_above
from metier_code.trees.path_roles import is_test

_AT_LINE = re.compile(
    r"(?P<path>.+)(?::(?P<line>\d+)(?:[:-]\d+)?"
    r"|, cell (?P<cell>\d+), lines? (?P<cell_line>\d+)(?:-\d+)?)"
)


def compared_rows(
    read: DefinitionTokens,
    *,
    min_lines: int,
    min_tokens: int,
    exclude: Sequence[str] = (),
    with_tests: bool = True,
) -> list[int]:
    """Rows of the definitions that are long enough and not excluded.

    Args:
        read: the definitions.
        min_lines: of a definition.
        min_tokens: of a definition.
        exclude: patterns of paths, `*` for any characters.
        with_tests: whether definitions in tests count.
    """
    lengths = np.diff(read.sequences.ends).tolist()
    kept = {
        path: not any(fnmatchcase(path, pattern) for pattern in exclude)
        and (with_tests or not is_test(path))
        for path in {located.path for located in read.definitions}
    }
    return [
        row
        for row, located in enumerate(read.definitions)
        if located.lines >= min_lines and lengths[row] >= min_tokens and kept[located.path]
    ]


def row_of_definition(definitions: Sequence[LocatedDefinition], named: str) -> int:
    """The row of a definition by its name, or by a file and a line in it.

    Args:
        definitions: all of them.
        named: such as `Cart.total`, `total` if only one ends so, or `shop/cart.py:31`.

    Raises:
        ParameterError: there is none, or several.
    """
    match = _AT_LINE.fullmatch(named)
    if match is not None and not any(located.name == named for located in definitions):
        rows = [
            row
            for row, located in enumerate(definitions)
            if _is_path(located.path, match["path"]) and _has_line(located.definition, match)
        ]
    else:
        names = [located.definition.name for located in definitions]
        rows = [row for row, name in enumerate(names) if name == named]
        rows = rows or [row for row, name in enumerate(names) if name.endswith(f".{named}")]
    if len(rows) == 1:
        return rows[0]
    if rows:
        shown = [definitions[row].location for row in rows[:3]]
        raise ParameterError(
            f"$definition: {len(rows)} functions are called {named!r}.",
            fix=f"Give one by its file and line, such as {' or '.join(shown)}.",
            parameters={"definition": ...},
        )
    close = get_close_matches(named, {located.name for located in definitions}, n=3)
    if match is not None:
        close = close or _names_near(definitions, match["path"], int(match["line"]))
    raise ParameterError(
        f"$definition: there is no function {named!r}.",
        fix=f"Did you mean {' or '.join(map(repr, close))}?"
        if close
        else "Give its name with that of its class, or its file and line: `shop/cart.py:31`.",
        parameters={"definition": ...},
    )


def _names_near(definitions: Sequence[LocatedDefinition], path: str, line: int) -> list[str]:
    """The function of a file that is nearest to a line, by its name; none in other files."""
    near = [located for located in definitions if _is_path(located.path, path)]
    near.sort(key=lambda located: abs(located.definition.line - line))
    return [located.name for located in near[:1]]


def add_code(read: DefinitionTokens, code: str, language: str | None) -> int:
    """Append a piece of code to the definitions, as one of them, and return its row.

    Args:
        read: the definitions.
        code: a function, or some lines.
        language: its name in any case, a short one or an ending; None for the first of the tree
            that reads it as a function, else the most frequent.

    Raises:
        ParameterError: the language is not known.
        InputError: there is nothing but comments in it.
    """
    chosen = _language_of_code(read.definitions, code, language)
    tokens = definition_tokens(code, chosen)
    if not tokens:
        raise InputError(
            "$code has no code in it.",
            why="Layout and comments are not compared.",
            fix="Give a function, or leave it out to compare all of the tree.",
            parameters={"code": ...},
        )
    lines = code.count("\n") + 1
    definition = Definition("", "lines", "", "", 1, lines, 1, code, 0, chosen)
    read.add(LocatedDefinition("", None, definition), tokens)
    return len(read.definitions) - 1


def _language_of_code(
    definitions: Sequence[LocatedDefinition], code: str, language: str | None
) -> str:
    if language is not None:
        return known_language(language)
    counts: dict[str, int] = {}
    for located in definitions:
        counts[located.definition.language] = counts.get(located.definition.language, 0) + 1
    ordered = sorted(counts, key=lambda name: (-counts[name], name))
    for name in ordered:
        parsed = parse(code, name)
        if not parsed.faults and any(item.kind in COMPARED_KINDS for item in parsed.definitions):
            return name
    return ordered[0]


def _is_path(path: str, named: str) -> bool:
    named = named.removeprefix("./")
    return path == named or path.endswith(f"/{named}") or named.endswith(f"/{path}")


def _has_line(definition: Definition, position: re.Match[str]) -> bool:
    """Whether a definition has a line of its file, or of its cell in a notebook."""
    if position["line"] is not None:
        return definition.line <= int(position["line"]) <= definition.end_line
    if definition.cell is None:
        return False
    cell, line = definition.cell
    last = line + definition.text.count("\n") - lines_above(definition.text, definition.cell)
    return cell == int(position["cell"]) and line <= int(position["cell_line"]) <= last
