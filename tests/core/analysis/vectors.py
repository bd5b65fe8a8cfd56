"""Unit vectors made for tests: groups that are there because they were put there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]


def unit(rows: npt.ArrayLike) -> Matrix:
    """Rows of length 1."""
    matrix = np.atleast_2d(np.asarray(rows, dtype=np.float64))
    return (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float32)


def groups(sizes: list[int], *, dim: int = 16, spread: float = 0.05, seed: int = 0) -> Matrix:
    """Rows round one random direction for each size, in order."""
    rng = np.random.default_rng(seed)
    centers = unit(rng.standard_normal((len(sizes), dim)))
    rows = np.repeat(centers, sizes, axis=0)
    return unit(rows + spread * rng.standard_normal(rows.shape))


def scattered(count: int, *, dim: int = 16, seed: int = 0) -> Matrix:
    """Rows in random directions."""
    return unit(np.random.default_rng(seed).standard_normal((count, dim)))


def around(
    centers: int, rows: int, *, noise: float = 0.3, dim: int = 24, seed: int = 0
) -> tuple[Matrix, npt.NDArray[np.intp]]:
    """Rows round `centers` directions in turn, and the number of the direction of each."""
    drawn = np.random.default_rng(seed)
    places = np.arange(rows) % centers
    return unit(np.eye(dim)[places] + noise * drawn.standard_normal((rows, dim))), places
