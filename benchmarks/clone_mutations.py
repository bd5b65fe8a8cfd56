"""Clones made of a function by edits of its syntax tree, each valid code again.

Type 1 changes layout and comments, type 2 names and literals, type 3 statements.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

EDITS = ("inserted", "deleted", "changed", "reordered", "mixed")

_WORDS = (
    "amber", "basin", "cedar", "delta", "ember", "fjord", "grove", "heron", "inlet", "jetty",
    "knoll", "larch", "marsh", "north", "ocean", "prism", "quill", "ridge", "spruce", "tidal",
)  # fmt: skip
_SIMPLE = frozenset(
    {"expression_statement", "return_statement", "lexical_declaration", "variable_declaration",
     "assert_statement", "raise_statement", "throw_statement", "delete_statement"}
)  # fmt: skip
_BLOCKS = frozenset({"block", "statement_block"})
_LAST = frozenset({"return_statement", "raise_statement", "throw_statement"})
_BOUND = {
    "parameters": None, "formal_parameters": None, "assignment": "left", "for_statement": "left",
    "variable_declarator": "name", "default_parameter": "name", "typed_parameter": None,
    "typed_default_parameter": "name", "for_in_clause": "left", "as_pattern_target": None,
    "for_in_statement": "left", "lambda_parameters": None, "arrow_function": "parameter",
    "function_definition": "name", "function_declaration": "name",
}  # fmt: skip
"""Nodes that bind names, and the field that has them; None for all of their children."""
_FIXED = frozenset({"self", "cls", "super", "this", "arguments", "undefined"})
_EXPRESSIONS = frozenset(
    {"call", "call_expression", "binary_operator", "binary_expression", "attribute", "integer",
     "member_expression", "comparison_operator", "number", "subscript", "subscript_expression"}
)  # fmt: skip
_LISTS = frozenset({"argument_list", "arguments", "list", "array", "dictionary", "object"})
_NUMBERS = frozenset({"integer", "float", "number"})
_ATTEMPTS = 10

Edit = tuple[int, int, str]


@dataclass(frozen=True)
class Grammar:
    """A language that clones are made in."""

    name: str
    parser: Parser
    comment: str

    def is_valid(self, source: str) -> bool:
        """Whether a source can be parsed, and one of Python compiled."""
        if self.name == "Python":
            try:
                compile(source, "clone", "exec", dont_inherit=True)
            except (SyntaxError, ValueError):
                return False
        return not self.parser.parse(source.encode()).root_node.has_error


@lru_cache(maxsize=2)
def grammar(name: str) -> Grammar:
    """Python or JavaScript."""
    from tree_sitter import Language, Parser

    if name == "Python":
        import tree_sitter_python

        return Grammar(name, Parser(Language(tree_sitter_python.language())), "#")
    import tree_sitter_javascript

    return Grammar(name, Parser(Language(tree_sitter_javascript.language())), "//")


class Mutator:
    """Makes clones of functions of one language.

    Args:
        language: Python or JavaScript.
        others: functions to take statements and expressions from.
        seed: of the choices.
    """

    def __init__(self, language: str, others: Sequence[str], seed: int = 0) -> None:
        self._grammar = grammar(language)
        self._random = random.Random(seed)
        self._new_statements: list[str] = []
        self._new_expressions: list[str] = []
        for source in others:
            for node in _statements(self._root(source)):
                if node.start_point[0] == node.end_point[0] and node.type not in _LAST:
                    self._new_statements.append(_text(node))
                self._new_expressions += [
                    _text(inner)
                    for inner in _nodes(node)
                    if inner.type in _EXPRESSIONS and "\n" not in _text(inner)
                ]

    def type1(self, source: str) -> str | None:
        """Another layout, without the comments, and with others."""
        edited = self._edit(source, self._drop_comments, may_be_equal=True)
        return edited and self._edit(edited, self._lay_out)

    def type2(self, source: str, *, everywhere: bool = False) -> str | None:
        """Names and literals replaced throughout; `everywhere` also names it does not define."""
        edited = self._edit(source, self._replace_literals, may_be_equal=True)
        return edited and self._edit(edited, lambda root: self._rename(root, everywhere))

    def type3(self, source: str, kind: str, share: float) -> str | None:
        """A share of its statements edited: one of `EDITS`, one after another."""
        edited: str | None = source
        for _ in range(max(1, round(self.count_statements(source) * share))):
            edit = self._random.choice(EDITS[:4]) if kind == "mixed" else kind
            if edited is not None:
                edited = self._edit(edited, getattr(self, f"_{edit}"))
        return edited

    def count_statements(self, source: str) -> int:
        """Statements that have no others in them."""
        return len(_statements(self._root(source)))

    def is_valid(self, source: str) -> bool:
        """Whether a source can be parsed by itself."""
        return self._grammar.is_valid(source)

    def _root(self, source: str) -> Node:
        return self._grammar.parser.parse(source.encode()).root_node

    def _edit(
        self, source: str, edits_of: Callable[[Node], list[Edit]], *, may_be_equal: bool = False
    ) -> str | None:
        """The source after edits; None where several attempts give nothing that is valid."""
        raw = source.encode()
        for _ in range(_ATTEMPTS):
            edited = raw
            for start, end, text in sorted(edits_of(self._root(source)), reverse=True):
                edited = edited[:start] + text.encode() + edited[end:]
            if (may_be_equal or edited != raw) and self._grammar.is_valid(edited.decode()):
                return edited.decode()
        return None

    # --- edits of the tree -----------------------------------------------------------------------

    def _drop_comments(self, root: Node) -> list[Edit]:
        return [
            (node.start_byte, node.end_byte, "")
            for node in _nodes(root)
            if node.type == "comment" or (_is_documentation(node) and _has_siblings(node))
        ]

    def _lay_out(self, root: Node) -> list[Edit]:
        """Line breaks after commas in brackets, blank lines and comments before statements."""
        edits: list[Edit] = []
        for node in _nodes(root):
            inside = node.parent is not None and node.parent.type in _LISTS
            if node.type == "," and inside and self._random.random() < 0.4:
                edits.append((node.end_byte, node.end_byte, "\n          "))
        for node in _statements(root):
            if self._random.random() < 0.4 and not _follows_on_its_line(node):
                indent = " " * node.start_point[1]
                comment = f"{self._grammar.comment} {self._words(4)}\n\n{indent}"
                edits.append((node.start_byte, node.start_byte, comment))
        return edits

    def _replace_literals(self, root: Node) -> list[Edit]:
        edits: list[Edit] = []
        for node in _nodes(root):
            if self._random.random() < 0.3:
                continue
            if node.type in ("string_content", "string_fragment"):
                edits.append((node.start_byte, node.end_byte, self._words(2)))
            elif node.type in _NUMBERS:
                edits.append((node.start_byte, node.end_byte, str(self._random.randint(2, 99))))
        return edits

    def _rename(self, root: Node, everywhere: bool) -> list[Edit]:
        kinds = {"identifier"} | ({"property_identifier"} if everywhere else set())
        nodes = [node for node in _nodes(root) if node.type in kinds]
        shorthand = {
            _text(node) for node in _nodes(root) if node.type.startswith("shorthand_property")
        }
        names = {_text(node) for node in nodes} if everywhere else _bound_names(root)
        names -= shorthand | _FIXED
        new = {name: self._name(number) for number, name in enumerate(sorted(names))}
        return [
            (node.start_byte, node.end_byte, new[_text(node)])
            for node in nodes
            if _text(node) in new and (everywhere or not _is_member(node))
        ]

    def _inserted(self, root: Node) -> list[Edit]:
        statements = [node for node in _statements(root) if not _follows_on_its_line(node)]
        if not statements:
            return []
        node = self._random.choice(statements)
        statement = self._random.choice(self._new_statements)
        indent = " " * node.start_point[1]
        return [(node.start_byte, node.start_byte, f"{statement}\n{indent}")]

    def _deleted(self, root: Node) -> list[Edit]:
        statements = [node for node in _statements(root) if _has_siblings(node)]
        if not statements:
            return []
        node = self._random.choice(statements)
        return [(node.start_byte, node.end_byte, "")]

    def _changed(self, root: Node) -> list[Edit]:
        """An expression in a statement replaced by one of another function."""
        node = self._random.choice(_statements(root) or [root])
        inner = [part for part in _nodes(node) if part.type in _EXPRESSIONS]
        if not inner:
            return []
        replaced = self._random.choice(inner)
        new = self._random.choice(self._new_expressions)
        return [(replaced.start_byte, replaced.end_byte, new)]

    def _reordered(self, root: Node) -> list[Edit]:
        """Two neighbors exchanged."""
        neighbors = [
            (node, node.next_named_sibling)
            for node in _statements(root)
            if node.next_named_sibling is not None and node.next_named_sibling.type in _SIMPLE
        ]
        neighbors = [pair for pair in neighbors if not _LAST & {pair[0].type, pair[1].type}]
        if not neighbors:
            return []
        first, second = self._random.choice(neighbors)
        return [
            (first.start_byte, first.end_byte, _text(second)),
            (second.start_byte, second.end_byte, _text(first)),
        ]

    def _words(self, count: int) -> str:
        return " ".join(self._random.choices(_WORDS, k=count))

    def _name(self, number: int) -> str:
        return f"{self._random.choice(_WORDS)}_{number}"


def _nodes(root: Node) -> Iterator[Node]:
    """A node and all below it, from left to right."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.children))


