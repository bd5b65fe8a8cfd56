"""When something is due, how often, and the amounts of money in a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from metier_legal.duties.conditions import Condition
from metier_legal.duties.rules import DueKind, Rules

MarkKind = Literal["due", "condition", "amount"]

_TRAILING = re.compile(
    r"(?:\s+(?:of|after|from|following|before|prior|preceding|on|upon|in|to|the|a|an|by|for|with|until))+\Z",
    re.IGNORECASE,
)
_RECURRING = re.compile(
    r"\b(?:each|every)\s+(?:\w+\s+)?(?:day|week|month|quarter|year)\b", re.IGNORECASE
)

_RATE = re.compile(
    r",?\s+(?P<time>(?:an?|per|each|every)\s+(?:(?:calendar|contract|fiscal|financial)\s+)?"
    r"(?:day|week|month|quarter|year))\b(?!\s+(?:after|from|of)\b)",
    re.IGNORECASE,
)
"""How often an amount is due that stands right before."""

_SHARE = re.compile(r"(?:%|cent)\s*\Z", re.IGNORECASE)
"""The end of a share: interest of two per cent a year is a rate and not due each year."""


class DueTime(NamedTuple):
    """When something is due: `sentence[start:end]`.

    Attributes:
        start: offset of its first word.
        end: offset after its last one.
        kind: `date`, `period` (within ten days), `event` (before the closing), `recurring`, or
            `prompt`.
    """

    start: int
    end: int
    kind: DueKind


def find_due_times(text: str, rules: Rules, conditions: Sequence[Condition]) -> list[DueTime]:
    """When things are due by a sentence on one line, in order and without overlap.

    What stands in a condition ("if it is ten days late") is no time for the duty.
    """
    matches = []
    for kind, expression in rules.times.items():
        for match in expression.finditer(text):
            words = _TRAILING.sub("", match[0].rstrip(" .'\u2019"))
            inside = any(
                condition.is_clause and condition.start < match.start() < condition.end
                for condition in conditions
            )
            if words and not inside:
                if kind in ("date", "event") and _RECURRING.search(words):
                    kind = "recurring"  # by the fifth day of each month
                matches.append(DueTime(match.start(), match.start() + len(words), kind))
    for start, end in find_amounts(text, rules):
        rate = _RATE.match(text, end)
        if rate is not None and not _SHARE.search(text[start:end]):
            matches.append(DueTime(rate.start("time"), rate.end("time"), "recurring"))
    # of overlapping ones the one that says more
    chosen: list[DueTime] = []
    for time in sorted(matches, key=lambda time: (time.start - time.end, time.start)):
        if all(time.end <= other.start or time.start >= other.end for other in chosen):
            chosen.append(time)
    return sorted(chosen)


def find_amounts(text: str, rules: Rules) -> list[tuple[int, int]]:
    """Offsets of amounts of money and of shares in per cent."""
    spans = []
    for match in rules.amount.finditer(text):
        words = match[0].strip(" ,.")
        start = match.start() + len(match[0]) - len(match[0].lstrip(" "))
        spans.append((start, start + len(words)))
    return spans
