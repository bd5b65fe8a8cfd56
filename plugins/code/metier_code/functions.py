"""Functions and methods of a source file, with the line they start at."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Node

LANGUAGES = {
    ".py": "Python",
    ".js": "JavaScript",
    ".jsx": "JavaScript",
    ".mjs": "JavaScript",
    ".ts": "TypeScript",
    ".tsx": "TSX",
    ".java": "Java",
    ".go": "Go",
    ".rs": "Rust",
    ".rb": "Ruby",
    ".php": "PHP",
    ".c": "C",
    ".h": "C",
    ".cc": "C++",
    ".cpp": "C++",
    ".hpp": "C++",
}
"""File endings and the language they are read as."""

_GRAMMARS = {
    "JavaScript": ("tree_sitter_javascript", "language"),
    "TypeScript": ("tree_sitter_typescript", "language_typescript"),
    "TSX": ("tree_sitter_typescript", "language_tsx"),
    "Java": ("tree_sitter_java", "language"),
    "Go": ("tree_sitter_go", "language"),
    "Rust": ("tree_sitter_rust", "language"),
    "Ruby": ("tree_sitter_ruby", "language"),
    "PHP": ("tree_sitter_php", "language_php"),
    "C": ("tree_sitter_c", "language"),
    "C++": ("tree_sitter_cpp", "language"),
}
_FUNCTION_NODES = frozenset(
    {
        "function_declaration",
        "generator_function_declaration",
        "method_definition",
        "method_declaration",
        "constructor_declaration",
        "function_definition",
        "function_item",
        "method",
        "singleton_method",
    }
)
_FUNCTION_VALUES = frozenset({"arrow_function", "function_expression", "function"})


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method.

    Attributes:
        name: with the classes it stands in (`Cart.total`).
        line: counted from 1; decorators and the comment right above belong to it.
        text: its source, comment above included.
    """

    name: str
    line: int
    text: str


def functions_of(path: Path) -> list[Function]:
    """Functions of a file in source order; none where the file cannot be parsed or decoded."""
    raw = path.read_bytes()
    try:
        source = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return []
    language = LANGUAGES.get(path.suffix)
    if language is None:
        return []
    return _python(source) if language == "Python" else _parsed(source, language)


def _python(source: str) -> list[Function]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return []
    lines = source.splitlines()
    found: list[Function] = []

    def visit(node: ast.AST, owners: tuple[str, ...]) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                first = min([child.lineno, *(one.lineno for one in child.decorator_list)])
                text = "\n".join(lines[first - 1 : child.end_lineno])
                found.append(Function(".".join((*owners, child.name)), first, text))
            elif isinstance(child, ast.ClassDef):
                visit(child, (*owners, child.name))
            else:
                visit(child, owners)

    visit(tree, ())
    return found


def _parsed(source: str, language: str) -> list[Function]:
    from tree_sitter import Parser

    root = Parser(_grammar(language)).parse(source.encode()).root_node
    return [_function(node) for node in _function_nodes(root)]


@cache
def _grammar(language: str) -> Language:
    from tree_sitter import Language

    module, function = _GRAMMARS[language]
    return Language(getattr(importlib.import_module(module), function)())


def _function_nodes(node: Node) -> Iterator[Node]:
    """Outermost functions in source order; a stack, since sources nest deeper than Python may."""
    stack = [node]
    while stack:
        one = stack.pop()
        if one.type in _FUNCTION_NODES or _is_named_value(one):
            yield one
        else:
            stack.extend(reversed(one.children))


def _is_named_value(node: Node) -> bool:
    """`const total = (cart) => ...`"""
    value = node.child_by_field_name("value") if node.type == "variable_declarator" else None
    return value is not None and value.type in _FUNCTION_VALUES


def _function(node: Node) -> Function:
    start = node
    if node.type == "variable_declarator" and node.parent is not None:
        start = node.parent
    while start.prev_sibling is not None and start.prev_sibling.type.endswith("comment"):
        if start.prev_sibling.end_point[0] < start.start_point[0] - 1:
            break
        start = start.prev_sibling
    source = start if start is not node else node
    whole = b""
    current: Node | None = source
    last = node.parent if node.type == "variable_declarator" and node.parent else node
    while current is not None:
        whole += (b"\n" if whole else b"") + (current.text or b"")
        if current == last:
            break
        current = current.next_sibling
    owner = _owner(node)
    name = _name(node)
    return Function(
        f"{owner}.{name}" if owner else name,
        start.start_point[0] + 1,
        whole.decode("utf-8", "replace"),
    )


def _name(node: Node) -> str:
    """The declared name; C and C++ hide it inside nested declarators."""
    named = node.child_by_field_name("name")
    while named is None:
        inner = node.child_by_field_name("declarator")
        if inner is None:
            return "(anonymous)"
        node = inner
        named = inner if inner.type.endswith("identifier") else inner.child_by_field_name("name")
    return (named.text or b"").decode("utf-8", "replace")


def _owner(node: Node) -> str:
    """The class, struct or receiver a method belongs to."""
    receiver = node.child_by_field_name("receiver")
    if receiver is not None and receiver.text:
        return receiver.text.decode("utf-8", "replace").strip("()*& ").split()[-1].lstrip("*")
    parent = node.parent
    while parent is not None:
        if parent.type in {"class_declaration", "class", "impl_item", "class_specifier", "module"}:
            named = parent.child_by_field_name("name") or parent.child_by_field_name("type")
            if named is not None and named.text:
                return named.text.decode("utf-8", "replace")
        parent = parent.parent
    return ""
