"""The feedback stage: chunks are compared in their terms with the best of what was found.

The best few passages stand for the answer and lend the query their terms (pseudo-relevance
feedback; Rocchio 1971, without a person who judges). How rare a term is counts within what was
found, not within the whole index: so the terms of the subject, which nearly all of it has, say
little (local context; Xu and Croft 1996).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from metier.retrieval.bm25 import LENGTH_SHARE, SATURATION
from metier.retrieval.stages.stage import SearchContext, SearchPhase, SearchStage

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

LEADING = 5
"""How many of the best passages stand for the answer."""


class FeedbackStage(SearchStage):
    """Similarity in terms to the best passages: it pays where several passages answer a query."""

    name = "feedback"
    summary = "terms are compared with those of the best five"
    phase = SearchPhase.FEEDBACK

    def scores(self, context: SearchContext, positions: Sequence[int]) -> npt.NDArray[np.float32]:
        """Mean cosines, 0 to 1."""
        chosen = [context.candidates[position] for position in positions]
        return feedback([context.terms.names(chunk.id, chunk.content) for chunk in chosen])


def feedback(terms: Sequence[Sequence[str]]) -> npt.NDArray[np.float32]:
    """How similar passages are to the best of them.

    Args:
        terms: of n passages, the best first.

    Returns:
        (n,) mean cosines of their BM25 weights with those of the first few, 0 to 1; 0 for a
        passage without terms.
    """
    weights = _weights([Counter(names) for names in terms])
    mean: npt.NDArray[np.float32] = (weights @ weights[:LEADING].T).mean(axis=1)
    return mean


def _weights(counts: Sequence[Counter[str]]) -> npt.NDArray[np.float32]:
    """(n, terms) rows of unit length, or of zeros."""
    import numpy as np

    holders = Counter(term for count in counts for term in count)
    columns = {term: column for column, term in enumerate(holders)}
    frequencies = np.zeros((len(counts), len(columns)), dtype=np.float32)
    for row, count in enumerate(counts):
        frequencies[row, [columns[term] for term in count]] = list(count.values())
    held = np.array(list(holders.values()), dtype=np.float32)
    rarity = np.log1p((len(counts) - held + 0.5) / (held + 0.5))
    lengths = frequencies.sum(axis=1, keepdims=True)
    share = 1 - LENGTH_SHARE + LENGTH_SHARE * lengths / max(float(lengths.mean()), 1.0)
    weights = rarity * frequencies / (frequencies + SATURATION * share)
    norms = np.linalg.norm(weights, axis=1, keepdims=True)
    norms[norms == 0.0] = 1.0
    unit: npt.NDArray[np.float32] = (weights / norms).astype(np.float32)
    return unit
