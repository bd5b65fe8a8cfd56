"""Strings of sources that the messages in a report were made from."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from metier_code.traces.tree_definitions import TreeDefinitions

_LITERAL = re.compile(
    r'(?<!\\)(?:"((?:[^"\\\n]|\\.){6,300}+)"|\'((?:[^\'\\\n]|\\.){6,300}+)\'|`((?:[^`\\\n]|\\.){6,300}+)`)'
)
"""Strings; a quotation mark behind a backslash begins none, which many of them would make slow."""
_PLACEHOLDER = re.compile(
    r"%(?:\(\w{1,40}\))?+[-+ #0]*+\d*+(?:\.\d++)?+[sdrifgxXcvqTuUpl@]"
    r"|[$#]?+\{[^{}\n]{0,80}+\}|\\\([^()\n]{0,80}+\)|\$\w++"
)
_ESCAPE = re.compile(r"\\[nrt]|\\(.)")
_RAISES = re.compile(
    r"\b(?:raise|throw|panic|abort|die|bail|ensure|expect|assert\w*|reject|fail\w*|fatal\w*|error\w*"
    r"|\w*Error\w*|\w*Exception|Errorf|warn\w*|log\w*|print\w*)\b[^\n]{0,60}$"
)
_BEFORE = 140
"""Characters before a string in which a word says that it is a message."""
_LONGEST = 50_000
"""Characters of a report in which messages are looked for, beside those of its traces."""
_LEAST_LETTERS = 10
_ENOUGH_LETTERS = 24
"""Letters of a string, without placeholders, from which it is surely the one."""
_ONLY_HELD = 0.6
"""How much a string counts that the source holds without raising or reporting it."""
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """A string of a source, as what stays the same in the messages that are made from it.

    Attributes:
        pieces: between its placeholders, in order.
        letters: of all pieces.
        raised: whether the source raises or reports it, rather than only holding it.
        definitions: positions of the definitions that hold it.
    """

    pieces: tuple[str, ...]
    letters: int
    raised: bool
    definitions: tuple[int, ...]

    @property
    def shown(self) -> str:
        """The string with dots for what differs from message to message."""
        return "…".join(piece.strip() for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class MessageMatch:
    """A string of a source that a message in a report was made from.

    Attributes:
        template: the string.
        score: in (0, 1], higher for long strings that few definitions hold.
    """

    template: MessageTemplate
    score: float


class MessageTemplates:
    """The strings of a tree that may be messages.

    Args:
        tree: to read them from.
    """

    def __init__(self, tree: TreeDefinitions) -> None:
        holders: dict[tuple[str, ...], dict[int, bool]] = defaultdict(dict)
        for position, item in enumerate(tree.definitions):
            text = item.text
            for literal in _LITERAL.finditer(text):
                pieces = _pieces(next(filter(None, literal.groups()), ""))
                if not pieces:
                    continue
                before = text[max(literal.start() - _BEFORE, 0) : literal.start()]
                raised = _RAISES.search(before.rpartition(";")[2]) is not None
                holders[pieces][position] = holders[pieces].get(position, False) or raised
        self._templates = [
            MessageTemplate(pieces, _letters(pieces), any(of.values()), _raising(of))
            for pieces, of in holders.items()
        ]

    def matches(self, messages: Sequence[str], prose: str) -> dict[int, MessageMatch]:
        """The best match of each definition that has one.

        Args:
            messages: of the errors in the traces of a report.
            prose: the rest of the report, which may quote messages.
        """
        lines = [" ".join(message.split()) for message in messages]
        quoted = [" ".join(line.split()) for line in prose[:_LONGEST].split("\n")]
        whole = "\n".join([*lines, *quoted])
        best: dict[int, MessageMatch] = {}
        for template in self._templates:
            if max(template.pieces, key=len) not in whole:
                continue
            if any(_has_pieces(line, template.pieces) for line in lines):
                share = 1.0
            elif any(_has_pieces(line, template.pieces) for line in quoted):
                share = 0.8
            else:
                continue
            share *= min(1.0, template.letters / _ENOUGH_LETTERS)
            share *= 1.0 if template.raised else _ONLY_HELD
            match = MessageMatch(template, share / len(template.definitions) ** 0.5)
            for position in template.definitions:
                if position not in best or best[position].score < match.score:
                    best[position] = match
        return best


def _pieces(literal: str) -> tuple[str, ...]:
    """What stands between the placeholders of a string; empty where that is too little to tell."""
    plain = _ESCAPE.sub(lambda match: match[1] or " ", _PLACEHOLDER.sub("\0", literal))
    pieces = tuple(" ".join(piece.split()) for piece in plain.split("\0"))
    pieces = tuple(piece for piece in pieces if _WORD.search(piece))
    words = sum(len(_WORD.findall(piece)) for piece in pieces)
    return pieces if words >= 2 and _letters(pieces) >= _LEAST_LETTERS else ()


def _letters(pieces: tuple[str, ...]) -> int:
    return sum(character.isalnum() for piece in pieces for character in piece)


def _raising(holders: dict[int, bool]) -> tuple[int, ...]:
    """The definitions that raise a string; all that hold it where none does."""
    raising = tuple(position for position, raised in holders.items() if raised)
    return raising or tuple(holders)


def _has_pieces(line: str, pieces: tuple[str, ...]) -> bool:
    """Whether a line holds all pieces in their order."""
    start = 0
    for piece in pieces:
        start = line.find(piece, start)
        if start < 0:
            return False
        start += len(piece)
    return True
