"""Conditions in a sentence: if, unless, upon and the like, up to where the main clause goes on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_OPENING = re.compile(
    r"(?:\b|\A)(?:(?P<short>(?:if|where|when|whenever)\s+(?:so\s+|reasonably\s+|commercially\s+|legally\s+)?"
    r"(?:possible|practicable|applicable|appropriate|necessary|required|requested|permitted))"
    r"|(?P<clause>\Aprovided\s+that|(?<!as\s)if(?!\s+any\b)|unless|whenever|when(?!\s+due)|where(?!by|as|of|in|upon|ver)|in\s+the\s+event"
    r"(?:\s+(?:that|of))?|in\s+case(?:\s+(?:that|of))?|so\s+long\s+as|as\s+long\s+as|to\s+the\s+extent"
    r"(?:\s+that)?|except\s+(?:as|to|where|in|for|that|with)|in\s+the\s+absence\s+of|subject\s+to(?:\s+the)?|"
    r"on\s+condition\s+that|notwithstanding|should(?=\s+(?:the|either|any|a|[A-Z])))"
    r"|(?P<event>(?:up)?on\s+(?:the\s+|any\s+|its\s+|such\s+|written\s+|prior\s+written\s+|reasonable\s+)*(?:request|demand|receipt|notice|"
    r"termination|expiry|expiration|delivery|completion|approval|acceptance|breach|default|occurrence|"
    r"notification|verification|execution|payment|return|consent|loading|arrival|insolvency|death)))\b",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\b(?:decides?|chooses?|determines?|knows?|says?|tells?|agrees?|specif(?:y|ies)|asks?|learns?)\s+(?:on\s+|upon\s+|"
    r"freely\s+)?(?:(?:where|when|how|what|whether)\s*(?:,|and|or)\s*)*\Z"
    r"|\b(?:where|when|how)\s+(?:and|or)\s+\Z",
    re.IGNORECASE,
)
"""What makes "where" and "when" a question: "you decide where and when you work"."""
_GOES_ON = re.compile(
    r",\s*(?:then\s+)?(?=(?:(?:the|each|either|neither|any|no|all|such|both|this|its|a|an|nobody|neither)\s+|[A-Z]|(?:it|they|we|you)\b))"
)
_STOP = re.compile(
    r"[;:]|\.(?=\s|\Z)|,?\s+(?:and|but|or)\s+(?=(?:shall|must|may|will|agrees?|undertakes?)\b)"
    r"|,\s+(?:and|but)\s+(?=(?:we|you)\s+(?:shall|must|may|will)\b)"
)
_MAIN_SUBJECT = re.compile(
    r"(?<=[\w)])\s+(?P<subject>(?:the|each|either|neither|both|any|this|such)\s+(?:[A-Z][\w-]*\s+){1,3}"
    r"|(?:each|either|neither)\s+party\s+|(?:both|the)\s+parties\s+|(?:it|they|we|you)\s+)\Z"
)
"""The subject of a main clause that no comma divides from its condition."""
_BEFORE_IMPERATIVE = re.compile(r",\s+(?:then\s+|please\s+)?\Z", re.IGNORECASE)
_OPEN_END = re.compile(
    r"\b(?:and|or|nor|of|by|to|with|that|which|whom|from|for|between|than|as|if|unless|when|where|in|"
    r"on|upon|event|case|until|before|after|while|because|provided)\s*\Z",
    re.IGNORECASE,
)
"""What a condition does not end with."""
_MOST_WORDS = 25
"""Words between a comma and the modal verb of the main clause."""


class Condition(NamedTuple):
    """A condition: `sentence[start:end]`.

    Attributes:
        start: offset of its first word.
        end: offset after its last one.
        is_clause: whether it has a verb of its own, as after "if"; else an event, as after "upon".
    """

    start: int
    end: int
    is_clause: bool


def find_conditions(text: str, modals: Sequence[tuple[int, int]]) -> list[Condition]:
    """The conditions of a sentence on one line, in order and without overlap.

    Args:
        text: the sentence.
        modals: offsets of its modal verbs; one of them is that of the main clause. Verbs without a
            modal verb are empty there.
    """
    conditions: list[Condition] = []
    position = 0
    while (match := _OPENING.search(text, position)) is not None:
        is_question = match[0].lower() in ("where", "when", "whenever")
        if is_question and _ASKED.search(text, max(0, match.start() - 80), match.start()):
            position = match.end()
            continue
        end = _end(text, match, modals)
        conditions.append(Condition(match.start(), end, match["clause"] is not None))
        position = max(end, match.end())
    return conditions


def is_within(conditions: Sequence[Condition], offset: int) -> bool:
    """Whether an offset lies in a condition with a verb of its own."""
    return any(
        condition.is_clause and condition.start <= offset < condition.end
        for condition in conditions
    )


def _end(text: str, opening: re.Match[str], modals: Sequence[tuple[int, int]]) -> int:
    """Where a condition ends: before the main clause, if that follows it."""
    if opening["short"]:
        return opening.end()
    stop = _STOP.search(text, opening.end())
    limit = stop.start() if stop is not None else len(text)
    is_leading = not any(start < opening.start() for start, _ in modals)
    if is_leading:
        for comma in _GOES_ON.finditer(text, opening.end(), limit):
            following = next((start for start, _ in modals if start >= comma.end()), None)
            if following is None or following > limit:
                break
            between = text[comma.end() : following]
            if not _is_subject(between):
                continue
            return comma.start()
        for start, end in modals:
            end_of_clause = _BEFORE_IMPERATIVE.search(text, opening.end(), start)
            if end_of_clause is not None and start == end and start <= limit:
                return end_of_clause.start()
        return _end_without_comma(text, opening, modals, limit)
    inner = _OPENING.search(text, opening.end() + 1, limit) if opening["event"] else None
    if inner is not None:
        limit = inner.start()
    comma_at = text.find(",", opening.end(), limit)
    return len(text[: comma_at if comma_at >= 0 else limit].rstrip())


def _end_without_comma(
    text: str, opening: re.Match[str], modals: Sequence[tuple[int, int]], limit: int
) -> int:
    """Where a condition ends before the subject of a modal verb: "If it rains the Buyer may"."""
    for modal, _ in modals:
        if not opening.end() < modal <= limit:
            continue
        near = max(opening.end(), modal - 80)
        subject = _MAIN_SUBJECT.search(text[near:modal])
        if subject is None:
            continue
        end = near + subject.start()
        words = text[opening.end() : end]
        is_event = opening[0].lower().endswith((" of", " to"))  # in case of fire
        if (
            len(words.split()) > (0 if is_event else 1)
            and "," not in words
            and not _OPEN_END.search(words)
        ):
            return end
    return limit


def _is_subject(words: str) -> bool:
    """Whether words between a comma and a modal verb are the subject of a main clause."""
    if len(words.split()) > _MOST_WORDS or _OPENING.match(words.strip()):
        return False
    plain = re.sub(r",[^,]*,", " ", words)
    return "," not in plain.rstrip(" ,") and not re.search(r"\b(?:which|who)\s*\Z", words)
