"""Imports of source files, read without importing anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


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
    yield from _imports(ast.parse(path.read_text(encoding="utf-8")))


def strings_of(path: Path) -> Iterator[tuple[str, int]]:
    """String constants of a file with their lines, docstrings apart."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value, node.lineno


def _imports(node: ast.AST) -> Iterator[Import]:
    if isinstance(node, ast.If) and _is_type_checking(node.test):
        for otherwise in node.orelse:
            yield from _imports(otherwise)
        return
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(alias.name, node.lineno)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute here"
        assert node.module is not None
        for alias in node.names:
            yield Import(f"{node.module}.{alias.name}", node.lineno)
    for child in ast.iter_child_nodes(node):
        yield from _imports(child)


def _is_type_checking(test: ast.expr) -> bool:
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"
