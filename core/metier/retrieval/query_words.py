"""Texts that hold all words of a query: near to it, however long and about what else they are."""

from __future__ import annotations

from metier.retrieval.terms import Analyzer

_LONG_STEM = 5
"""Letters from which a stem may be a form of another: `compet` and `competit`, which the stemmer
keeps apart."""


class QueryWords:
    """The words of a query, by their stems and without common words."""

    def __init__(self, analyzer: Analyzer, query: str) -> None:
        self._analyzer = analyzer
        self._stems = sorted({term.name for term in analyzer.words(query)}, key=len, reverse=True)

    def are_all_in(self, heading: str, text: str) -> bool:
        """Whether a text under a heading holds every word.

        A single word has to be in the heading, since a long text may mention it in passing. In the
        heading any form of a word counts. A query without words but common ones is in no text.
        """
        if not self._stems:
            return False
        if self._are_in(heading, in_any_form=True):
            return True
        return len(self._stems) > 1 and self._are_in(f"{heading}\n{text}", in_any_form=False)

    def _are_in(self, text: str, *, in_any_form: bool) -> bool:
        if not self._may_be_in(text):
            return False
        stems = {term.name for term in self._analyzer.words(text)}
        return all(
            stem in stems or (in_any_form and _has_form(stem, stems)) for stem in self._stems
        )

    def _may_be_in(self, text: str) -> bool:
        """Whether a text could hold every word: quick, and never wrong where it does."""
        if not text.isascii():
            return True  # letters may be written in several ways
        lowered = text.lower()
        return all(stem[:2] in lowered for stem in self._stems)


def _has_form(stem: str, stems: set[str]) -> bool:
    """Whether one of two long stems begins with the other."""
    if len(stem) < _LONG_STEM:
        return False
    return any(
        other.startswith(stem) or (len(other) >= _LONG_STEM and stem.startswith(other))
        for other in stems
    )
