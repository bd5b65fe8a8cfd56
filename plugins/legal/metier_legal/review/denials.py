"""Passages that name what a question asks for only to say that the contract has none of it."""

from __future__ import annotations

import re
from collections.abc import Iterable

_DENIALS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bthere\s+(?:is|are|shall\s+be|will\s+be)\s+no\b",
        r"\A\W*no\s+(?!later|earlier|less|party)",
        (
            r"\b(?:shall|is|are|will|does|do)\s+not\s+(?:be\s+)?(?:required|obliged|obligated)\b"
            r"|\bneed\s+not\b|\b(?:shall\s+|will\s+)?(?:has|have)\s+no\s+(?:obligation|duty)\b"
        ),
        (
            r"\b(?:shall\s+|will\s+)?(?:has|have)\s+no\s+right\b"
            r"|\b(?:is|are|shall|will)\s+not\s+(?:be\s+)?entitled\b"
        ),
        (
            r"\bnothing\s+(?:in|contained|herein)\b[^.;]{0,60}?"
            r"\b(?:prevents?|prohibits?|restricts?|precludes?|limits?)\b"
            r"|\b(?:may|shall\s+be|is|are)\s+(?:freely|free\s+to|at\s+liberty)\b"
        ),
        (
            r"\b(?:is|are|be)\s+not\s+(?:be\s+)?exclusive\b"
            r"|\bnon-?exclusive\s+(?:agreement|basis|relationship)\b"
        ),
        r"\A\W*(?:neither|no)\s+party\s+(?:may|shall|has|will|can)\b",
    )
)
"""Words that deny, of one kind each."""

_NEGATIVE = re.compile(
    r"\b(?:not|no|nothing|never|neither|nor|without|unlimited|uncapped|except\w*|exclud\w+)\b",
    re.IGNORECASE,
)
_LEAST_NEGATIVE = 0.9
"""Share of the examples of a question that deny something where it asks for an absence."""

_NORM = re.compile(r"\b(?:shall|must|will|may|agrees?)\b", re.IGNORECASE)
_EXCEPTION = re.compile(
    r"\b(?:except|unless|other\s+than|provided|without|until|more\s+than|save|before|but|however"
    r"|only|solely)\b",
    re.IGNORECASE,
)


class Denials:
    """Finds denials that are no answers to a question.

    What an example of the question says itself denies nothing: a ban on competition is worded as
    one.

    Args:
        examples: passages that answer the question.
    """

    def __init__(self, examples: Iterable[str]) -> None:
        texts = list(examples)
        negative = sum(_NEGATIVE.search(text) is not None for text in texts)
        asks_for_absence = negative >= _LEAST_NEGATIVE * len(texts)
        self._patterns = [
            pattern
            for pattern in (_DENIALS[1:] if asks_for_absence else _DENIALS)
            if not any(pattern.search(text) for text in texts)
        ]

    def words(self, passage: str) -> str:
        """The words with which a passage denies, without an exception; empty where it does not."""
        for pattern in self._patterns:
            match = pattern.search(passage)
            if match is None or _NORM.search(passage, 0, match.start()):
                continue
            if not _EXCEPTION.search(passage, match.end()):
                return " ".join(match[0].split())
        return ""
