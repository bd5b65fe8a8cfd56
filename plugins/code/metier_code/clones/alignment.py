"""How much of two token sequences is the same, in any order of statements and under other names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metier_code.clones.grams import gram_hashes
from metier_code.clones.sequences import Ids, TokenSequence

_SHORTEST_RUN = 6
"""Tokens of the shortest run that counts: any two definitions share shorter ones."""
_MOST_PAIRINGS = 64
"""Pairs of equal grams from which only those of about the same rank are tried."""
_RANKS = 2

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Alignment:
    """What two sequences share.

    Attributes:
        similarity: share of the tokens of both that lie in runs that both have, with names that
            are replaced throughout, in [0, 1].
        names: share of the aligned names that are the same, in [0, 1]; 1 without names.
    """

    similarity: float
    names: float


def align(first: TokenSequence, second: TokenSequence) -> Alignment:
    """Align runs of tokens of the same shape, longest first, each token once.

    Greedy string tiling (Wise 1993, as in JPlag), with names checked afterwards: a pair of names
    counts if each is what the other is paired with most often.
    """
    rows, columns = _tiles(first, second)
    is_name = first.is_name[rows]
    names, others = first.written[rows[is_name]], second.written[columns[is_name]]
    matched = len(rows) - len(names) + int(_consistent(names, others).sum())
    return Alignment(
        similarity=2 * matched / max(1, len(first) + len(second)),
        names=float((names == others).mean()) if len(names) else 1.0,
    )


def _tiles(first: TokenSequence, second: TokenSequence) -> tuple[Rows, Rows]:
    """Positions of paired tokens in both; of runs of one length those with the same names first."""
    lefts, rights = _equal_grams(
        gram_hashes(first.shape, _SHORTEST_RUN), gram_hashes(second.shape, _SHORTEST_RUN)
    )
    if not len(lefts):
        return lefts, rights
    order = np.lexsort((lefts, lefts - rights))
    lefts, rights = lefts[order], rights[order]
    breaks = (np.diff(lefts) != 1) | (np.diff(lefts - rights) != 0)
    starts = np.concatenate([[0], np.flatnonzero(breaks) + 1])
    ends = np.concatenate([starts[1:], [len(lefts)]])
    lengths = ends - starts + _SHORTEST_RUN - 1
    same = np.concatenate([[0], np.cumsum(first.written[lefts] == second.written[rights])])
    weights = lengths + same[ends] - same[starts]
    used = np.zeros(len(first), dtype=np.bool_), np.zeros(len(second), dtype=np.bool_)
    runs: list[tuple[int, int, int]] = []
    for run in np.argsort(-weights, kind="stable").tolist():
        left, right, length = int(lefts[starts[run]]), int(rights[starts[run]]), int(lengths[run])
        taken = used[0][left : left + length] | used[1][right : right + length]
        for begin, end in _free_stretches(taken, _SHORTEST_RUN):
            used[0][left + begin : left + end] = True
            used[1][right + begin : right + end] = True
            runs.append((left + begin, right + begin, end - begin))
    return (
        _positions([(left, size) for left, _, size in runs]),
        _positions([(right, size) for _, right, size in runs]),
    )


def _positions(runs: list[tuple[int, int]]) -> Rows:
    if not runs:
        return np.empty(0, dtype=np.intp)
    return np.concatenate([np.arange(start, start + size) for start, size in runs])


def _free_stretches(used: npt.NDArray[np.bool_], size: int) -> list[tuple[int, int]]:
    """Stretches of at least `size` tokens that are not used yet."""
    if not used.any():
        return [(0, len(used))]
    if used.all():
        return []
    edges = np.flatnonzero(np.diff(np.concatenate([[True], used, [True]]).astype(np.int8)))
    pairs = edges.reshape(-1, 2).tolist()
    return [(begin, end) for begin, end in pairs if end - begin >= size]


def _consistent(names: Ids, others: Ids) -> npt.NDArray[np.bool_]:
    """Which pairs of names are the most frequent pair of both."""
    if not len(names):
        return np.zeros(0, dtype=np.bool_)
    keys = names.astype(np.uint64) << np.uint64(32) | others.astype(np.uint64)
    pairs, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    left, right = pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF)
    best = _is_most(left, counts) & _is_most(right, counts)
    return np.asarray(best[inverse])


def _is_most(names: npt.NDArray[np.uint64], counts: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """Which counts are the greatest of their name."""
    _, inverse = np.unique(names, return_inverse=True)
    most = np.zeros(inverse.max() + 1, dtype=np.intp)
    np.maximum.at(most, inverse, counts)
    return np.asarray(counts == most[inverse])


def _equal_grams(
    first: npt.NDArray[np.uint64], second: npt.NDArray[np.uint64]
) -> tuple[Rows, Rows]:
    """Positions of equal grams; those that repeat are paired with the ones of about their rank."""
    order = np.argsort(second, kind="stable")
    ordered = second[order]
    low = np.searchsorted(ordered, first, side="left")
    counts = np.searchsorted(ordered, first, side="right") - low
    own = np.argsort(first, kind="stable")
    own_low = np.searchsorted(first[own], first, side="left")
    own_counts = np.searchsorted(first[own], first, side="right") - own_low
    ranks = np.empty(len(first), dtype=np.intp)
    ranks[own] = np.arange(len(first)) - own_low[own]
    frequent = counts * own_counts > _MOST_PAIRINGS
    begin = np.where(frequent, np.clip(ranks - _RANKS, 0, counts), 0)
    end = np.where(frequent, np.clip(ranks + _RANKS + 1, 0, counts), counts)
    sizes = end - begin
    lefts = np.repeat(np.arange(len(first)), sizes)
    within = np.arange(len(lefts)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return lefts, order[np.repeat(low + begin, sizes) + within]
