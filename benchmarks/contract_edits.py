"""Random edits of contracts, each with where it is in the old and in the new text."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from metier.plugin import Item, Span, sentences
from metier_legal.structure import Clause, Contract, read_contract

KINDS = (
    "number", "negation", "duty", "reworded", "sentence deleted", "sentence added",
    "clause deleted", "clause added", "clause moved",
)  # fmt: skip

_NUMBER = re.compile(
    r"(?<![\w.(])(?:\d{1,3}|two|three|four|five|six|seven|ten|twelve|fifteen|thirty|sixty|ninety)"
    r"(?= (?:\(|days|months|years|percent|business|calendar|hours|copies))"
)
_DUTY = re.compile(r"\b(?:shall|will|must)\b(?! not\b)")
_WORDS = (
    "meadow",
    "lantern",
    "harbor",
    "copper",
    "violet",
    "thimble",
    "granite",
    "orchard",
    "ribbon",
    "walnut",
    "kettle",
    "marble",
    "saddle",
    "feather",
    "anchor",
    "timber",
    "basket",
    "candle",
    "pebble",
    "blanket",
)
_LETTERS = re.compile(r"[A-Za-z]{4,}")


@dataclass
class Edit:
    """A change of a text.

    Attributes:
        kind: one of `KINDS`.
        left: offsets of what it took from the old text.
        right: offsets of what it put into the new one.
    """

    kind: str
    left: list[tuple[int, int]] = field(default_factory=list)
    right: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Replacement:
    """A stretch of the old text and what stands in its place."""

    start: int
    end: int
    text: str
    edit: Edit


def edited(text: str, others: Sequence[Clause], *, count: int, seed: str) -> tuple[str, list[Edit]]:
    """A text with random edits in sentences and clauses that have no other edit.

    Args:
        text: a contract.
        others: clauses of other contracts, to add.
        count: of edits.
        seed: of the choices.
    """
    chance = random.Random(seed)
    contract = read_contract(Item("old", text))
    clauses = [clause for clause in contract.clauses if 60 < len(clause.text) < 4000]
    chance.shuffle(clauses)
    replacements: list[Replacement] = []
    kinds = [KINDS[number % len(KINDS)] for number in range(count)]
    for kind in kinds:
        for clause in list(clauses):
            made = list(_replacements(kind, contract, clause, others, chance))
            if made:
                clauses.remove(clause)
                replacements += made
                break
    return _apply(text, replacements)


def _replacements(
    kind: str,
    contract: Contract,
    clause: Clause,
    others: Sequence[Clause],
    chance: random.Random,
) -> Iterator[Replacement]:
    edit = Edit(kind)
    text = contract.text
    spans = [
        Span(clause.start + span.start, clause.start + span.end, span.text)
        for span in sentences(clause.text)
        if len(span.text.split()) >= 8 and span.start > 0
    ]
    if kind in ("number", "negation", "duty"):
        pattern = _NUMBER if kind == "number" else _DUTY
        matches = list(pattern.finditer(text, clause.start + 20, clause.end))
        if matches:
            match = chance.choice(matches)
            new = {"negation": f"{match[0]} not", "duty": "may"}.get(kind) or _number(match[0])
            start = match.end() if kind == "negation" else match.start()
            yield Replacement(start, match.end(), " not" if kind == "negation" else new, edit)
    elif kind == "clause deleted":
        yield Replacement(clause.start, clause.end, "", edit)
    elif kind == "clause added":
        other = chance.choice(others)
        body = other.text[other.text.find(". ") + 2 :] if other.number else other.text
        yield Replacement(clause.end, clause.end, f"\n\n{body}\n", edit)
    elif kind == "clause moved":
        target = chance.choice(contract.clauses)
        if abs(target.start - clause.start) > 2000:
            yield Replacement(clause.start, clause.end, "", edit)
            # an editor renumbers: here it is left without a number
            body = clause.text[clause.text.find(clause.number) + len(clause.number) :].lstrip(" .)")
            yield Replacement(target.end, target.end, f"\n\n{body}\n", edit)
    elif spans:
        span = chance.choice(spans)
        if kind == "reworded":
            for match in _LETTERS.finditer(text, span.start, span.end):
                if chance.random() < 0.33:
                    yield Replacement(match.start(), match.end(), chance.choice(_WORDS), edit)
        elif kind == "sentence deleted":
            yield Replacement(span.start, span.end, "", edit)
        elif kind == "sentence added":
            other = chance.choice(others)
            added = [part for part in sentences(other.text) if len(part.text.split()) >= 8]
            if added:
                yield Replacement(span.end, span.end, f" {chance.choice(added).text}", edit)


def _number(written: str) -> str:
    return str(int(written) + 7) if written.isdecimal() else "forty"


def _apply(text: str, replacements: Sequence[Replacement]) -> tuple[str, list[Edit]]:
    """The new text; those that overlap are left out with the other parts of their edit."""
    ordered = sorted(replacements, key=lambda item: (item.start, item.end))
    dropped = {
        id(second.edit)
        for first, second in itertools.pairwise(ordered)
        if second.start <= first.end and second.edit is not first.edit
    }
    parts: list[str] = []
    position = length = 0
    edits: dict[int, Edit] = {}
    for item in ordered:
        if id(item.edit) in dropped:
            continue
        parts += [text[position : item.start], item.text]
        length += item.start - position
        edit = edits.setdefault(id(item.edit), item.edit)
        if item.end > item.start or item.edit.kind != "clause moved":
            edit.left.append((item.start, item.end))
        if item.text or item.edit.kind != "clause moved":
            lead = len(item.text) - len(item.text.lstrip())
            edit.right.append((length + lead, length + len(item.text.rstrip())) if item.text
                              else (length, length))  # fmt: skip
        length += len(item.text)
        position = item.end
    return "".join([*parts, text[position:]]), list(edits.values())
