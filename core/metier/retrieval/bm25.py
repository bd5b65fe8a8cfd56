"""BM25: which documents have the terms of a query, the rare ones counted for more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

SATURATION = 1.2
"""k1: how soon a term that comes again says nothing new."""

LENGTH_SHARE = 0.75
"""b: how far a term counts for less in a document longer than most."""


class Bm25:
    """Documents as terms, in memory.

    Lucene's variant (Robertson and Zaragoza 2009; Kamphuis et al. 2020): the sum over the query's
    terms of `idf * tf / (tf + k1 * (1 - b + b * length / mean length))`, with
    `idf = ln(1 + (n - df + 0.5) / (df + 0.5))`.

    Args:
        documents: the terms of each.
    """

    def __init__(self, documents: Iterable[Sequence[str]]) -> None:
        self._numbers: dict[str, int] = {}
        rows = [
            [self._numbers.setdefault(term, len(self._numbers)) for term in terms]
            for terms in documents
        ]
        self._count = len(rows)
        self._scorer = None
        if self._numbers:
            import bm25s

            self._scorer = bm25s.BM25(k1=SATURATION, b=LENGTH_SHARE, method="lucene")
            # an empty term that no document has would change nothing
            self._scorer.index((rows, self._numbers), create_empty_token=False, show_progress=False)

    def __len__(self) -> int:
        """How many documents there are."""
        return self._count

    def rarity(self, term: str) -> float:
        """The idf of a term, above 0; the largest is that of one no document has."""
        number = self._numbers.get(term)
        holders = 0
        if number is not None and self._scorer is not None:
            first, last = self._scorer.scores["indptr"][number : number + 2]
            holders = int(last - first)
        return float(np.log1p((self._count - holders + 0.5) / (holders + 0.5)))

    def scores(self, terms: Sequence[str]) -> npt.NDArray[np.float32]:
        """How well each document has the terms of a query, as a share of the best thinkable.

        The score is divided by what a document would reach that has every term without end, the
        sum of their idf, so that queries of any length have scores that can be compared, and mixed
        with cosines (the theoretical maximum of Bruch, Gai and Ingber 2023, section 4.2).

        Args:
            terms: of the query; one that comes twice counts twice.

        Returns:
            (documents,) from 0, without any of them, to below 1.
        """
        known = [self._numbers[term] for term in terms if term in self._numbers]
        most = sum(self.rarity(term) for term in terms)
        if self._scorer is None or not known:
            return np.zeros(self._count, dtype=np.float32)
        found: npt.NDArray[np.float32] = self._scorer.get_scores_from_ids(known)
        return found / np.float32(most)
