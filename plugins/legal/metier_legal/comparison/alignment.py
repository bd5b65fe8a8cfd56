"""Which clause of one contract is which of the other: by text, by words and by meaning."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from metier_legal.comparison.clause_words import ClauseWords
from metier_legal.comparison.frame_words import is_same_subject
from metier_legal.comparison.word_runs import run_matcher

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Basis = Literal["text", "words", "meaning"]
Floats = npt.NDArray[np.float64]

LEAST_SHARED = 0.5
"""Share of the words of both clauses, rare ones counting more, that near equal ones have."""
_SAME_TITLE = 0.08
_SAME_GAP = 0.08
"""What the same title, and the same neighbors, add to what two clauses share."""
_CONTAINED = 0.5
"""Share that counts as in common where one clause is all in the other, which says more."""
_LEAST_WEIGHT = 20.0
"""Weight of the words of a clause that is more than a few common words."""
_MOST_OCCURRENCES = 8
_BLOCK = 512


class ClausePair(NamedTuple):
    """Two clauses that correspond.

    Attributes:
        left: row of the left one.
        right: row of the right one.
        basis: what shows it.
        similarity: the share of words they have in common, or the cosine, in [0, 1].
    """

    left: int
    right: int
    basis: Basis
    similarity: float


def equal_pairs(left: Sequence[ClauseWords], right: Sequence[ClauseWords]) -> list[ClausePair]:
    """Clauses with the same words: with titles and in order, then in any order, then without.

    Equal ones that are there several times are paired in their order.
    """
    pairs: dict[int, int] = {}
    keys = [clause.key for clause in left], [clause.key for clause in right]
    ids = {key: number for number, key in enumerate(dict.fromkeys([*keys[0], *keys[1]]))}
    rows = [[ids[key] for key in side] for side in keys]
    for block in run_matcher(rows[0], rows[1]).get_matching_blocks():
        pairs |= {block.a + step: block.b + step for step in range(block.size)}
    for of_clause in (
        lambda clause: (clause.titles, clause.key),
        lambda clause: clause.key,
        lambda clause: clause.body_key,
    ):
        paired = set(pairs.values())
        free: dict[object, list[int]] = {}
        for row, clause in enumerate(right):
            if row not in paired:
                free.setdefault(of_clause(clause), []).append(row)
        for row, clause in enumerate(left):
            key = of_clause(clause)
            if row not in pairs and clause.words and free.get(key) and key:
                pairs[row] = free[key].pop(0)
    return [ClausePair(row, other, "text", 1.0) for row, other in sorted(pairs.items())]


@dataclass(frozen=True, slots=True)
class WordWeights:
    """Which words each clause has, and what they weigh.

    Attributes:
        left: (left clauses, words); a column for each time that a clause has a word.
        right: (right clauses, words).
        weights: of the columns; rare words weigh more.
    """

    left: csr_matrix
    right: csr_matrix
    weights: Floats

    @property
    def totals(self) -> tuple[Floats, Floats]:
        """Weight of all words of each clause, on both sides."""
        return self.left @ self.weights, self.right @ self.weights

    def shared(self, rows: Sequence[int], others: Sequence[int]) -> Floats:
        """Weight of the words that clauses share, (rows, others)."""
        scaled = self.left[list(rows)].multiply(self.weights[None, :]).tocsr()
        return np.asarray((scaled @ self.right[list(others)].T).toarray(), dtype=np.float64)


def word_weights(left: Sequence[ClauseWords], right: Sequence[ClauseWords]) -> WordWeights:
    """The words of clauses as sparse matrices."""
    from scipy.sparse import csr_matrix

    columns: dict[tuple[str, int], int] = {}
    matrices: list[tuple[list[int], list[int]]] = []
    frequency: Counter[str] = Counter()
    for side in (left, right):
        indices: list[int] = []
        starts = [0]
        for clause in side:
            counts = Counter(word.key for word in clause.words if word.role != "mark")
            frequency.update(counts.keys())
            for key, count in counts.items():
                for occurrence in range(min(count, _MOST_OCCURRENCES)):
                    indices.append(columns.setdefault((key, occurrence), len(columns)))
            starts.append(len(indices))
        matrices.append((indices, starts))
    total = len(left) + len(right)
    weights = np.array([math.log((1 + total) / frequency[key]) + 0.3 for key, _ in columns])
    first, second = (
        csr_matrix(
            (np.ones(len(indices)), np.array(indices, dtype=np.intp), np.array(starts)),
            shape=(len(starts) - 1, len(columns)),
        )
        for indices, starts in matrices
    )
    return WordWeights(first, second, weights.astype(np.float64))


def near_pairs(
    left: Sequence[ClauseWords],
    right: Sequence[ClauseWords],
    weights: WordWeights,
    pairs: Sequence[ClausePair],
) -> list[ClausePair]:
    """Clauses without a partner that share most of their words, best assignment of all.

    Those that share hardly more than names of parties and words of every contract are none.
    """
    rows, others = unpaired(len(left), len(right), pairs)
    totals = weights.totals
    gaps = Gaps(pairs)
    contents = (
        {row: left[row].content for row in rows}, {other: right[other].content for other in others}
    )  # fmt: skip
    scores: dict[tuple[int, int], tuple[float, float]] = {}
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        shared = weights.shared(block, others)
        sums = totals[0][block][:, None] + totals[1][others][None, :]
        dice = 2 * shared / np.maximum(sums, 1e-9)
        lesser = np.minimum(totals[0][block][:, None], totals[1][others][None, :])
        contained = np.where(lesser >= _LEAST_WEIGHT, shared / np.maximum(lesser, 1e-9), 0)
        dice = np.maximum(dice, _CONTAINED * contained)
        for index, column in zip(
            *np.nonzero(dice >= LEAST_SHARED - _SAME_TITLE - _SAME_GAP), strict=True
        ):
            row, other = block[int(index)], others[int(column)]
            similarity = float(dice[index, column])
            score = similarity + _evidence(left[row], right[other], gaps.shared(row, other))
            if score >= LEAST_SHARED + 0.04 and is_same_subject(
                contents[0][row], contents[1][other]
            ):
                scores[row, other] = score, similarity
    return [
        ClausePair(row, other, "words", min(1.0, scores[row, other][1]))
        for row, other in assign({pair: score for pair, (score, _) in scores.items()})
    ]


def _evidence(left: ClauseWords, right: ClauseWords, in_gap: bool) -> float:
    """What titles and neighbors add to what the words of two clauses say."""
    same_title = bool(left.titles) and left.titles[-1:] == right.titles[-1:] != ("",)
    return _SAME_TITLE * same_title + _SAME_GAP * in_gap


class Gaps:
    """Between which paired clauses others stand."""

    def __init__(self, pairs: Sequence[ClausePair]) -> None:
        self._lefts = sorted(pair.left for pair in pairs)
        partners = {pair.left: pair.right for pair in pairs}
        self._rights = [partners[row] for row in self._lefts]

    def shared(self, row: int, other: int) -> bool:
        """Whether the pairs before and after a left clause are around a right one, too."""
        index = bisect_left(self._lefts, row)
        before = self._rights[index - 1] if index else -1
        after = self._rights[index] if index < len(self._rights) else math.inf
        return before < other < after


def unpaired(left: int, right: int, pairs: Sequence[ClausePair]) -> tuple[list[int], list[int]]:
    """Rows of both sides that are in no pair."""
    rows, others = {pair.left for pair in pairs}, {pair.right for pair in pairs}
    return (
        [row for row in range(left) if row not in rows],
        [row for row in range(right) if row not in others],
    )


def assign(scores: dict[tuple[int, int], float]) -> list[tuple[int, int]]:
    """The pairs, each row once, whose squared scores are highest in all; in order.

    The square prefers one good pair to two of middling scores. Of pairs that are equally good the
    nearest in order win.
    """
    from scipy.optimize import linear_sum_assignment
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    if not scores:
        return []
    rows = sorted({row for row, _ in scores})
    others = sorted({other for _, other in scores})
    row_index = {row: index for index, row in enumerate(rows)}
    other_index = {other: len(rows) + index for index, other in enumerate(others)}
    edges = [(row_index[row], other_index[other]) for row, other in scores]
    count = len(rows) + len(others)
    graph = coo_matrix((np.ones(len(edges)), tuple(np.array(edges).T)), shape=(count, count))
    _, parts = connected_components(graph, directed=False)
    by_part: dict[int, list[tuple[int, int]]] = {}
    for pair, (index, _) in zip(scores, edges, strict=True):
        by_part.setdefault(int(parts[index]), []).append(pair)
    chosen = []
    for part in by_part.values():
        lefts = sorted({row for row, _ in part})
        rights = sorted({other for _, other in part})
        matrix = np.zeros((len(lefts), len(rights)))
        left_index = {row: index for index, row in enumerate(lefts)}
        right_index = {other: index for index, other in enumerate(rights)}
        for row, other in part:
            index, column = left_index[row], right_index[other]
            far = abs(index / len(lefts) - column / len(rights))
            matrix[index, column] = round(scores[row, other], 6) ** 2 - 1e-6 * far
        for index, column in zip(*linear_sum_assignment(-matrix), strict=True):
            if matrix[index, column] > 0:
                chosen.append((lefts[int(index)], rights[int(column)]))
    return sorted(chosen)
