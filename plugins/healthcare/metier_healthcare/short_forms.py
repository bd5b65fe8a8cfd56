"""The search stage `short_form`: passages that abbreviate what the question spells out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from metier.plugin import SearchContext, SearchStage

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_WORD = re.compile(r"[^\W\d_]+")
_SHORT_FORM = re.compile(r"\b[A-Z]{2,8}(?=s?\b)")
_MOST_WORDS = 8
"""Words of the longest name that an abbreviation is looked for of."""

_MOST_QUERY_WORDS = 200
"""Words of a query that are read."""

_SMALL_WORDS = frozenset(
    {
        "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "did", "for",
        "from", "has", "have", "how", "in", "is", "it", "of", "on", "or", "that", "the", "this",
        "to", "was", "were", "what", "when", "where", "which", "who", "why", "with",
    }
)  # fmt: skip
"""Words that no name begins or ends with, and that abbreviations often leave out."""


class ShortFormStage(SearchStage):
    """The share of a question that a passage has as an abbreviation.

    After "renal artery stenosis (RAS)" a passage goes on with RAS, and so does the next one of the
    same document, in which the name itself does not stand. The capitals of a passage are compared
    with the first letters of every two to eight neighboring words of the question, with and without
    words such as `of`. The longest part counts, by the rarity of its words.
    """

    name = "short_form"
    summary = (
        "abbreviations of a passage are compared with the first letters of the question's words"
    )
    tried = (0.0, 0.5, 1.0)

    def applies(self, context: SearchContext) -> bool:
        """Whether the question has two words that could be abbreviated."""
        return bool(short_forms(context))

    def scores(self, context: SearchContext, positions: Sequence[int]) -> npt.NDArray[np.float32]:
        """Shares, 0 to 1."""
        import numpy as np

        shares = short_forms(context)
        return np.array(
            [
                max((shares.get(form, 0.0) for form in _SHORT_FORM.findall(content)), default=0.0)
                for content in context.contents(positions)
            ],
            dtype=np.float32,
        )


def short_forms(context: SearchContext) -> dict[str, float]:
    """Abbreviations that the words of a query may have, with the share of it that each stands for.

    Args:
        context: of the search; its analyzer and rarity weigh the words.
    """
    words = _WORD.findall(context.query)[:_MOST_QUERY_WORDS]
    names = [word for word in words if not _is_small(word)]
    weights = {
        word: sum(context.rarity(term) for term in context.terms.analyzer.names(word))
        for word in set(names)
    }
    total = sum(weights[word] for word in names)
    shares: dict[str, float] = {}
    for sequence in (words, names):
        for start, first in enumerate(sequence):
            if _is_small(first) or not total:
                continue
            for end in range(start + 2, min(start + _MOST_WORDS, len(sequence)) + 1):
                part = sequence[start:end]
                if _is_small(part[-1]):
                    continue
                form = "".join(word[0].upper() for word in part)
                share = sum(weights.get(word, 0.0) for word in part) / total
                shares[form] = max(shares.get(form, 0.0), share)
    return shares


def _is_small(word: str) -> bool:
    return word.lower() in _SMALL_WORDS
