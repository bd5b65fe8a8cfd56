"""Clauses that became several, and several that became one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from metier_legal.comparison.alignment import Basis, ClausePair, WordWeights, unpaired
from metier_legal.comparison.clause_words import ClauseWords, Word
from metier_legal.comparison.word_runs import equal_runs

_LEAST_CONTAINED = 0.7
"""Share of the words of a part that the undivided clause has, in runs."""
SHORTEST_RUN = 3
_SHORTEST_PART = 5
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Correspondence:
    """Clauses of both sides that correspond: one each, or one and the several it became.

    Attributes:
        left: rows on the left, in the order of what the right one says.
        right: rows on the right, in that of the left one.
        basis: what shows it.
        similarity: as of `ClausePair`.
    """

    left: tuple[int, ...]
    right: tuple[int, ...]
    basis: Basis
    similarity: float


def with_divisions(
    left: Sequence[ClauseWords],
    right: Sequence[ClauseWords],
    weights: WordWeights,
    pairs: Sequence[ClausePair],
) -> list[Correspondence]:
    """Pairs, with the clauses that are parts of one of them and have no partner themselves."""
    rows, others = unpaired(len(left), len(right), pairs)
    partner_of_left = {pair.left: pair.right for pair in pairs}
    partner_of_right = {pair.right: pair.left for pair in pairs}
    inexact = [pair for pair in pairs if pair.basis != "text"]
    shared = _shares(weights, [*(pair.left for pair in inexact), *rows], others, swapped=False)
    splits = _parts(left, right, shared, partner_of_left)
    shared = _shares(weights, rows, [*(pair.right for pair in inexact), *others], swapped=True)
    merges = _parts(right, left, shared, partner_of_right)
    # a row has one role: whole or part, the first that was read
    used_left = set(splits)
    used_right = {row for parts in splits.values() for row in parts}
    merges = {
        undivided: parts
        for undivided, parts in merges.items()
        if undivided not in used_right
        and partner_of_right.get(undivided) not in used_left
        and not used_left & set(parts)
    }
    return [
        Correspondence(
            _in_order_of(left, item.left, right[item.right[0]]),
            _in_order_of(right, item.right, left[item.left[0]]),
            item.basis,
            item.similarity,
        )
        for item in _correspondences(pairs, splits, merges)
    ]


def _shares(
    weights: WordWeights, rows: Sequence[int], others: Sequence[int], *, swapped: bool
) -> dict[int, list[int]]:
    """For each part the clauses that have most of its words; parts are on the right.

    Args:
        weights: words of all clauses.
        rows: on the left.
        others: on the right.
        swapped: whether the parts are those on the left.
    """
    totals = weights.totals
    candidates: dict[int, list[int]] = {}
    for start in range(0, len(rows), _BLOCK):
        block = list(rows[start : start + _BLOCK])
        if not block or not len(others):
            continue
        shared = weights.shared(block, others)
        parts = totals[0][block][:, None] if swapped else totals[1][list(others)][None, :]
        contained = shared / np.maximum(parts, 1e-9)
        for index, column in zip(*np.nonzero(contained >= _LEAST_CONTAINED), strict=True):
            row, other = block[int(index)], others[int(column)]
            part, whole = (row, other) if swapped else (other, row)
            candidates.setdefault(part, []).append(whole)
    return candidates


def _parts(
    wholes: Sequence[ClauseWords],
    parts: Sequence[ClauseWords],
    candidates: Mapping[int, Sequence[int]],
    partners: Mapping[int, int],
) -> dict[int, list[int]]:
    """For each clause that was divided the parts that have no partner themselves."""
    of_whole: dict[int, list[int]] = {}
    left_overs: dict[int, list[str]] = {}
    for part, rows in candidates.items():
        words = parts[part].body
        if sum(word.role == "word" for word in words) < _SHORTEST_PART:
            continue
        best: tuple[float, float, int] | None = None
        for row in rows:
            if row not in left_overs:
                partner = parts[partners[row]].body if row in partners else ()
                left_overs[row] = _left_over(wholes[row].body, partner)
            contained = _contained(words, left_overs[row])
            near = -abs(partners[row] - part) if row in partners else 0
            if contained >= _LEAST_CONTAINED and (best is None or (contained, near) > best[:2]):
                best = contained, near, row
        if best is not None:
            of_whole.setdefault(best[2], []).append(part)
    return {
        undivided: sorted(rows)
        for undivided, rows in of_whole.items()
        if len(rows) > 1 or undivided in partners
    }


def _in_order_of(
    clauses: Sequence[ClauseWords], rows: Sequence[int], whole: ClauseWords
) -> tuple[int, ...]:
    """Clauses in the order in which the undivided clause has their words."""
    if len(rows) < 2:
        return tuple(rows)
    keys = [word.key for word in (*whole.head, *whole.body)]

    def position(row: int) -> tuple[int, int]:
        runs = equal_runs([word.key for word in clauses[row].body], keys, SHORTEST_RUN)
        longest = max(runs, key=lambda run: run[2], default=(0, 0, 0))
        return longest[1], row

    return tuple(sorted(rows, key=position))


def _left_over(whole: Sequence[Word], partner: Sequence[Word]) -> list[str]:
    """The keys of a clause that its partner does not have, in runs."""
    keys = [word.key for word in whole]
    if not partner:
        return keys
    kept = [True] * len(keys)
    for block in equal_runs(keys, [word.key for word in partner], SHORTEST_RUN):
        kept[block[0] : block[0] + block[2]] = [False] * block[2]
    return [key for key, is_kept in zip(keys, kept, strict=True) if is_kept]


def _contained(part: Sequence[Word], whole: Sequence[str]) -> float:
    """Share of the words of a part that lie in runs that the whole has, too."""
    keys = [word.key for word in part]
    return (
        sum(size for _, _, size in equal_runs(keys, whole, SHORTEST_RUN)) / len(keys)
        if keys
        else 0.0
    )


def _correspondences(
    pairs: Sequence[ClausePair],
    splits: Mapping[int, Sequence[int]],
    merges: Mapping[int, Sequence[int]],
) -> list[Correspondence]:
    correspondences = []
    paired = {pair.left for pair in pairs}, {pair.right for pair in pairs}
    for pair in pairs:
        left = sorted({pair.left, *merges.get(pair.right, ())})
        right = sorted({pair.right, *splits.get(pair.left, ())})
        correspondences.append(
            Correspondence(tuple(left), tuple(right), pair.basis, pair.similarity)
        )
    for row, parts in splits.items():
        if row not in paired[0]:
            correspondences.append(Correspondence((row,), tuple(parts), "words", 1.0))
    for row, parts in merges.items():
        if row not in paired[1]:
            correspondences.append(Correspondence(tuple(parts), (row,), "words", 1.0))
    return sorted(correspondences, key=lambda item: (item.left, item.right))
