"""Funnels: a shortlist by the first dimensions of rotated vectors, before exact scores.

The rotation moves what tells the vectors of an index apart into their first dimensions. Its axes
are those of a principal component analysis without centering: no other orthogonal basis leaves
less of the vectors behind its first k axes (Eckart and Young, 1936), and none changes a cosine of
whole vectors. They are fitted to the vectors of one index and say nothing of others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

SAMPLE = 16_384
"""Vectors a rotation is fitted to; for longer vectors four for each dimension."""


def sample_size(count: int, dim: int) -> int:
    """How many of `count` vectors of `dim` dimensions a rotation is fitted to."""
    return min(count, max(SAMPLE, 4 * dim))


def principal_axes(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The axes along which vectors are longest, the most important first.

    Args:
        vectors: (n, dim), at least one.

    Returns:
        (dim, dim) orthogonal matrix; `vectors @ axes` are the rotated vectors.
    """
    wide = np.asarray(vectors, dtype=np.float64)
    _, axes = np.linalg.eigh(wide.T @ wide)
    return np.ascontiguousarray(axes[:, ::-1], dtype=np.float32)


def shortened(
    vectors: npt.NDArray[np.float32], axes: npt.NDArray[np.float32], dim: int
) -> npt.NDArray[np.float32]:
    """Rotated vectors cut to their first dimensions, of unit length again.

    Args:
        vectors: (n, full) unit rows.
        axes: (full, full) as `principal_axes` gives.
        dim: 1 to full.

    Returns:
        (n, dim) unit rows. A row that is 0 in its first dimensions stays a row of zeros.
    """
    short = vectors @ axes[:, :dim]
    norms = np.linalg.norm(short, axis=1, keepdims=True)
    norms[norms == 0.0] = 1.0
    unit: npt.NDArray[np.float32] = short / norms
    return unit


RECALL = 0.99
"""Least share of the true neighbors that a funnel finds."""

MARGIN = 1.5
"""How much longer a shortlist is than the measured vectors need: queries are other texts."""

LEAST = 20_000
"""Vectors below which exact search is quick enough."""

PROBES = 200
"""Vectors whose neighbors are measured."""

COUNTS = (10, 100)
"""How many neighbors are asked for when it is measured."""

DIMS = (32, 64, 128)
"""Short vectors that are tried."""

SAME = 1e-5
"""How far the cosine of a vector with itself may be from 1."""

_SCATTERED = 4
"""How much more a vector costs that is read at random than one that is read in sequence."""

_WORTH = 2
"""How many times less than exact search a funnel has to read to be used."""

Batches = Callable[[], Iterable[npt.NDArray[np.float32]]]
"""All vectors of an index, (k, dim) at a time and in the same order every time."""


@dataclass(frozen=True, slots=True)
class Funnel:
    """How a shortlist is made.

    Attributes:
        dim: dimensions of a rotated vector that are compared first; 0 where exact search is better.
        widths: length of the shortlist for 10 and for 100 hits.
        recall: share of the true neighbors that were found when it was measured, for 10 and 100.
        fitted: how many vectors the index had then.
    """

    dim: int
    widths: tuple[int, int]
    recall: tuple[float, float]
    fitted: int

    def width(self, count: int) -> int:
        """Length of the shortlist for so many hits."""
        few, many = self.widths
        low, high = COUNTS
        if count <= low:
            return few
        if count >= high:
            return math.ceil(many * count / high)
        return math.ceil(few + (many - few) * (count - low) / (high - low))

    def is_outgrown(self, count: int) -> bool:
        """Whether an index of so many vectors should be measured again."""
        return not self.fitted / 2 <= count <= 2 * self.fitted

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)

    @property
    def is_exact(self) -> bool:
        """Whether exact search was found to be better."""
        return self.dim == 0

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Funnel:
        """The funnel of plain data."""
        return cls(
            int(content["dim"]),
            (int(content["widths"][0]), int(content["widths"][1])),
            (float(content["recall"][0]), float(content["recall"][1])),
            int(content["fitted"]),
        )


