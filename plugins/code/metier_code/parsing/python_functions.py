"""Functions of Python sources, by Python's own parser."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from metier_code.parsing.definition import Definition, Source, UnreadableSource
from metier_code.parsing.tree_sitter_functions import first_fault, tree_sitter_functions


def python_functions(source: bytes) -> list[Definition]:
    """Outermost functions and methods of UTF-8 source with Unix newlines.

    Raises:
        UnreadableSource: Python cannot parse it, and it has no function outside of the fault.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the source, such as "\d" in a string
            tree = ast.parse(source.decode())
    except SyntaxError as error:
        try:  # it may be newer or older than the interpreter, or have one fault
            functions = tree_sitter_functions(source, "Python")
        except UnreadableSource:
            functions = []
        if functions:
            return functions
        raise UnreadableSource(
            f"line {error.lineno or 1}: {error.msg}", error.lineno or 1
        ) from None
    except ValueError:
        raise UnreadableSource("holds a null character") from None
    except (RecursionError, MemoryError):
        raise UnreadableSource("is nested too deep") from None
    whole = Source(source, "Python")
    lines, starts = whole.lines, whole.line_starts
    functions = []
    for node, name, owners in _function_nodes(tree):
        line, column = node.lineno, node.col_offset
        decorators = getattr(node, "decorator_list", [])
        line = min([line, *(decorator.lineno for decorator in decorators)])
        while line > 1 and lines[line - 2].lstrip().startswith(b"#"):
            line -= 1
        if line < node.lineno:
            column = len(lines[line - 1]) - len(lines[line - 1].lstrip())
        end = starts[(node.end_lineno or line) - 1] + (node.end_col_offset or 0)
        functions.append(whole.cut(starts[line - 1] + column, end, name=".".join((*owners, name))))
    return functions


def first_python_fault(source: bytes) -> int | None:
    """The line from which a source is not understood; None where all of it is, in any version."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source.decode())
    except SyntaxError:
        return first_fault(source, "Python")
    except (ValueError, RecursionError, MemoryError):
        return None  # told where its functions are read
    return None


def _function_nodes(tree: ast.Module) -> Iterator[tuple[ast.stmt, str, tuple[str, ...]]]:
    """Functions, and names given to a lambda, in source order, with the names of their classes.

    A stack and no recursion: a chain of `elif` nests as deep as it is long.
    """
    stack: list[tuple[ast.AST, tuple[str, ...]]] = [(tree, ())]
    while stack:
        node, owners = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, node.name, owners
            continue
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Lambda):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name):
                yield node, target.id, owners
        if isinstance(node, ast.ClassDef):
            owners = (*owners, node.name)
        inner = [
            child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr)
        ]  # an expression holds no def
        stack.extend((child, owners) for child in reversed(inner))
