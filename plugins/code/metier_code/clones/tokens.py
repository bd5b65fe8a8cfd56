"""Tokens of a source, without layout and comments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from tree_sitter import Node


class TokenKind(IntEnum):
    """What a token is: clones may differ in their names and literals."""

    WORD = 0
    """Keyword, operator or bracket: the same in all clones."""
    NAME = 1
    """Identifier, or the name of a type."""
    STRING = 2
    NUMBER = 3
    """A number, or a value with a name: true, false or nothing."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token.

    Attributes:
        kind: what it is.
        text: as it is written; of a string without quotes.
        start: offset of its first character in the source.
    """

    kind: TokenKind
    text: str
    start: int


_RawToken = tuple[TokenKind, bytes, int]
_NAMES = frozenset(
    {"name", "constant", "word", "variable_name", "instance_variable", "class_variable", "symbol",
     "global_variable", "simple_symbol", "atom", "alias"}
)  # fmt: skip
_TYPES = frozenset(
    {"predefined_type", "primitive_type", "integral_type", "floating_point_type", "boolean_type",
     "void_type", "sized_type_specifier"}
)  # fmt: skip
_VALUES = frozenset(
    {"true", "false", "none", "null", "nil", "null_literal", "boolean_literal", "undefined",
     "boolean", "boolean_value"}
)  # fmt: skip
_STRINGS = ("string", "char_literal", "character_literal", "rune_literal", "heredoc", "regex")
_NUMBERS = ("integer", "float", "number", "decimal", "int_literal", "real_literal")
_INSERTED = ("interpolation", "substitution", "interpolated")
_CLOSING = frozenset({b")", b"]", b"}"})
_QUOTES = b"\"'`"


def tokens_of(source: str, parse: Callable[[bytes], Node]) -> Iterator[Token]:
    """The tokens of a source with Unix newlines, in order.

    Left out: comments, documentation strings, semicolons and commas before a closing bracket, which
    formatters put in and take out.
    """
    raw = source.encode(errors="surrogatepass")
    offsets = _characters(raw)
    for kind, text, start in _without_trailing_commas(_leaves(raw, parse)):
        yield Token(kind, text.decode(errors="replace"), offsets(start))


def _characters(raw: bytes) -> Callable[[int], int]:
    """Offsets in characters by those in bytes."""
    if raw.isascii():
        return lambda offset: offset
    begins = (np.frombuffer(raw, dtype=np.uint8) & 0xC0) != 0x80
    counts: npt.NDArray[np.int64] = np.concatenate([[0], np.cumsum(begins)])
    return lambda offset: int(counts[offset])


def _leaves(raw: bytes, parse: Callable[[bytes], Node]) -> Iterator[_RawToken]:
    """Leaves of the syntax tree, a string in one; the cursor needs no stack, however deep it is."""
    cursor = parse(raw).walk()
    while True:
        node = cursor.node
        if node is None:
            return
        action = _action(node.type, node.is_named)
        if action == "descend" and _is_documentation(node):
            action = "skip"
        if action == "string" and not _is_whole_string(node):
            action = "descend" if node.child_count else "string"
        if action == "descend" and cursor.goto_first_child():
            continue
        kind = _KINDS.get(action)
        text = raw[node.start_byte : node.end_byte]
        if kind is None and action == "descend":
            kind = TokenKind.WORD
        if kind is not None and (text := text.strip()) and text != b";":
            yield kind, text.strip(_QUOTES) if kind == TokenKind.STRING else text, node.start_byte
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


_KINDS = {
    "name": TokenKind.NAME,
    "string": TokenKind.STRING,
    "number": TokenKind.NUMBER,
}


@lru_cache(maxsize=4096)
def _action(node_type: str, is_named: bool) -> str:
    """What to do with a node: `skip`, `descend`, or a token that it is as a whole."""
    if "comment" in node_type or node_type == "line_continuation":
        return "skip"
    if node_type.lower() in _VALUES:
        return "number"
    if not is_named:
        return "descend"
    if "identifier" in node_type and "scoped" not in node_type and "qualified" not in node_type:
        return "name"
    if node_type in _NAMES or node_type in _TYPES:
        return "name"
    if node_type.startswith("concatenated"):
        return "descend"
    if any(part in node_type for part in _STRINGS):
        return "string"
    return "number" if any(part in node_type for part in _NUMBERS) else "descend"


def _is_documentation(node: Node) -> bool:
    """Whether a statement is nothing but a string, as documentation in Python is."""
    if node.type != "expression_statement" or node.named_child_count != 1:
        return False
    child = node.named_child(0)
    return child is not None and child.type in ("string", "concatenated_string")


def _is_whole_string(node: Node) -> bool:
    """Whether a string has no expressions in it."""
    return not any(part in child.type for child in node.named_children for part in _INSERTED)


def _without_trailing_commas(leaves: Iterator[_RawToken]) -> Iterator[_RawToken]:
    """The tokens but commas before a closing bracket."""
    comma: _RawToken | None = None
    for leaf in leaves:
        if comma is not None and leaf[1] not in _CLOSING:
            yield comma
        comma = leaf if leaf[1] == b"," and leaf[0] == TokenKind.WORD else None
        if comma is None:
            yield leaf


def lexer_tokens(source: str, language: str) -> Iterator[Token]:
    """The tokens of a source in a language without a grammar, by its lexer of Pygments."""
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language.lower(), stripnl=False, ensurenl=False)
    except ClassNotFound:
        lexer = get_lexer_by_name("text", stripnl=False, ensurenl=False)
    start = 0
    for kind, text in lexer.get_tokens(source):
        start += len(text)
        names = {part.lower() for part in kind}  # such as literal, string and double
        if "comment" in names or not text.strip() or text == ";":
            continue
        token = TokenKind.NAME if "name" in names else TokenKind.WORD
        if "literal" in names:
            token = TokenKind.NUMBER if "number" in names else TokenKind.STRING
        yield Token(token, text.strip(), start - len(text))
