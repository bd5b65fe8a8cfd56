"""What a sentence says of a risk: whether it is affirmed, or ruled out and by which words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from metier.texts.phrases import Phrases

if TYPE_CHECKING:
    from metier.assertion.reading import TextReading
    from metier.assertion.rules import AssertionRules
    from metier.registry.taxonomy import Risk


class SentenceStatus(NamedTuple):
    """The status of a sentence for a risk, and the words that decided it."""

    status: str
    words: tuple[str, ...]


AFFIRMED = SentenceStatus("affirmed", ())


class StatusReader:
    """Reads the status of sentences for one risk.

    Args:
        rules: that judge.
        risk: whose terms they look for.
    """

    def __init__(self, rules: AssertionRules, risk: Risk) -> None:
        self._rules = rules
        self._risk = risk
        self._terms = Phrases(risk.terms) if risk.terms else None
        self._of_signs: dict[str, frozenset[str]] = {}

    def status(self, sentence: TextReading, sign: str) -> SentenceStatus:
        """The status of a sentence that the risk rules out, else `AFFIRMED`.

        What a sign says itself, such as that there is no money, is not held against a sentence
        that is nearest to it: words of the same rule decide nothing.

        Args:
            sentence: of a text, read by the same rules.
            sign: the sign that is nearest to it.
        """
        assertion = sentence.judge(self._terms)
        for status in assertion.statuses:
            if status not in self._risk.rules_out:
                continue
            if status == "negated" and assertion.basis == "clause":
                continue  # what is negated may be anything
            words = [
                modifier.text
                for modifier in assertion.modifiers
                if modifier.status == status and modifier.rule not in self._rules_of(sign)
            ]
            if words:
                return SentenceStatus(status, tuple(dict.fromkeys(words)))
        return AFFIRMED

    def _rules_of(self, sign: str) -> frozenset[str]:
        """Ids of the rules whose words a sign holds."""
        if sign not in self._of_signs:
            modifiers = self._rules.judge(sign, self._terms).modifiers
            self._of_signs[sign] = frozenset(modifier.rule for modifier in modifiers)
        return self._of_signs[sign]
