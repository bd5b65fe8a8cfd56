"""Functions of Python sources, by Python's own parser."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from metier_code.function import Function, Source, UnreadableSource
from metier_code.tree_sitter_functions import tree_sitter_functions


def python_functions(source: bytes) -> list[Function]:
    """Outermost functions and methods of UTF-8 source with Unix newlines.

    Raises:
        UnreadableSource: Python cannot parse it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the source, such as "\d" in a string
            tree = ast.parse(source.decode())
    except SyntaxError as error:
        try:  # it may be newer than the interpreter
            return tree_sitter_functions(source, "Python", strict=True)
        except UnreadableSource:
            pass
        raise UnreadableSource(f"line {error.lineno or 1}: {error.msg}") from None
    except ValueError:
        raise UnreadableSource("holds a null character") from None
    except (RecursionError, MemoryError):
        raise UnreadableSource("is nested too deep") from None
    whole = Source(source)
    lines, starts = whole.lines, whole.line_starts
    functions = []
    for node, owners in _function_nodes(tree):
        line, column = node.lineno, node.col_offset
        line = min([line, *(decorator.lineno for decorator in node.decorator_list)])
        while line > 1 and lines[line - 2].lstrip().startswith(b"#"):
            line -= 1
        if line < node.lineno:
            column = len(lines[line - 1]) - len(lines[line - 1].lstrip())
        end = starts[(node.end_lineno or line) - 1] + (node.end_col_offset or 0)
        name = ".".join((*owners, node.name))
        functions.append(whole.cut(starts[line - 1] + column, end, name))
    return functions


def _function_nodes(
    tree: ast.Module,
) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, tuple[str, ...]]]:
    """Functions in source order, each with the names of its classes.

    A stack and no recursion: a chain of `elif` nests as deep as it is long.
    """
    stack: list[tuple[ast.AST, tuple[str, ...]]] = [(tree, ())]
    while stack:
        node, owners = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, owners
            continue
        if isinstance(node, ast.ClassDef):
            owners = (*owners, node.name)
        inner = [
            child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr)
        ]  # an expression holds no def
        stack.extend((child, owners) for child in reversed(inner))
