"""Names of definitions, from what a query captures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from metier_code.parsing.captures import Captures, Declaration, Span, spans_within

if TYPE_CHECKING:
    from tree_sitter import Node

_LONGEST = 200
"""Characters of a name; a callee may be a whole chain of calls."""
_CALLEE = 60
_TYPE_ARGUMENTS = re.compile(r"(?<=[\w>])<[^<>]*>")
_SEPARATORS = re.compile(r"::|\\|(?<=\w):(?=\w)|\?\.|->(?=\w)")
_OPERATOR = re.compile(r"\boperator\b\s*(?:\(\))?")
_QUOTES = "\"'`: \t"
_UNNAMED = "default"


def text_of(node: Node) -> str:
    """The source of a node."""
    return (node.text or b"").decode("utf-8", "replace")


def plain_name(text: str) -> str:
    """A name without quotes and type arguments, its parts joined by dots."""
    name = " ".join(text[: 4 * _LONGEST].split()).strip(_QUOTES)
    if (operator := _OPERATOR.search(name)) is not None:
        after = name[operator.start() :]
        symbol = after[: operator.end() - operator.start()]
        symbol += after[len(symbol) :].partition("(")[0]
        return f"{plain_name(name[: operator.start()])}.{symbol}".strip(".")[:_LONGEST]
    while (shorter := _TYPE_ARGUMENTS.sub("", name)) != name:
        name = shorter
    return _SEPARATORS.sub(".", name).strip(".")[:_LONGEST]


def name_of(declared: Declaration, source: bytes, captures: Captures) -> str:
    """The name of a definition or scope, without those round it."""
    named = ".".join(
        name for node in declared.captures.get("name", ()) if (name := plain_name(text_of(node)))
    )
    if declared.role in ("callback", "test") or declared.scope == "group":
        return named or _call_name(declared, source, captures)
    named = (declared.settings.get("prefix") or "") + named
    named = declared.settings.get("name") or named
    named += "".join(f"{text_of(node)}:" for node in declared.captures.get("selector", ()))
    receiver = declared.node("receiver")
    before = f"{plain_name(text_of(receiver))}." if receiver is not None else ""
    return before + (named or _UNNAMED)


def _call_name(declared: Declaration, source: bytes, captures: Captures) -> str:
    """What a function is passed to, with the text given there; a test's text alone."""
    given = (text_of(node).strip(_QUOTES) for node in declared.captures.get("argument", ()))
    argument = " ".join(" ".join(given).split())[:_LONGEST]
    if argument and (declared.role == "test" or declared.scope == "group"):
        return argument
    return f"{_callee(declared, source, captures)} {argument}".strip() or _UNNAMED


def _callee(declared: Declaration, source: bytes, captures: Captures) -> str:
    """What is called, on one line: `router.post`, and `router.route("/a").post` of a chain."""
    start, end = _callee_span(declared)
    pieces, position = [], start
    for first, last in spans_within(captures.arguments, start, end):
        if first >= position:
            pieces.append(source[position:first])
            position = last
    pieces.append(source[position:end])
    callee = b"".join(pieces)[-8 * _CALLEE :].decode("utf-8", "replace")
    callee = _TYPE_ARGUMENTS.sub("", callee)
    return " ".join(callee.split())[-_CALLEE:]


def _callee_span(declared: Declaration) -> Span:
    arguments = declared.node("arguments")
    if arguments is not None:
        return declared.span[0], arguments.start_byte
    callee = declared.node("callee")
    return (callee.start_byte, callee.end_byte) if callee is not None else (declared.span[0],) * 2
