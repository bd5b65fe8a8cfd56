"""Which captured definitions count, with their names and extents: the outermost functions."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from metier_code.parsing.captures import Captures, Declaration, Span
from metier_code.parsing.definition import Kind
from metier_code.parsing.naming import name_of, plain_name, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_LIST = re.compile(r"block|body|statement_list|statements")
"""Types of nodes that only hold statements."""
_NESTED_LISTS = 3
_BLANKS = b" \t\f\v\r\n"


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A definition with its place among the others.

    Attributes:
        declared: what was captured.
        kind: of the definition.
        name: with those of what it stands in.
        start: with comments, attributes and `export` before it, in bytes.
        head: where it starts without comments and attributes.
        end: after its last character; that of a class may lie before its body ends.
        reach: after the last character of what it holds.
        comments: right above it.
        doc: its documentation in what is attached to it.
    """

    declared: Declaration
    kind: Kind
    name: str
    start: int
    head: int
    end: int
    reach: int
    comments: tuple[Span, ...]
    doc: Node | None = None


def _is_worth_finding(declared: Declaration) -> bool:
    """Whether a function that is an argument is long, a block of statements or has a text."""
    callback = declared.node("callback")
    return (
        callback is None
        or callback.end_point[0] > callback.start_point[0]
        or declared.node("block") is not None
        or declared.node("argument") is not None
    )


@dataclass(frozen=True, slots=True)
class _Scope:
    declared: Declaration
    reach: int
    prefix: str
    """What stands before the names of its members, with its joint."""
    has_methods: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """The definitions of a source, and the heads of what they stand in.

    Attributes:
        definitions: in source order, without overlap, except that a class reaches over its members.
        heads: spans of the heads of namespaces and groups, which are not worth finding.
    """

    definitions: list[OutlineEntry]
    heads: list[Span]


def outline_of(captures: Captures, source: bytes) -> Outline:
    """The functions not inside another one, the classes, and what their names stand after."""
    builder = _Builder(captures, source)
    for declared in captures.declared:
        builder.add(declared)
    definitions = _with_clauses(builder.definitions, source)
    return Outline(_without_members(definitions), sorted(builder.heads))


def _with_clauses(definitions: list[OutlineEntry], source: bytes) -> list[OutlineEntry]:
    """Clauses of one function that stand one after the other as one definition."""
    joined: list[OutlineEntry] = []
    for single in definitions:
        last = joined[-1] if joined else single
        if (
            last is not single
            and "clause" in single.declared.captures
            and "clause" in last.declared.captures
            and (single.name, single.kind) == (last.name, last.kind)
            and not source[last.end : single.start].strip(_BLANKS)
        ):
            joined[-1] = replace(last, end=single.end, reach=single.reach)
        else:
            joined.append(single)
    return joined


def _without_members(definitions: list[OutlineEntry]) -> list[OutlineEntry]:
    """Classes end where their first member starts."""
    ended = []
    for index, single in enumerate(definitions):
        following = definitions[index + 1].start if index + 1 < len(definitions) else single.reach
        if single.kind == "class" and following < single.reach:
            single = OutlineEntry(
                single.declared, single.kind, single.name, single.start, single.head,
                following, single.reach, single.comments, single.doc,
            )  # fmt: skip
        ended.append(single)
    return ended


