"""Late interaction: a query compared with a passage token by token.

Each token of the query meets the token of the passage that is most like it, and what it finds
counts by its weight (MaxSim of ColBERT, Khattab and Zaharia 2020, as a weighted mean). Here the
tokens are those of an embedder trained for whole texts, as it sees them in their context.
"""

from __future__ import annotations

import unicodedata
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
    told = [place for place, one in enumerate(passages) if len(one.vectors)]
    total = float(weights.sum())
    if not told or total <= 0.0:
        return scores
    best = _best(query, [passages[place].vectors for place in told])
    scores[told] = weights @ best / np.float32(total)
    return scores


def evenly(query: TokenStates) -> npt.NDArray[np.float32]:
    """(t,) weights that are all the same."""
    return np.ones(len(query.spans), dtype=np.float32)


def by_rarity(
    query: TokenStates, terms: Sequence[Term], rarity: Callable[[str], float]
) -> npt.NDArray[np.float32]:
    """(t,) how rare the terms are that the tokens of a query belong to, by their mean.

    A token that is in no term, such as one of a common word or a comma, says nothing. A word in
    several pieces counts with each: it is the pieces of rare words that a model knows least of.

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
                if term.name not in known:  # what a model did not read is not asked for
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
    """(t, n) cosine of each token with the most like of each passage, none of them empty."""
    tokens = np.concatenate(passages).astype(np.float32)
    cosines = query.vectors.astype(np.float32) @ tokens.T
    begins = np.cumsum([0, *(len(one) for one in passages[:-1])])
    best: npt.NDArray[np.float32] = np.maximum.reduceat(cosines, begins, axis=1)
    return best


LEGIBLE = 0.6
"""Share of a query's letters from which on a model's view of it counts."""


def legibility(text: str, states: TokenStates) -> float:
    """The share of the letters of a text that a model reads as more than single ones.

    A letter that is a word by itself is read, and so is a Chinese character.

    Args:
        text: what was read, or its beginning.
        states: the tokens of the whole; those the vocabulary lacks are not among them.

    Returns:
        0 to 1; 1 for a text without letters.
    """
    letters = [place for place, one in enumerate(text) if one.isalpha()]
    if not letters:
        return 1.0
    read: set[int] = set()
    for start, end in states.spans.tolist():
        if start >= len(text):
            break
        if end - start > 1 or _stands_alone(text, start) or _is_han(text[start]):
            read.update(range(start, end))
    return sum(place in read for place in letters) / len(letters)


def _stands_alone(text: str, place: int) -> bool:
    around = text[max(place - 1, 0) : place] + text[place + 1 : place + 2]
    return not any(one.isalnum() for one in around)


def _is_han(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("CJK")
