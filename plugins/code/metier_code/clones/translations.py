"""Functions that do the same in another language, by their vectors: clones of type 4."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from metier.plugin import Runtime, near_cosine
from metier_code.clones.clone_search import language_family
from metier_code.clones.comparison import CloneEvidence
from metier_code.clones.definitions import LocatedDefinition

INSTRUCTION = "code/code-to-code"
_LEAST_MARGIN = 1.2
"""How much nearer than the nearest others two functions are: see benchmarks/RESULTS.md."""
_NEAREST = 4
_ABOVE_NEAR = 4 / 3
"""Least cosine, over that of texts that are near each other."""
_COSINES = 2_000_000
"""Cosines that are in memory at a time."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")

Vectors = npt.NDArray[np.float32]


def translations(
    rt: Runtime, definitions: Sequence[LocatedDefinition], rows: Sequence[int]
) -> dict[tuple[int, int], CloneEvidence]:
    """Pairs of rows that are each other's nearest between two languages, by a clear margin.

    The margin is that of Artetxe and Schwenk (2019), which finds sentences that are translations:
    the cosine over the mean cosine of both with their nearest four in the other language. The
    cosine is also well above what the model gives to texts that are near each other, since a tree
    may have only a few functions in a language.

    Args:
        rt: the Runtime.
        definitions: all of them.
        rows: those to compare.
    """
    families: dict[str, list[int]] = {}
    for row in rows:
        families.setdefault(language_family(definitions[row].definition.language), []).append(row)
    if len(families) < 2:
        return {}
    texts = [embedded_text(definitions[row]) for row in rows]
    vectors = np.asarray(rt.embed_documents(texts, instruction=INSTRUCTION))
    least = _ABOVE_NEAR * near_cosine(rt, INSTRUCTION, side="document")
    position = {row: number for number, row in enumerate(rows)}
    pairs: dict[tuple[int, int], CloneEvidence] = {}
    for first, second in combinations(sorted(families), 2):
        left, right = families[first], families[second]
        nearest = _nearest_pairs(
            vectors[[position[row] for row in left]], vectors[[position[row] for row in right]]
        )
        for row, other, cosine in nearest:
            if cosine >= least:
                key = (min(left[row], right[other]), max(left[row], right[other]))
                pairs[key] = CloneEvidence(4, min(1.0, cosine), is_clone=True)
    return pairs


def embedded_text(located: LocatedDefinition) -> str:
    """What a vector is made of: the name and the text, with the words of names apart."""
    name = located.definition.name.rpartition(".")[2]
    return _HUMP.sub(" ", f"{name}\n{located.definition.text}")


def _nearest_pairs(left: Vectors, right: Vectors) -> list[tuple[int, int, float]]:
    """Rows that are each other's nearest by a margin, with their cosines."""
    around_left, around_right = _mean_nearest(left, right), _mean_nearest(right, left)
    best = _best(left, right, around_left, around_right)
    best_back = _best(right, left, around_right, around_left)
    pairs = []
    for row, other in enumerate(best.tolist()):
        cosine = float(left[row] @ right[other])
        around = (around_left[row] + around_right[other]) / 2
        if best_back[other] == row and cosine >= _LEAST_MARGIN * around:
            pairs.append((row, other, cosine))
    return pairs


def _mean_nearest(vectors: Vectors, others: Vectors) -> Vectors:
    """Mean cosine of each vector with its nearest others."""
    count = min(_NEAREST, len(others))
    means = np.empty(len(vectors), dtype=np.float32)
    block = max(1, _COSINES // len(others))
    for start in range(0, len(vectors), block):
        cosines = vectors[start : start + block] @ others.T
        nearest = np.partition(cosines, len(others) - count, axis=1)[:, len(others) - count :]
        means[start : start + block] = nearest.mean(axis=1)
    return means


def _best(
    vectors: Vectors, others: Vectors, around: Vectors, around_others: Vectors
) -> npt.NDArray[np.intp]:
    """For each vector the other with the greatest margin."""
    best = np.empty(len(vectors), dtype=np.intp)
    block = max(1, _COSINES // len(others))
    for start in range(0, len(vectors), block):
        rows = slice(start, start + block)
        cosines = vectors[rows] @ others.T
        means = np.maximum((around[rows, None] + around_others[None]) / 2, 1e-6)
        best[rows] = np.argmax(np.round(cosines / means, 6), axis=1)
    return best
