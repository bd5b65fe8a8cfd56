"""Feedback: what is like the best of what was found in its words is likely to answer, too.

The best few passages stand for the answer and lend the query their terms (Rocchio 1971, without a
person who judges). How rare a term is counts within what was found, not within all there is: so the
terms of the subject, which nearly all of it has, say little (local context; Xu and Croft 1996).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from metier.retrieval.bm25 import LENGTH_SHARE, SATURATION

LEADING = 5
"""How many of the best passages stand for the answer."""


def feedback(terms: Sequence[Sequence[str]]) -> npt.NDArray[np.float32]:
    """How like passages are to the best of them.

    Args:
        terms: of n passages, the best first.

    Returns:
        (n,) mean cosines of their BM25 weights with those of the first few, 0 to 1; a passage
        without terms is like none.
    """
    weights = _weights([Counter(one) for one in terms])
    mean: npt.NDArray[np.float32] = (weights @ weights[:LEADING].T).mean(axis=1)
    return mean


def _weights(counts: Sequence[Counter[str]]) -> npt.NDArray[np.float32]:
    """(n, terms) rows of unit length, or of zeros."""
    holders = Counter(term for one in counts for term in one)
    numbers = {term: number for number, term in enumerate(holders)}
    often = np.zeros((len(counts), len(numbers)), dtype=np.float32)
    for row, one in enumerate(counts):
        often[row, [numbers[term] for term in one]] = list(one.values())
    held = np.array(list(holders.values()), dtype=np.float32)
    rarity = np.log1p((len(counts) - held + 0.5) / (held + 0.5))
    lengths = often.sum(axis=1, keepdims=True)
    share = 1 - LENGTH_SHARE + LENGTH_SHARE * lengths / max(float(lengths.mean()), 1.0)
    weights = rarity * often / (often + SATURATION * share)
    norms = np.linalg.norm(weights, axis=1, keepdims=True)
    norms[norms == 0.0] = 1.0
    unit: npt.NDArray[np.float32] = (weights / norms).astype(np.float32)
    return unit
