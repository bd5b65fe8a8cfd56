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
        "call",  # Ruby
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
        "lambda",  # Ruby, Python
        "lambda_literal",  # Kotlin
        "closure_expression",  # Rust
    }
)
_GROUPS = frozenset({"describe", "context", "suite"})
_TESTS = _GROUPS | {"it", "test", "specify"}
_DEFINERS = frozenset({"define_method", "define_singleton_method"})
_VALUES = frozenset({"lambda", "proc"})
_BLOCKS = frozenset({"block", "compound_statement", "statement_block", "do_block"})
_STRINGS = ("string", "encapsed_string", "interpreted_string_literal", "template_string",
            "string_literal", "simple_symbol", "constant", "scope_resolution")  # fmt: skip


def callback_of(call: Node) -> Node | None:
    """The function that a call is given, if it has a body of more than one expression.

    One of a single expression counts where a text before it names it: `app.get("/", () => 1);`.
    """
    block = call.child_by_field_name("block")  # in Ruby
    if block is not None:
        is_long = block.end_point[0] > block.start_point[0]
        return block if is_long or _callee(call).rpartition(".")[2] in _TESTS | _DEFINERS else None
    named = False
    for argument in _arguments(call):
        if argument.type in FUNCTION_VALUES:
            body = argument.child_by_field_name("body")
            is_long = argument.end_point[0] > argument.start_point[0]
            if body is not None and (body.type in _BLOCKS or is_long or named):
                return argument
        named = named or argument.type in _STRINGS
    return None


def is_group(call: Node) -> bool:
    """Whether a call only names the tests in it: `describe("cart", () => { it(...) })`."""
    return not _GROUPS.isdisjoint(_callee(call).split("."))


def defines_method(call: Node) -> bool:
    """Whether a call defines a method: `define_method(:size) { ... }` in Ruby."""
    return _callee(call) in _DEFINERS


def callback_name(call: Node, callback: Node) -> str:
    """The function's own name; else what it is passed to, with the text given there."""
    own = callback.child_by_field_name("name")
    if own is not None:
        return (own.text or b"").decode("utf-8", "replace")
    callee = _callee(call)
    text = next((_unquoted(node) for node in _arguments(call) if node.type in _STRINGS), "")
    if text and callee in _DEFINERS:
        return text
    is_test = not _TESTS.isdisjoint(callee.split("."))
    return text if text and is_test else f"{callee} {text}".strip()


def _arguments(call: Node) -> Iterator[Node]:
    arguments = call.child_by_field_name("arguments")
    for node in arguments.named_children if arguments is not None else ():
        yield node.named_children[-1] if node.type == "argument" and node.named_children else node


def _callee(call: Node) -> str:
    """What is called, on one line: `router.post`, and `router.route("/a").post` of a chain."""
    arguments = call.child_by_field_name("arguments") or call.child_by_field_name("block")
    end = arguments.start_byte if arguments is not None else call.start_byte
    text = b""
    position = call.start_byte
    for inner in _inner_calls(call):
        given = inner.child_by_field_name("arguments")
        if given is not None and callback_of(inner) is not None:
            text += (call.text or b"")[
                position - call.start_byte : given.start_byte - call.start_byte
            ]
            position = given.end_byte
    text += (call.text or b"")[position - call.start_byte : max(end - call.start_byte, 0)]
    return " ".join(text.decode("utf-8", "replace").split())[-60:]


def _inner_calls(call: Node) -> list[Node]:
    """The calls before the last one of a chain, first one first."""
    calls = []
    node: Node | None = call
    while node is not None:
        inner = next(
            (part for name in ("function", "object", "receiver", "expression", "scope")
             if (part := node.child_by_field_name(name)) is not None),
            None,
        )  # fmt: skip
        if inner is not None and inner.type in CALLS:
            calls.append(inner)
        node = inner
    return calls[::-1]


def _unquoted(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace").strip("\"'`:")
