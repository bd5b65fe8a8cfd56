"""Late interaction: a query compared with a passage token by token.

Each token of the query is matched with the most similar token of the passage, and their cosine
counts by the token's weight (MaxSim of ColBERT, Khattab and Zaharia 2020, as a weighted mean). Here
the token states are those of an embedder trained for whole texts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from metier.models.embedder import TokenStates
from metier.retrieval.terms import Term


def interaction(
    query: TokenStates, weights: npt.NDArray[np.float32], passages: Sequence[TokenStates]
) -> npt.NDArray[np.float32]:
    """How well passages answer the tokens of a query.

    Args:
        query: of t tokens.
        weights: (t,) not negative.
        passages: of n texts.

    Returns:
        (n,) weighted means of cosines; 0 for a passage, and for all with a query, without tokens.
    """
    scores = np.zeros(len(passages), dtype=np.float32)
    rows = [row for row, passage in enumerate(passages) if len(passage.vectors)]
    total = float(weights.sum())
    if not rows or total <= 0.0:
        return scores
    best = _best(query, [passages[row].vectors for row in rows])
    scores[rows] = weights @ best / np.float32(total)
    return scores


def evenly(query: TokenStates) -> npt.NDArray[np.float32]:
    """(t,) weights that are all the same."""
    return np.ones(len(query.spans), dtype=np.float32)


def by_rarity(
    query: TokenStates, terms: Sequence[Term], rarity: Callable[[str], float]
) -> npt.NDArray[np.float32]:
    """(t,) weights of the tokens of a query: the mean rarity of the terms that each belongs to.

    A token that is in no term, such as one of a common word or a comma, has no weight. A word in
    several pieces counts with each of them: rare words are those that a vocabulary cuts up.

    Args:
        query: of t tokens.
        terms: of the same text.
        rarity: idf of a term.

    Returns:
        Weights; all the same where no token is in a term.
    """
    known: dict[str, float] = {}
    weights = np.zeros(len(query.spans), dtype=np.float32)
    ordered = sorted(terms, key=attrgetter("start"))
    starts = [term.start for term in ordered]
    longest = max((term.end - term.start for term in ordered), default=0)
    for token, (start, end) in enumerate(query.spans.tolist()):
        near = ordered[bisect_left(starts, start - longest) : bisect_left(starts, end)]
        over = []
        for term in near:
            if start < term.end:
                if term.name not in known:  # terms beyond the cut of a long query are not looked up
                    known[term.name] = rarity(term.name)
                over.append(known[term.name])
        if over:
            weights[token] = sum(over) / len(over)
    return weights if weights.any() else evenly(query)


def stretches_of(passage: TokenStates, stretches: Sequence[tuple[int, int]]) -> list[TokenStates]:
    """The tokens that begin in each of several stretches of a text, seen in the whole of it.

    Args:
        passage: tokens of the text.
        stretches: first character and the one after the last, in order, without overlap.
    """
    starts = passage.spans[:, 0]
    parts = []
    for start, end in stretches:
        inside = (start <= starts) & (starts < end)
        parts.append(TokenStates(passage.spans[inside], passage.vectors[inside]))
    return parts


def _best(
    query: TokenStates, passages: Sequence[npt.NDArray[np.float16]]
) -> npt.NDArray[np.float32]:
    """(t, n) cosine of each token with the most similar one of each passage, none of them empty."""
    tokens = np.concatenate(passages).astype(np.float32)
    cosines = query.vectors.astype(np.float32) @ tokens.T
    begins = np.cumsum([0, *(len(passage) for passage in passages[:-1])])
    best: npt.NDArray[np.float32] = np.maximum.reduceat(cosines, begins, axis=1)
    return best
