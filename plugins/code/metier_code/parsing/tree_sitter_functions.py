"""Functions of sources that tree-sitter parses: every language, and Python newer than ours."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from metier_code.parsing.callbacks import (
    CALLS,
    callback_name,
    callback_of,
    defines_method,
    is_group,
)
from metier_code.parsing.declarations import (
    NAMED_VALUES,
    TYPES,
    WRAPPERS,
    holds_functions,
    is_function,
    macro_name,
    name_of,
    text_of,
)
from metier_code.parsing.definition import Definition, Source, UnreadableSource
from metier_code.parsing.languages import languages

if TYPE_CHECKING:
    from tree_sitter import Language, Node

_CALL_PARTS = frozenset(
    {
        "argument",
        "argument_list",
        "arguments",
        "assignment",
        "assignment_expression",
        "await_expression",
        "field_definition",
        "member_expression",
        "public_field_definition",
        "variable_declarator",
    }
)
"""Nodes between a statement and a call in it."""
_ATTACHED = frozenset({"attribute_item", "decorator"})
_RECEIVER = re.compile(r"(\w+)\s*(?:\[[^\]]*\])?\s*\)$")


@dataclass(frozen=True, slots=True)
class _Position:
    """A node and its position in the tree.

    Recorded on the way down, since tree-sitter looks for parents and siblings from the root.
    """

    node: Node
    above: _Position | None
    siblings: list[Node]
    """Children of the node above, including this one."""
    index: int
    """Index among the siblings."""
    wrapped: bool
    """Whether the node above only wraps this one."""
    owners: tuple[str, ...]
    """Names of the enclosing types, outermost first."""

    def before(self) -> _Position | None:
        """The sibling before it; in Ruby, the body of a class starts after its first comment."""
        position = self
        above = self.above
        if self.index == 0 and above is not None and above.node.start_byte == self.node.start_byte:
            position = above
        if position.index == 0:
            return None
        return replace(
            position, node=position.siblings[position.index - 1], index=position.index - 1
        )

    def below(self) -> list[_Position]:
        """The named children."""
        node = self.node
        children = node.children
        wraps = node.type in WRAPPERS and sum(
            child.is_named and not _is_attached(child) for child in children
        ) == (2 if node.type == "template_declaration" else 1)
        owners = self.owners
        if node.type in TYPES:
            named = node.child_by_field_name("name") or node.child_by_field_name("type")
            if named is not None:
                owners = (*owners, text_of(named).partition("<")[0])
        return [
            _Position(child, self, children, index, wraps, owners)
            for index, child in enumerate(children)
            if child.is_named
        ]


def first_fault(source: bytes, language: str) -> int | None:
    """The line of the first syntax error; None where there is none."""
    from tree_sitter import Parser

    root = Parser(_grammar(language)).parse(source).root_node
    return _first_fault(root) if root.has_error else None


def tree_sitter_functions(source: bytes, language: str) -> list[Definition]:
    """Outermost functions and methods that have a body, in source order.

    Args:
        source: UTF-8.
        language: its name in `languages.yaml`.

    Raises:
        UnreadableSource: it has syntax errors, and no function outside of them.
    """
    from tree_sitter import Parser

    root = Parser(_grammar(language)).parse(source).root_node
    whole = Source(source, language)
    functions = []
    for position in _function_positions(root):
        if language == "Python" and _is_guessed(position.node):
            continue
        start, end = _extent(position, whole)
        functions.append(whole.cut(start, end, name=_full_name(position)))
    if not functions and root.has_error:
        line = _first_fault(root)
        raise UnreadableSource(f"line {line}: not {language}", line)
    return functions


def _is_guessed(function: Node) -> bool:
    """Whether a syntax error stands before the body of a function, whose end is a guess then."""
    body = function.child_by_field_name("body")
    return (
        body is None
        or not body.text
        or any(
            child.has_error or child.is_error or child.is_missing
            for child in function.children
            if child.start_byte < body.start_byte
        )
    )


def _first_fault(root: Node) -> int:
    """The line of the first syntax error."""
    node = root
    while not (node.is_error or node.is_missing):
        below = next((child for child in node.children if child.has_error), None)
        if below is None:  # a fault without a node of its own, such as a null character
            break
        node = below
    return int(node.start_point[0]) + 1


def _grammar(language: str) -> Language:
    from tree_sitter import Language

    module, _, function = languages()[language].grammar.partition(":")
    return Language(getattr(importlib.import_module(module), function)())


def _function_positions(root: Node) -> Iterator[_Position]:
    """Functions not inside another one; a stack, since sources nest deeper than Python may."""
    stack = [_Position(root, None, [root], 0, False, ())]
    while stack:
        position = stack.pop()
        node = position.node
        if is_function(node) or _macro_call(position) is not None:
            yield position
            continue
        callback = callback_of(node) if node.type in CALLS else None
        if callback is not None and is_group(node):
            group = replace(position, owners=(*position.owners, callback_name(node, callback)))
            stack.extend(reversed(group.below()))
        elif callback is None or holds_functions(callback):
            stack.extend(reversed(position.below()))
        else:
            yield position


def _macro_call(position: _Position) -> Node | None:
    """The call of a macro whose block a node is: `DEFINE(read, int, fd) { ... }` in C."""
    if position.node.type != "compound_statement" or position.index == 0:
        return None
    if position.above is None or position.above.node.type != "translation_unit":
        return None
    before = position.siblings[position.index - 1]
    if before.type != "expression_statement" or not before.named_children:
        return None
    call = before.named_children[0]
    is_open = not (before.text or b"").rstrip().endswith(b";")
    return call if call.type == "call_expression" and is_open else None


def _extent(position: _Position, source: Source) -> tuple[int, int]:
    """Start and end of a function's text, with `export`, comments and decorators."""
    if position.node.type in CALLS:
        position = _statement(position)
    while position.wrapped and position.above is not None:
        position = position.above
    macro = _macro_call(position)
    first = (macro is not None and position.before()) or position
    while (before := first.before()) is not None and _is_attached(before.node):
        start = before.node.start_byte
        gap = source.bytes[start : first.node.start_byte]
        about_code_before = before.node.type not in _ATTACHED and not source.begins_line(start)
        if about_code_before or gap[len(gap.rstrip()) :].count(b"\n") > 1:
            break
        first = before
    return first.node.start_byte, position.node.end_byte