def _statements(root: Node) -> list[Node]:
    """Statements in blocks that have no others in them, without documentation strings."""
    return [
        node
        for node in _nodes(root)
        if node.type in _SIMPLE
        and node.parent is not None
        and node.parent.type in _BLOCKS
        and not _is_documentation(node)
        and not any(inner.type in _BLOCKS for inner in _nodes(node))
    ]


def _bound_names(root: Node) -> set[str]:
    """Names that a function defines: its own, parameters and variables."""
    names = set()
    for node in _nodes(root):
        if node.type not in _BOUND:
            continue
        field = _BOUND[node.type]
        below = node.child_by_field_name(field) if field else None
        parts = node.children if field is None else [below] if below is not None else []
        for part in parts:
            if part.type in ("pattern_list", "tuple_pattern", "array_pattern"):
                names |= {_text(item) for item in part.children if item.type == "identifier"}
            elif part.type == "identifier":
                names.add(_text(part))
    return names


def _is_member(node: Node) -> bool:
    """Whether a name is that of an attribute or of an argument."""
    above = node.parent
    if above is None or above.type not in ("attribute", "keyword_argument"):
        return False
    field = "attribute" if above.type == "attribute" else "name"
    return above.child_by_field_name(field) == node


def _is_documentation(node: Node) -> bool:
    if node.type != "expression_statement" or node.named_child_count != 1:
        return False
    child = node.named_child(0)
    return child is not None and child.type in ("string", "concatenated_string")


def _has_siblings(node: Node) -> bool:
    return node.parent is not None and node.parent.named_child_count > 1


def _follows_on_its_line(node: Node) -> bool:
    """Whether something stands before a statement in its line."""
    before = node.prev_sibling or (node.parent.prev_sibling if node.parent is not None else None)
    return before is not None and before.end_point[0] == node.start_point[0]


def _text(node: Node) -> str:
    return (node.text or b"").decode()