class _Builder:
    """One pass over what is captured, from the outside to the inside."""

    def __init__(self, captures: Captures, source: bytes) -> None:
        self.definitions: list[OutlineEntry] = []
        self.heads: list[Span] = []
        self._captures = captures
        self._source = source
        self._before = sorted([*captures.comments, *captures.attached])
        self._comments = set(captures.comments)
        self._scopes: list[_Scope] = []
        self._closed = 0  # end of the function that was added last: nothing inside it counts
        self._taken = 0  # end of the definition that was added last
        self._file_prefix = ""
        self._classes: set[Span] = set()
        self._statements = {
            captures.outermost(single.span)[0]: single
            for single in captures.declared
            if single.role and _is_worth_finding(single)
        }

    def add(self, declared: Declaration) -> None:
        """Take what is captured next, unless it is inside of a function."""
        start, end = declared.span
        if start < self._closed or declared.role == "module":
            return
        if (body := declared.body) is not None and body.start_byte == body.end_byte:
            return  # nobody wrote it: the grammar supposes it after a fault
        while self._scopes and self._scopes[-1].reach <= start:
            self._scopes.pop()
        if declared.scope == "file":
            self._file_prefix = f"{name_of(declared, self._source, self._captures)}."
            self.heads.append(declared.span)
        elif declared.role is None:
            self._open(declared, end)
        elif declared.role in ("callback", "test"):
            self._add_callback(declared)
        else:
            self._define(declared)

    def _add_callback(self, declared: Declaration) -> None:
        """Take a function that is an argument, unless it is short or stands for those in it."""
        callback = declared.node("callback")
        if callback is None or not _is_worth_finding(declared):
            return
        outer, _ = self._captures.outermost(declared.span)
        if outer in self._classes:  # `Point = Struct.new do`
            return
        if self._stands_for_others(declared, declared.body or callback):
            self.heads.append((declared.span[0], (declared.body or callback).start_byte))
        else:
            self._define(declared)

    def _stands_for_others(self, declared: Declaration, body: Node) -> bool:
        """Whether the definitions right inside of a function count in its place.

        Such is the function of a group of routes, or one that waits for a page to be ready; none
        that has a name.
        """
        if declared.role == "test" or declared.node("name"):
            return False
        if self._captures.outermost(declared.span)[1] is not None or not self._holds_any(body):
            return False
        held = [self._statements.get(span) for span in self._held(body)]
        routes = [single is not None and single.node("argument") is not None for single in held]
        if declared.node("argument") is not None:
            return bool(held) and all(routes)
        calls = ("callback", "test")
        return (
            any(routes)
            or any(single and single.role not in calls for single in held)
            or (bool(held) and all(held))
        )

    def _holds_any(self, body: Node) -> bool:
        declared = self._captures.declared
        first = bisect_left(declared, body.start_byte, key=lambda single: single.span[0])
        return first < len(declared) and declared[first].span[0] < body.end_byte

    def _held(self, body: Node) -> list[Span]:
        """The statements of a body, which may stand in a list of statements."""
        for _ in range(_NESTED_LISTS):
            children = [
                child
                for child in body.named_children
                if (child.start_byte, child.end_byte) not in self._comments
            ]
            if len(children) != 1 or _LIST.search(children[0].type) is None:
                break
            body = children[0]
        return [(child.start_byte, child.end_byte) for child in children]

    def _open(self, declared: Declaration, reach: int) -> None:
        """Let the name of a scope stand before those of its members."""
        joint = " " if declared.scope == "group" else "."
        prefix = self._prefix()
        if declared.role or declared.scope == "group" or declared.node("name"):
            prefix += name_of(declared, self._source, self._captures) + joint
        has_methods = declared.scope == "type"
        scope = _Scope(declared, reach, prefix, has_methods)
        self._scopes.append(scope)
        if declared.role is None:
            line_end = self._source.find(b"\n", *declared.span)
            body = declared.body
            head_end = body.start_byte if body else line_end if line_end >= 0 else reach
            self.heads.append((declared.span[0], head_end))

    def _prefix(self) -> str:
        return self._scopes[-1].prefix if self._scopes else self._file_prefix

    def _define(self, declared: Declaration) -> None:
        (start, end), outer_name = self._captures.outermost(declared.span)
        if start < self._taken:  # `export` of several definitions
            start, end = declared.span
        if outer_name is not None and declared.role in ("callback", "test"):
            name = plain_name(text_of(outer_name))
        else:
            name = name_of(declared, self._source, self._captures)
        while self._scopes and self._scopes[-1].declared.span[0] >= start:
            self._scopes.pop()  # it reaches over the scope, whose name it has
        head = self._after_attached(start, declared)
        before = tuple(self._spans_before(start))
        comments = tuple(span for span in before if span in self._comments)
        docs = [self._captures.docs[span] for span in before if span in self._captures.docs]
        first = before[-1][0] if before else start
        self.definitions.append(
            OutlineEntry(
                declared, self._kind(declared), self._prefix() + name, first, head, end, end,
                comments[::-1], docs[0] if docs else None,
            )
        )  # fmt: skip
        self._taken = start
        if declared.role == "class":
            self._classes.add((start, end))
            self._open(declared, end)
        else:
            self._taken = self._closed = end

    def _kind(self, declared: Declaration) -> Kind:
        if declared.role == "class":
            return "class"
        in_type = bool(self._scopes) and self._scopes[-1].has_methods
        is_method = declared.role == "method" or (declared.role == "function" and in_type)
        return "method" if is_method or declared.node("receiver") else "function"

    def _after_attached(self, start: int, declared: Declaration) -> int:
        """Where a head starts after the attributes and comments at its beginning."""
        for span in self._captures.attached_within(start, declared.span[1]):
            gap = self._source[start : span[0]]
            if gap.strip(_BLANKS):
                break
            start = span[1]
        while start < declared.span[1] and self._source[start] in _BLANKS:
            start += 1
        return start

    def _spans_before(self, start: int) -> Iterator[Span]:
        """Comments and attributes right before an offset, the last one first."""
        index = bisect_left(self._before, (start, 0)) - 1
        while index >= 0 and self._before[index][0] >= self._taken:
            span = self._before[index]
            index -= 1
            if span[1] > start:  # inside of another comment
                continue
            gap = self._source[span[0] : start]
            if gap[span[1] - span[0] :].strip(_BLANKS):
                return
            if gap[len(gap.rstrip(_BLANKS)) :].count(b"\n") > 1 or not self._belongs(span):
                return
            yield span
            start = span[0]

    def _belongs(self, span: Span) -> bool:
        """Whether a comment stands on a line of its own: else it is about the code before."""
        if span not in self._comments:
            return True
        line_start = self._source.rfind(b"\n", 0, span[0]) + 1
        return not self._source[line_start : span[0]].strip(_BLANKS)