def _statement(position: _Position) -> _Position:
    """The outermost call, or the name given to its value."""
    above = position.above
    while above is not None and (above.node.type in _CALL_PARTS or above.node.type in CALLS):
        if is_group(above.node):
            break
        position, above = above, above.above
    return position


def _is_attached(node: Node) -> bool:
    return node.type.endswith("comment") or node.type in _ATTACHED


def _full_name(position: _Position) -> str:
    """The name after those of the enclosing types, outermost first."""
    if position.node.type in CALLS:
        joint = "." if defines_method(position.node) else " "
        return joint.join((*position.owners, _call_name(position)))
    if (macro := _macro_call(position)) is not None:
        arguments = macro.child_by_field_name("arguments")
        named = arguments.named_children if arguments is not None else []
        return macro_name(text_of(macro).partition("(")[0], [text_of(node) for node in named])
    names = [*position.owners, name_of(position.node)]
    receiver = position.node.child_by_field_name("receiver")
    if receiver is not None and (match := _RECEIVER.search(text_of(receiver))):
        names.insert(-1, match[1])
    return ".".join(names)


def _call_name(position: _Position) -> str:
    """The name of a function given to a call: its own, that of the value, or the call's."""
    callback = callback_of(position.node)
    outer = _statement(position).node
    fields = NAMED_VALUES.get(outer.type)
    named = outer.child_by_field_name(fields[0]) if fields else None
    if named is not None:
        return text_of(named)
    return callback_name(position.node, callback) if callback is not None else "default"
