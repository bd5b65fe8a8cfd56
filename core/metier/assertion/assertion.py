"""`Assertion`: the status of a target in a text, with the words that decided it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Denial = Literal["negated", "hypothetical", "other person", "family", "past", "uncertain"]
"""What keeps a target from being stated of the author, now and for certain."""

AssertionStatus = Literal[
    "affirmed", "negated", "hypothetical", "other person", "family", "past", "uncertain"
]
"""`affirmed`, or a kind of denial."""

Basis = Literal["term", "span", "clause"]

PRECEDENCE: tuple[Denial, ...] = (
    "negated",
    "hypothetical",
    "other person",
    "family",
    "past",
    "uncertain",
)
"""Of several statuses that hold at once, the first of these leads."""


@dataclass(frozen=True, slots=True)
class Modifier:
    """Words that changed a status: `text == whole[start:end]`.

    Attributes:
        status: what they make of the target.
        start: offset of the first character.
        end: offset after the last one.
        text: the words.
        rule: id of the rule that they are of.
    """

    status: Denial
    start: int
    end: int
    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """The status of a target: `target == text[start:end]`.

    Attributes:
        status: the leading one, by `PRECEDENCE`.
        statuses: all that hold, in that order; `affirmed` alone where nothing denies it.
        modifiers: the words that decided, in the order of the text.
        start: offset of the first character of the target.
        end: offset after its last one.
        target: the words whose status this is.
        basis: whether the target is a term, a span that was named, or a whole clause since no
            term was in the sentence.
    """

    status: AssertionStatus
    statuses: tuple[AssertionStatus, ...]
    modifiers: tuple[Modifier, ...]
    start: int
    end: int
    target: str
    basis: Literal["term", "span", "clause"]

    def with_modifier(self, modifier: Modifier) -> Assertion:
        """The assertion that a further modifier makes, such as the heading that a target is under.

        Args:
            modifier: with offsets in the same text.
        """
        modifiers = (*self.modifiers, modifier)
        return make_assertion(self.start, self.end, self.target, modifiers, self.basis)

    @property
    def denial(self) -> int:
        """How far it is ruled out: 0 where it is affirmed, more for what leads in `PRECEDENCE`."""
        if self.status == "affirmed":
            return 0
        return len(PRECEDENCE) - PRECEDENCE.index(self.status)


def make_assertion(
    start: int, end: int, target: str, modifiers: Iterable[Modifier], basis: Basis
) -> Assertion:
    """The assertion that modifiers make of a target.

    Args:
        start: offset of the target.
        end: offset after it.
        target: its words.
        modifiers: those that it is in the scope of.
        basis: as of the attribute.
    """
    ordered = tuple(sorted(modifiers, key=lambda modifier: (modifier.start, modifier.end)))
    denials = {modifier.status for modifier in ordered}
    leading: tuple[AssertionStatus, ...] = tuple(name for name in PRECEDENCE if name in denials)
    leading = leading or ("affirmed",)
    return Assertion(leading[0], leading, ordered, start, end, target, basis)
