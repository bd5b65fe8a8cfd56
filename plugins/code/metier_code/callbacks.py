"""Functions that are arguments of calls: route handlers, tests, wrapped components."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

CALLS = frozenset(
    {
        "call_expression",  # JavaScript, TypeScript, Go, C++
        "function_call_expression",  # PHP, and the next two
        "scoped_call_expression",
        "member_call_expression",
        "invocation_expression",  # C#
        "method_invocation",  # Java
    }
)
FUNCTION_VALUES = frozenset(
    {
        "arrow_function",
        "function_expression",
        "generator_function",
        "anonymous_function",
        "anonymous_method_expression",
        "func_literal",
        "lambda_expression",
    }
)
_GROUPS = frozenset({"describe", "context", "suite"})
_TESTS = _GROUPS | {"it", "test", "specify"}
_BLOCKS = frozenset({"block", "compound_statement", "statement_block"})
_STRINGS = ("string", "encapsed_string", "interpreted_string_literal", "template_string")


def callback_of(call: Node) -> Node | None:
    """The function that a call is given, if it has a body of more than one expression."""
    for argument in _arguments(call):
        if argument.type in FUNCTION_VALUES:
            body = argument.child_by_field_name("body")
            is_long = argument.end_point[0] > argument.start_point[0]
            if body is not None and (body.type in _BLOCKS or is_long):
                return argument
    return None


def is_group(call: Node) -> bool:
    """Whether a call only names the tests in it: `describe("cart", () => { it(...) })`."""
    return _callee(call).partition(".")[0] in _GROUPS


def callback_name(call: Node, callback: Node) -> str:
    """The function's own name; else what it is passed to, with the text given there."""
    own = callback.child_by_field_name("name")
    if own is not None:
        return (own.text or b"").decode("utf-8", "replace")
    callee = _callee(call)
    text = next((_unquoted(node) for node in _arguments(call) if node.type in _STRINGS), "")
    return text if text and callee.partition(".")[0] in _TESTS else f"{callee} {text}".strip()


def _arguments(call: Node) -> Iterator[Node]:
    arguments = call.child_by_field_name("arguments")
    for node in arguments.named_children if arguments is not None else ():
        yield node.named_children[-1] if node.type == "argument" and node.named_children else node


def _callee(call: Node) -> str:
    """What is called, on one line: `router.post`."""
    arguments = call.child_by_field_name("arguments")
    end = arguments.start_byte - call.start_byte if arguments is not None else 0
    return " ".join((call.text or b"")[:end].decode("utf-8", "replace").split())[-60:]


def _unquoted(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace").strip("\"'`")
