"""BM25: which documents have the terms of a query, the rare ones counted for more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
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
        import numpy as np

        self._columns: dict[str, int] = {}
        counts = [
            Counter(self._columns.setdefault(term, len(self._columns)) for term in terms)
            for terms in documents
        ]
        self._count = len(counts)
        columns = np.fromiter(chain.from_iterable(counts), dtype=np.int64)
        times = np.fromiter(
            chain.from_iterable(counter.values() for counter in counts), dtype=np.float32
        )
        rows = np.repeat(np.arange(self._count), [len(counter) for counter in counts])
        lengths = np.fromiter((counter.total() for counter in counts), dtype=np.float64)
        order = np.argsort(columns, kind="stable")
        self._holders = np.bincount(columns, minlength=len(self._columns))
        self._starts = np.concatenate([[0], np.cumsum(self._holders)])
        self._rows = rows[order]
        self._shares = self._weigh(columns[order], times[order], lengths)

    def _weigh(
        self,
        columns: npt.NDArray[np.int64],
        times: npt.NDArray[np.float32],
        lengths: npt.NDArray[np.float64],
    ) -> npt.NDArray[np.float32]:
        """What each term adds to the score of each document that has it, in order of terms."""
        import numpy as np

        if not len(columns):
            return np.zeros(0, dtype=np.float32)
        rarity = _rarity(self._holders, self._count).astype(np.float32)
        relative = SATURATION * ((1 - LENGTH_SHARE) + LENGTH_SHARE * lengths / lengths.mean())
        scores = rarity[columns] * (times / (relative[self._rows] + times))
        return np.asarray(scores, dtype=np.float32)

    def __len__(self) -> int:
        """How many documents there are."""
        return self._count

    def rarity(self, term: str) -> float:
        """The inverse document frequency (idf) of a term, above 0.

        It is largest for a term that no document has.
        """
        column = self._columns.get(term)
        holders = 0 if column is None else int(self._holders[column])
        return float(_rarity(holders, self._count))

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
        scores = np.zeros(self._count, dtype=np.float32)
        if not known:
            return scores
        for column in known:
            part = slice(self._starts[column], self._starts[column + 1])
            scores[self._rows[part]] += self._shares[part]
        return scores / np.float32(sum(self.rarity(term) for term in terms))


def _rarity(holders: npt.NDArray[np.int64] | int, count: int) -> npt.NDArray[np.float64]:
    """The inverse document frequency of terms that so many of the documents have."""
    import numpy as np

    return np.asarray(np.log1p((count - holders + 0.5) / (holders + 0.5)))
