"""Imports and strings of source files, read without importing anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.contract.sources import parse


class Import(NamedTuple):
    """One imported module, written out: `from metier.texts import files` is both of the two.

    Attributes:
        module: dotted name, as far as the statement says.
        line: where it stands.
    """

    module: str
    line: int


def imports_of(path: Path) -> Iterator[Import]:
    """What a file imports when it runs, at its top or inside a function.

    What stands under `if TYPE_CHECKING:` is left out: type checkers read it and nobody runs it.
    """
    yield from (imported for imported, type_only in _imports(parse(path), False) if not type_only)


def type_only_imports_of(path: Path) -> Iterator[Import]:
    """What a file imports under `if TYPE_CHECKING:`."""
    yield from (imported for imported, type_only in _imports(parse(path), False) if type_only)


def strings_of(path: Path) -> Iterator[tuple[str, int]]:
    """Strings of a file with their lines, docstrings apart; f-strings have `{}` for values."""
    yield from _strings(parse(path))


def _imports(node: ast.AST, type_only: bool) -> Iterator[tuple[Import, bool]]:
    if isinstance(node, ast.If) and _is_type_checking(node.test):
        for statement in node.body:
            yield from _imports(statement, True)
        for statement in node.orelse:
            yield from _imports(statement, type_only)
        return
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(alias.name, node.lineno), type_only
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute here"
        assert node.module is not None
        for alias in node.names:
            yield Import(f"{node.module}.{alias.name}", node.lineno), type_only
    for child in ast.iter_child_nodes(node):
        yield from _imports(child, type_only)


def _is_type_checking(test: ast.expr) -> bool:
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def _strings(node: ast.AST) -> Iterator[tuple[str, int]]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value, node.lineno
    elif isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
        yield "".join(map(str, parts)), node.lineno
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from _strings(part.value)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _strings(child)
