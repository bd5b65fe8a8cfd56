"""Functions of sources that tree-sitter parses: every language but Python."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from metier_code.function import Function, cut

if TYPE_CHECKING:
    from tree_sitter import Language, Node

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
_FUNCTIONS = frozenset(
    {
        "function_declaration",  # JavaScript, TypeScript, Go
        "generator_function_declaration",
        "method_definition",
        "method_declaration",  # Java, Go, PHP
        "constructor_declaration",
        "compact_constructor_declaration",
        "function_definition",  # C, C++, PHP
        "function_item",  # Rust
    }
)
_RUBY_METHODS = frozenset({"method", "singleton_method"})
_VALUES = frozenset(
    {"arrow_function", "function_expression", "generator_function", "anonymous_function"}
)
_NAMED_VALUES = {
    "variable_declarator": ("name", "value"),
    "assignment_expression": ("left", "right"),
    "field_definition": ("property", "value"),
    "public_field_definition": ("name", "value"),
    "pair": ("key", "value"),
    "export_statement": ("", "value"),
}
"""Nodes that give a function value a name: fields of the name and of the value."""
_WRAPPERS = frozenset(
    {
        "export_statement",
        "expression_statement",
        "lexical_declaration",
        "template_declaration",
        "variable_declaration",
    }
)
_TYPES = frozenset(
    {
        "abstract_class_declaration",
        "class",
        "class_declaration",
        "class_specifier",
        "enum_declaration",
        "impl_item",
        "interface_declaration",
        "module",
        "record_declaration",
        "struct_specifier",
        "trait_declaration",
        "trait_item",
        "union_specifier",
    }
)
_ATTACHED = frozenset({"attribute_item", "decorator"})
_RECEIVER = re.compile(r"(\w+)\s*(?:\[[^\]]*\])?\s*\)$")


def parsed_functions(source: bytes, language: str) -> list[Function]:
    """Outermost functions and methods that have a body, in source order.

    Args:
        source: UTF-8.
        language: a value of `LANGUAGES`, not Python.
    """
    from tree_sitter import Parser

    root = Parser(_grammar(language)).parse(source).root_node
    found = []
    for node in _function_nodes(root):
        first, whole = _extent(node, source)
        found.append(cut(source, first.start_byte, whole.end_byte, _full_name(node)))
    return found


def _grammar(language: str) -> Language:
    from tree_sitter import Language

    module, function = _GRAMMARS[language]
    return Language(getattr(importlib.import_module(module), function)())


def _function_nodes(root: Node) -> Iterator[Node]:
    """Functions not inside another one; a stack, since sources nest deeper than Python may."""
    stack = [root]
    while stack:
        node = stack.pop()
        if _is_function(node):
            yield node
        else:
            stack.extend(reversed(node.named_children))


def _is_function(node: Node) -> bool:
    if node.type in _FUNCTIONS:
        return node.child_by_field_name("body") is not None
    if node.type in _RUBY_METHODS:
        return True
    return (value := _value(node)) is not None and value.type in _VALUES


def _value(node: Node) -> Node | None:
    """What a node gives a name to: the arrow of `const total = (cart) => ...`."""
    fields = _NAMED_VALUES.get(node.type)
    return node.child_by_field_name(fields[1]) if fields else None


def _extent(node: Node, source: bytes) -> tuple[Node, Node]:
    """Where a function's text starts and ends: with `export`, comments and decorators."""
    whole = node
    while (
        (parent := whole.parent) is not None
        and parent.type in _WRAPPERS
        and sum(not _is_attached(child) for child in parent.named_children)
        == (2 if parent.type == "template_declaration" else 1)
    ):
        whole = parent
    first = whole
    while (before := _before(first)) is not None and _is_attached(before):
        gap = source[before.start_byte : first.start_byte]
        line_start = source.rfind(b"\n", 0, before.start_byte) + 1
        about_code_before = (
            before.type not in _ATTACHED and source[line_start : before.start_byte].strip()
        )
        if about_code_before or gap[len(gap.rstrip()) :].count(b"\n") > 1:
            break
        first = before
    return first, whole


def _before(node: Node) -> Node | None:
    """What stands before a node; Ruby's body of a class starts after its first comment."""
    parent = node.parent
    if node.prev_sibling is None and parent is not None and parent.start_byte == node.start_byte:
        return parent.prev_sibling
    return node.prev_sibling


def _is_attached(node: Node) -> bool:
    return node.type.endswith("comment") or node.type in _ATTACHED


def _full_name(node: Node) -> str:
    """The name with the types round it, outermost first."""
    names = [_name(node)]
    receiver = node.child_by_field_name("receiver")
    if receiver is not None and (match := _RECEIVER.search(_text(receiver))):
        names.append(match[1])
    parent = node.parent
    while parent is not None:
        if parent.type in _TYPES:
            named = parent.child_by_field_name("name") or parent.child_by_field_name("type")
            if named is not None:
                names.append(_text(named).partition("<")[0])
        parent = parent.parent
    return ".".join(reversed(names))


def _name(node: Node) -> str:
    """The declared name; C and C++ hide it inside declarators."""
    fields = _NAMED_VALUES.get(node.type)
    if fields is not None:
        named = node.child_by_field_name(fields[0]) if fields[0] else None
        return _text(named) if named is not None else "default"
    inner: Node | None = node
    while inner is not None:
        named = inner.child_by_field_name("name")
        if named is not None and inner.type != "qualified_identifier":
            return _text(named)
        if inner.type.endswith(("identifier", "_name")):
            return _text(inner)
        if inner.type == "operator_cast":
            return _text(inner).partition("(")[0]
        inner = inner.child_by_field_name("declarator") or next(
            (child for child in inner.named_children if child.type.endswith("declarator")), None
        )
    return "default"


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
