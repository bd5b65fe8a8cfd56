"""Passages that name what a question asks for only to say that the contract has none of it."""

from __future__ import annotations

import re

from metier.plugin import ChecklistQuestion

_DENIALS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bthere\s+(?:is|are|shall\s+be|will\s+be)\s+no\b",
        r"\A\W*no\s+(?!later|earlier|less|party|one\b)",
        (
            r"\b(?:shall|is|are|will|does|do)\s+not\s+(?:be\s+)?(?:required|obliged|obligated)\b"
            r"|\bneed\s+not\b|\b(?:shall\s+|will\s+)?(?:has|have)\s+no\s+(?:obligation|duty)\b"
            r"|\b(?:does|do)\s+not\s+(?:need|have)\s+to\b"
            r"|\b(?:neither|none|no)\s+(?:\w+\s+){0,3}?"
            r"(?:needs?\s+(?:to\b|any\b)|(?:has|have)\s+to\b|(?:is|are)\s+(?:required|obliged|bound)\b)"
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
        r"\b(?:does|do)\s+not\s+(?:\w+ly\s+)?(?:grant|confer|create|contain|provide\s+for)\b",
    )
)
"""Words that deny, of one kind each."""

_CONSENT = r"(?:consent|approval|permission)"
_OWN_DENIALS = {
    question: re.compile(pattern, re.IGNORECASE)
    for question, pattern in (
        (
            "renewal-term",
            r"\b(?:does|do|shall|will|is|are)\s+not\s+(?:be\s+)?(?:\w+ly\s+)?"
            r"(?:renew(?:ed)?|extend(?:ed)?|prolong(?:ed)?)\b",
        ),
        (
            "exclusivity",
            r"\A(?!.*(?<!non-)(?<!non)(?:\bexclusiv|\bsole|\bonly\b)).*?"
            r"(?<!become )(?<!becomes )(?P<words>\bnon-?exclusive\b)",
        ),
        (
            "third-party-beneficiary",
            r"\b(?:nobody|no\s*one|no\s+person|none)(?:\s+else)?\s+(?:but|except|other\s+than)\s+"
            r"(?:the|a)\s+part(?:y|ies)\b|\bonly\s+the\s+parties\b",
        ),
        (
            "anti-assignment",
            r"\A(?!.*\b(?:not|neither|nor|no|affiliates?|success\w+|purchaser|merger)\b).*?"
            rf"(?P<words>\bmay\b[^.;]*?\b(?:freely|without\s+(?:[\w'\u2019-]+\s+){{0,5}}?{_CONSENT}))\b",
        ),
        (
            "volume-restriction",
            r"\b(?:is|are|be)\s+(?:not\s+(?:limited|restricted|capped)\b(?!\s+to)|unlimited\b)"
            r"|\bwithout\s+(?:any\s+)?limits?\b|\bany\s+number\s+of\b",
        ),
        (
            "cap-on-liability",
            r"\A(?!.*\b(?:exceed|limited\s+to|capped\s+at|not\s+(?:be\s+)?liable|the\s+most)\b).*?"
            r"(?P<words>\b(?:unlimited|uncapped|not\s+(?:be\s+)?(?:limited|capped)\b(?!\s+to)"
            r"|no\s+(?:limit|cap)))\b",
        ),
    )
}
"""Words that deny what a question asks for, whatever its examples say of exceptions."""

_OTHER_CLAUSES = {
    question: (re.compile(other, re.IGNORECASE), re.compile(answer, re.IGNORECASE))
    for question, other, answer in (
        (
            "uncapped-liability",
            r"\b(?:limited|capped|restricted)\s+(?:to|at)\b|\bexceeds?\b|\bthe\s+most\b|\bat\s+most\b"
            r"|\bno(?:t|\s+event)?\s+(?:\w+\s+){0,3}?more\s+than\b"
            r"|\bnever\s+(?:goes?\s+beyond|more)\b|\bmaximum\b",
            r"\b(?:unlimited|uncapped|except\w*|exclud\w+|unless|save|other\s+than"
            r"|notwithstanding|however|provided|without\s+limit|foregoing|no\s+(?:limit|cap)|nothing"
            r"|(?:not|never|neither)\s+(?:\w+\s+){0,2}?"
            r"(?:appl(?:y|ies)|limit|exclude|restrict|(?:limited|capped)\b(?!\s+to)))\b",
        ),
        (
            "liquidated-damages",
            r"\binterest\b[^.;]*?(?:\d\s?%|\bper\s?cent\b|\bpercent\b|\brate\b)"
            r"|(?:%|\bper\s?cent|\bpercent)[^.;]{0,40}?\binterest\b|\bcharge\s+interest\b",
            r"\b(?:liquidated|penalt\w+|damages|fees?|charges?\s+of|lump|credits?|estimate)\b",
        ),
    )
}
"""Words of a clause that is taken for that of a question, and what that one says itself."""

_NEGATIVE = re.compile(
    r"\b(?:not|no|nothing|never|neither|nor|without|unlimited|uncapped|except\w*|exclud\w+)\b",
    re.IGNORECASE,
)
_LEAST_NEGATIVE = 0.9
"""Share of the examples of a question that deny something where it asks for an absence."""

_NORM = re.compile(r"\b(?:shall|must|will|(?<!\d )may(?! \d)|agrees?)\b", re.IGNORECASE)
_CONDITION = re.compile(r"\b(?:if|when|unless|notice|notif\w+|tells?)\b", re.IGNORECASE)
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
        question: with passages that answer it.
    """

    def __init__(self, question: ChecklistQuestion) -> None:
        texts = question.examples
        negative = sum(_NEGATIVE.search(text) is not None for text in texts)
        asks_for_absence = negative >= _LEAST_NEGATIVE * len(texts)
        self._question = question.id
        self._patterns = [
            pattern
            for pattern in (_DENIALS[1:] if asks_for_absence else _DENIALS)
            if not any(pattern.search(text) for text in texts)
        ]
        self._own = _OWN_DENIALS.get(question.id)

    def words(self, passage: str) -> str:
        """The words with which a passage denies, without an exception; empty where it does not."""
        plain = " ".join(passage.split())
        for pattern in self._patterns:
            match = pattern.search(plain)
            if match is not None and not _NORM.search(plain, 0, match.start()):
                words = _words(plain, *match.span())
                if words:
                    return words
        match = None if self._own is None else self._own.search(plain)
        return "" if match is None else _words(plain, *match.span(match.lastgroup or 0))

    def is_other(self, passage: str) -> bool:
        """Whether a passage is another clause that is taken for this one: a cap is no unlimited
        liability.
        """
        if self._question not in _OTHER_CLAUSES:
            return False
        other, answer = _OTHER_CLAUSES[self._question]
        return other.search(passage) is not None and answer.search(passage) is None

    def rejects(self, passage: str) -> bool:
        """Whether a passage denies, or is another clause."""
        return bool(self.words(passage)) or self.is_other(passage)


def _words(text: str, start: int, end: int) -> str:
    """The words between two offsets; empty where a condition or an exception is beside them."""
    if _CONDITION.search(text, 0, start) or _EXCEPTION.search(text, end):
        return ""
    return text[start:end].strip()
