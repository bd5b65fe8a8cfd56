"""A rotation that moves what tells vectors of a corpus apart into their first numbers.

The axes are those of a principal component analysis without centring: no other orthogonal basis
leaves less of the vectors behind its first k axes (Eckart and Young, 1936), and none changes a
cosine of whole vectors. They are fitted to the vectors of one index and say nothing of others.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SAMPLE = 16_384
"""Vectors a rotation is fitted to; for longer vectors four for each of their numbers."""


def sample_size(count: int, dim: int) -> int:
    """How many of `count` vectors of `dim` numbers a rotation is fitted to."""
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
    """Rotated vectors cut to their first numbers, of unit length again.

    Args:
        vectors: (n, full) unit rows.
        axes: (full, full) as `principal_axes` gives.
        dim: 1 to full.

    Returns:
        (n, dim) unit rows. A row with nothing in its first numbers stays a row of zeros.
    """
    short = vectors @ axes[:, :dim]
    norms = np.linalg.norm(short, axis=1, keepdims=True)
    norms[norms == 0.0] = 1.0
    unit: npt.NDArray[np.float32] = short / norms
    return unit
