"""Whether two definitions are clones, and of which type."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metier_code.clones.alignment import align
from metier_code.clones.sequences import TokenSequence

LEAST_SIMILARITY = 0.7
"""Share of tokens from which two definitions are clones of type 3, if their names are the same."""
_FOR_NAMES = 0.2
"""How much more is needed where all names differ."""
_REPETITIVE = 0.5
"""Share of different runs of tokens below which a definition says the same again and again."""
_SHARED_RUNS = 0.5
"""Least share of the runs of the longer definition that clones share, for each share of tokens: no
clone of some 5,000 that were made had less."""


@dataclass(frozen=True, slots=True)
class CloneEvidence:
    """What two definitions share.

    Attributes:
        type: 1 for the same but for layout and comments, 2 for names replaced throughout and other
            literals, 3 for statements added, removed, changed or reordered.
        similarity: share of the tokens of both that are the same apart from what the type
            allows, in [0, 1].
        is_clone: whether that is enough.
    """

    type: int
    similarity: float
    is_clone: bool


def compare(
    first: TokenSequence, second: TokenSequence, *, least_similarity: float = LEAST_SIMILARITY
) -> CloneEvidence:
    """Compare two definitions of one language.

    Names that differ are weaker evidence: without one in common, 0.2 more has to be the same.
    """
    if np.array_equal(first.written, second.written):
        return CloneEvidence(1, 1.0, is_clone=True)
    if np.array_equal(first.renamed, second.renamed):
        return CloneEvidence(2, 1.0, is_clone=True)
    alignment = align(first, second)
    needed = least_similarity + _FOR_NAMES * (1 - alignment.names)
    is_clone = alignment.similarity >= min(needed, 1.0)
    if is_clone and alignment.names < 0.5:
        is_clone = min(first.variety, second.variety) >= _REPETITIVE
    return CloneEvidence(3, alignment.similarity, is_clone=is_clone)


def share_enough_runs(
    first: TokenSequence, second: TokenSequence, least_similarity: float = LEAST_SIMILARITY
) -> bool:
    """Whether two definitions share so many runs of tokens that comparing them can pay.

    Some twenty times as fast as `compare`.
    """
    longer = max(len(first.runs), len(second.runs))
    if longer == 0:
        return True
    shared = len(np.intersect1d(first.runs, second.runs, assume_unique=True))
    return shared >= _SHARED_RUNS * least_similarity * longer
