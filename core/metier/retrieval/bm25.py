"""BM25: which documents have the terms of a query, the rare ones counted for more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
        self._columns: dict[str, int] = {}
        rows = [
            [self._columns.setdefault(term, len(self._columns)) for term in terms]
            for terms in documents
        ]
        self._count = len(rows)
        self._scorer = None
        if self._columns:
            import bm25s

            self._scorer = bm25s.BM25(k1=SATURATION, b=LENGTH_SHARE, method="lucene")
            # an empty term that no document has would change nothing
            self._scorer.index((rows, self._columns), create_empty_token=False, show_progress=False)

    def __len__(self) -> int:
        """How many documents there are."""
        return self._count

    def rarity(self, term: str) -> float:
        """The inverse document frequency (idf) of a term, above 0.

        It is largest for a term that no document has.
        """
        import numpy as np

        column = self._columns.get(term)
        holders = 0
        if column is not None and self._scorer is not None:
            first, last = self._scorer.scores["indptr"][column : column + 2]
            holders = int(last - first)
        return float(np.log1p((self._count - holders + 0.5) / (holders + 0.5)))

    def scores(self, terms: Sequence[str]) -> npt.NDArray[np.float32]:
        """How well each document matches the terms of a query, as a share of the highest possible.

        The score is divided by the sum of the terms' idf, which no document can reach. So queries
        of any length have scores that can be compared, and mixed with cosines (the theoretical
        maximum of Bruch, Gai and Ingber 2023, section 4.2).

        Args:
            terms: of the query; one that occurs twice counts twice.

        Returns:
            (documents,) from 0, for a document without any of them, to below 1.
        """
        import numpy as np

        known = [self._columns[term] for term in terms if term in self._columns]
        highest = sum(self.rarity(term) for term in terms)
        if self._scorer is None or not known:
            return np.zeros(self._count, dtype=np.float32)
        scores: npt.NDArray[np.float32] = self._scorer.get_scores_from_ids(known)
        return scores / np.float32(highest)