def fit_funnel(
    batches: Batches, count: int, probes: npt.NDArray[np.float32], axes: npt.NDArray[np.float32]
) -> Funnel:
    """Measure which funnel an index needs.

    Args:
        batches: its vectors, unit rows; read twice.
        count: how many they are.
        probes: (p, dim), some of them; what is equal to a probe is no neighbor of it.
        axes: (dim, dim), see `principal_axes`.

    Returns:
        The funnel that reads the least, or one that is exact.
    """
    full = axes.shape[0]
    exact = Funnel(0, (0, 0), (1.0, 1.0), count)
    dims = [dim for dim in DIMS if _WORTH * dim < full]
    if not dims:
        return exact
    reached = _reached(batches, probes, axes, dims)
    ranks = _ranks(batches, probes, axes, reached)
    funnels = [_funnel(dim, ranks[dim], count) for dim in dims]
    best = min(funnels, key=lambda funnel: _cost(funnel, count, full))
    return best if _WORTH * _cost(best, count, full) <= count * full else exact


def _funnel(dim: int, ranks: npt.NDArray[np.int64], count: int) -> Funnel:
    few, many = (_width(ranks[:, :number], number, count) for number in COUNTS)
    recalls = [
        float((ranks[:, :number] < width).mean())
        for number, width in zip(COUNTS, (few, many), strict=True)
    ]
    return Funnel(dim, (few, many), (recalls[0], recalls[1]), count)


def _cost(funnel: Funnel, count: int, dim: int) -> int:
    """Values that a search reads; those read at random count as what they cost."""
    return count * funnel.dim + _SCATTERED * funnel.widths[0] * dim


def _width(ranks: npt.NDArray[np.int64], number: int, count: int) -> int:
    """How long a shortlist has to be to hold the neighbors, with a margin."""
    needed = np.sort(ranks.ravel())[math.ceil(RECALL * ranks.size) - 1] + 1
    return int(min(count, max(2 * number, math.ceil(MARGIN * needed))))


def _reached(
    batches: Batches,
    probes: npt.NDArray[np.float32],
    axes: npt.NDArray[np.float32],
    dims: list[int],
) -> dict[int, npt.NDArray[np.float32]]:
    """For each size (p, most) the short scores of each probe's true neighbors, nearest first."""
    most = COUNTS[-1]
    true = np.full((len(probes), most), -np.inf, dtype=np.float32)
    reached = {dim: np.full_like(true, -np.inf) for dim in dims}
    for batch, short in _scores(batches, probes, axes, dims):
        fresh = probes @ batch.T
        fresh[fresh > 1 - SAME] = -np.inf  # the probe itself, and what is equal to it
        scores = np.concatenate([true, fresh], axis=1)
        kept = np.argpartition(-scores, most - 1, axis=1)[:, :most]
        true = np.take_along_axis(scores, kept, axis=1)
        for dim in dims:
            together = np.concatenate([reached[dim], short[dim]], axis=1)
            reached[dim] = np.take_along_axis(together, kept, axis=1)
    order = np.argsort(-true, axis=1, kind="stable")
    return {dim: np.take_along_axis(reached[dim], order, axis=1) for dim in dims}


def _ranks(
    batches: Batches,
    probes: npt.NDArray[np.float32],
    axes: npt.NDArray[np.float32],
    reached: Mapping[int, npt.NDArray[np.float32]],
) -> dict[int, npt.NDArray[np.int64]]:
    """For each size (p, most) how many vectors come before each neighbor by short scores."""
    dims = list(reached)
    ranks = {dim: np.zeros(reached[dim].shape, dtype=np.int64) for dim in dims}
    for _, short in _scores(batches, probes, axes, dims):
        for dim in dims:
            least = reached[dim].min(axis=1)
            for row, scores in enumerate(short[dim]):
                before = np.sort(scores[scores > least[row]])
                ahead = np.searchsorted(before, reached[dim][row], side="right")
                ranks[dim][row] += len(before) - ahead
    return ranks


def _scores(
    batches: Batches,
    probes: npt.NDArray[np.float32],
    axes: npt.NDArray[np.float32],
    dims: list[int],
) -> Iterator[tuple[npt.NDArray[np.float32], dict[int, npt.NDArray[np.float32]]]]:
    """Each batch, and for each size its short scores (p, k)."""
    longest = np.ascontiguousarray(axes[:, : max(dims)])
    rotated_probes = probes @ longest
    for batch in batches():
        rotated = batch @ longest
        yield batch, {dim: rotated_probes[:, :dim] @ rotated[:, :dim].T for dim in dims}
