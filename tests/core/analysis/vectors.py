"""Random unit vectors with known groups."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]


def unit(rows: npt.ArrayLike) -> Matrix:
    """Scale rows to length 1."""
    matrix = np.atleast_2d(np.asarray(rows, dtype=np.float64))
    return (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float32)


def groups(sizes: list[int], *, dim: int = 16, spread: float = 0.05, seed: int = 0) -> Matrix:
    """Return rows around one random direction for each size, in order."""
    rng = np.random.default_rng(seed)
    centers = unit(rng.standard_normal((len(sizes), dim)))
    rows = np.repeat(centers, sizes, axis=0)
    return unit(rows + spread * rng.standard_normal(rows.shape))


def scattered(count: int, *, dim: int = 16, seed: int = 0) -> Matrix:
    """Return rows in random directions."""
    return unit(np.random.default_rng(seed).standard_normal((count, dim)))


def around(
    centers: int, rows: int, *, noise: float = 0.3, dim: int = 24, seed: int = 0
) -> tuple[Matrix, npt.NDArray[np.intp]]:
    """Return rows around `centers` directions in turn, and the direction number of each row."""
    rng = np.random.default_rng(seed)
    numbers = np.arange(rows) % centers
    return unit(np.eye(dim)[numbers] + noise * rng.standard_normal((rows, dim))), numbers
