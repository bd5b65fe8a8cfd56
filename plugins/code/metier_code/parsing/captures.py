"""What a query captures in a syntax tree, by offsets; see queries/README.md."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from metier_code.parsing.grammars import Grammar, TooManyTokens, matches

if TYPE_CHECKING:
    from tree_sitter import Node

Span = tuple[int, int]
"""Start and end of a stretch of a source, in bytes."""
Role = Literal["function", "method", "class", "callback", "test", "module"]


_MOST_TOKENS = 20_000
"""Tokens in a row of a stretch that is not understood: a query takes the square of their number."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """A node that a pattern captures as a definition or a scope, and what it captures in it."""

    span: Span
    role: Role | None
    """What it defines; None for a scope only."""
    scope: Literal["", "plain", "type", "group", "file"]
    """Whose names stand before those of what is inside."""
    captures: dict[str, list[Node]]
    pattern: int
    settings: dict[str, str | None]
    """What `#set!` says: `name`, or the `prefix` of the name."""

    def node(self, capture: str) -> Node | None:
        """The first node of a capture."""
        nodes = self.captures.get(capture)
        return nodes[0] if nodes else None

    def is_apart(self, node: Node) -> bool:
        """Whether a captured node stands after what is captured as the definition."""
        return any(
            node.start_byte >= captured.end_byte
            for capture, nodes in self.captures.items()
            if capture.startswith("definition")
            for captured in nodes
        )

    @property
    def body(self) -> Node | None:
        """The body, whether it is a block of statements or an expression."""
        return self.node("block") or self.node("body")


@dataclass(slots=True)
class Captures:
    """Everything a query captures in a tree.

    Attributes:
        declared: definitions and scopes, from the outside to the inside and in source order.
        comments: spans, in source order.
        attached: spans of attributes and decorators, in source order.
        imports: spans of statements that are not worth finding, in source order.
        arguments: spans of the arguments that hold a function, in source order.
        docs: the documentation that stands in some of what is attached.
    """

    declared: list[Declaration] = field(default_factory=list)
    comments: list[Span] = field(default_factory=list)
    attached: list[Span] = field(default_factory=list)
    imports: list[Span] = field(default_factory=list)
    arguments: list[Span] = field(default_factory=list)
    docs: dict[Span, Node] = field(default_factory=dict)
    _outer: dict[Span, tuple[Span, Node | None]] = field(default_factory=dict)

    def outermost(self, span: Span) -> tuple[Span, Node | None]:
        """What a definition reaches over, such as `export`, and the name that it gets there."""
        name = None
        while span in self._outer:
            outer, outer_name = self._outer[span]
            name = name or outer_name
            if outer == span:
                break
            span = outer
        return span, name

    def attached_within(self, start: int, end: int) -> Iterator[Span]:
        """Attributes and decorators between two offsets."""
        return spans_within(self.attached, start, end)

    def add_outer(self, inner: Span, outer: Span, name: Node | None) -> None:
        """Let what is exactly `inner` reach over `outer`."""
        known = self._outer.get(inner)
        if known is None or known[0] == inner:
            self._outer[inner] = (outer, name or (known[1] if known else None))


def captures_of(grammar: Grammar, root: Node) -> Captures:
    """What the query of a language captures in a tree."""
    captures = Captures()
    declared: dict[Span, Declaration] = {}
    for pattern, captured in matches(grammar.definitions, root):
        for single in _declared(grammar, pattern, captured):
            _keep(single, declared)
            if single.role in ("callback", "test") and (node := single.node("arguments")):
                captures.arguments.append(_span(node))
        if "outer" in captured and "inner" in captured:
            name = captured.get("name")
            captures.add_outer(
                _span(captured["inner"][0]), _span(captured["outer"][0]), name[0] if name else None
            )
        if "attached" in captured and "doc" in captured:
            captures.docs[_span(captured["attached"][0])] = captured["doc"][0]
        for spans, capture in (
            (captures.comments, "comment"),
            (captures.attached, "attached"),
            (captures.imports, "import"),
        ):
            spans.extend(_span(node) for node in captured.get(capture, ()))
    captures.declared = sorted(declared.values(), key=lambda one: (one.span[0], -one.span[1]))
    for spans in (captures.comments, captures.attached, captures.imports, captures.arguments):
        spans.sort()
    return captures


def faults_of(root: Node) -> list[Span]:
    """The outermost stretches that the grammar does not understand, in source order.

    Raises:
        TooManyTokens: one has more tokens in a row than can be searched in linear time.
    """
    faults: list[Span] = []
    stack = [(root, False)]
    while stack:
        node, is_inside = stack.pop()
        if not is_inside and (node.is_error or node.is_missing):
            faults.append(_span(node))
            is_inside = True
        if node.has_error:
            if node.child_count - node.named_child_count > _MOST_TOKENS:
                raise TooManyTokens
            stack.extend((child, is_inside) for child in reversed(node.children) if child.has_error)
    return faults


def spans_within(spans: list[Span], start: int, end: int) -> Iterator[Span]:
    """Those of sorted spans that lie between two offsets."""
    for index in range(bisect_left(spans, (start, 0)), len(spans)):
        if spans[index][0] >= end:
            return
        if spans[index][1] <= end:
            yield spans[index]


def _span(node: Node) -> Span:
    return node.start_byte, node.end_byte


def _whole(node: Node, captured: dict[str, list[Node]]) -> Span:
    """The span of a definition; a body may stand after its head rather than inside of it."""
    bodies = (*captured.get("body", ()), *captured.get("block", ()))
    return node.start_byte, max([node.end_byte, *(body.end_byte for body in bodies)])


def _declared(
    grammar: Grammar, pattern: int, captured: dict[str, list[Node]]
) -> Iterable[Declaration]:
    settings = grammar.settings[pattern]
    for capture, nodes in captured.items():
        kind, _, detail = capture.partition(".")
        if kind == "definition":
            is_scope: Literal["", "type"] = "type" if detail == "class" else ""
            role: Role = detail  # type: ignore[assignment]
            yield Declaration(
                _whole(nodes[0], captured), role, is_scope, captured, pattern, settings
            )
        elif kind == "scope":
            scope: Literal["plain", "type"] = detail or "plain"  # type: ignore[assignment]
            yield Declaration(_whole(nodes[0], captured), None, scope, captured, pattern, settings)


def _keep(single: Declaration, declared: dict[Span, Declaration]) -> None:
    """Keep the first pattern of a node; of one pattern, the match that captures most."""
    known = declared.get(single.span)
    if (
        known is None
        or single.pattern < known.pattern
        or (single.pattern == known.pattern and _count(single) > _count(known))
    ):
        declared[single.span] = single


def _count(single: Declaration) -> int:
    return sum(map(len, single.captures.values()))
