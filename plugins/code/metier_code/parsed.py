"""Functions of sources that tree-sitter parses: every language but Python."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from metier_code.function import Function, Source, UnreadableSource

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


@dataclass(frozen=True, slots=True)
class _Place:
    """A node and where it stands.

    Noted on the way down, since tree-sitter looks for a parent or a sibling from the root on.
    """

    node: Node
    above: _Place | None
    siblings: list[Node]
    """Children of the node above, this one too."""
    index: int
    """Which of the siblings it is."""
    wrapped: bool
    """Whether the node above does no more than wrap this one."""
    owners: tuple[str, ...]
    """Names of the types round it, outermost first."""

    def before(self) -> _Place | None:
        """What stands before; Ruby's body of a class starts after its first comment."""
        place = self
        above = self.above
        if self.index == 0 and above is not None and above.node.start_byte == self.node.start_byte:
            place = above
        if place.index == 0:
            return None
        return replace(place, node=place.siblings[place.index - 1], index=place.index - 1)

    def below(self) -> list[_Place]:
        """The named children."""
        node = self.node
        children = node.children
        wraps = node.type in _WRAPPERS and sum(
            child.is_named and not _is_attached(child) for child in children
        ) == (2 if node.type == "template_declaration" else 1)
        owners = self.owners
        if node.type in _TYPES:
            named = node.child_by_field_name("name") or node.child_by_field_name("type")
            if named is not None:
                owners = (*owners, _text(named).partition("<")[0])
        return [
            _Place(child, self, children, index, wraps, owners)
            for index, child in enumerate(children)
            if child.is_named
        ]


def parsed_functions(source: bytes, language: str) -> list[Function]:
    """Outermost functions and methods that have a body, in source order.

    Args:
        source: UTF-8.
        language: a value of `LANGUAGES`, not Python.

    Raises:
        UnreadableSource: it has faults, and no function apart from them.
    """
    from tree_sitter import Parser

    root = Parser(_grammar(language)).parse(source).root_node
    whole = Source(source)
    found = []
    for place in _function_places(root):
        start, end = _extent(place, whole)
        found.append(whole.cut(start, end, _full_name(place)))
    if not found and root.has_error:
        raise UnreadableSource(f"line {_first_fault(root)}: not {language}")
    return found


def _first_fault(root: Node) -> int:
    """The line of the first node that is no part of the language, or is missing."""
    node = root
    while not (node.is_error or node.is_missing):
        below = next((child for child in node.children if child.has_error), None)
        if below is None:  # a fault that is no node of its own, such as a null character
            break
        node = below
    return int(node.start_point[0]) + 1


def _grammar(language: str) -> Language:
    from tree_sitter import Language

    module, function = _GRAMMARS[language]
    return Language(getattr(importlib.import_module(module), function)())


def _function_places(root: Node) -> Iterator[_Place]:
    """Functions not inside another one; a stack, since sources nest deeper than Python may."""
    stack = [_Place(root, None, [root], 0, False, ())]
    while stack:
        place = stack.pop()
        if _is_function(place.node):
            yield place
        else:
            stack.extend(reversed(place.below()))


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


def _extent(place: _Place, source: Source) -> tuple[int, int]:
    """Where a function's text starts and ends: with `export`, comments and decorators."""
    while place.wrapped and place.above is not None:
        place = place.above
    first = place
    while (before := first.before()) is not None and _is_attached(before.node):
        start = before.node.start_byte
        gap = source.bytes[start : first.node.start_byte]
        about_code_before = before.node.type not in _ATTACHED and not source.begins_line(start)
        if about_code_before or gap[len(gap.rstrip()) :].count(b"\n") > 1:
            break
        first = before
    return first.node.start_byte, place.node.end_byte


def _is_attached(node: Node) -> bool:
    return node.type.endswith("comment") or node.type in _ATTACHED


def _full_name(place: _Place) -> str:
    """The name with the types round it, outermost first."""
    names = [*place.owners, _name(place.node)]
    receiver = place.node.child_by_field_name("receiver")
    if receiver is not None and (match := _RECEIVER.search(_text(receiver))):
        names.insert(-1, match[1])
    return ".".join(names)


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
