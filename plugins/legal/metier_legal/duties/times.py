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

_LEADING = re.compile(r"(?:before|prior|until)\b", re.IGNORECASE)
_MOST_WORDS = 20
"""Words of such a time that the expression of times leaves out."""
_NOTICE = re.compile(
    r"(?:if|provided\s+that|so\s+long\s+as|as\s+long\s+as)\s+(?P<who>it|they|he|she|we|you)\s+(?:also\s+)?"
    r"(?:gives?|says?|tells?|notif(?:y|ies)|informs?|asks?|sends?|announces?|writes?)\b",
    re.IGNORECASE,
)
"""A condition that is the notice of who may do something: "if it says so two weeks before"."""

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
                condition.is_clause
                and condition.start < match.start() < condition.end
                and not _is_notice(text, condition)
                for condition in conditions
            )
            if words and not inside:
                if kind in ("date", "event") and _RECURRING.search(words):
                    kind = "recurring"  # by the fifth day of each month
                end = match.start() + len(words)
                if kind == "event" and not text[: match.start()].strip():
                    end = _end_of_lead(text, match.start(), end)
                matches.append(DueTime(match.start(), end, kind))
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


def _is_notice(text: str, condition: Condition) -> bool:
    """Whether a condition is a notice by the party that the sentence is about."""
    notice = _NOTICE.match(text, condition.start, condition.end)
    if notice is None:
        return False
    who = notice["who"].lower()
    main = rf"\b{who}\s+(?:may|can)\b" if who in ("we", "you") else r"\b(?:may|can)\b"
    return re.search(main, text[: condition.start], re.IGNORECASE) is not None


def _end_of_lead(text: str, start: int, end: int) -> int:
    """Where the words that a sentence begins with end: at the comma after "Before the sale"."""
    comma = text.find(",", end)
    words = text[end:comma].split() if comma > 0 else []
    if not _LEADING.match(text, start) or not 0 < len(words) <= _MOST_WORDS:
        return end
    return comma if not re.search(r"\b(?:shall|must|may|will)\b|[;:.]", text[end:comma]) else end


def find_amounts(text: str, rules: Rules) -> list[tuple[int, int]]:
    """Offsets of amounts of money and of shares in per cent."""
    spans = []
    for match in rules.amount.finditer(text):
        words = match[0].strip(" ,.")
        start = match.start() + len(match[0]) - len(match[0].lstrip(" "))
        spans.append((start, start + len(words)))
    return spans
