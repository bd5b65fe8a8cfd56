"""How far apart two results are that should be one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_TINY = 1e-30  # a length by which a row of zeros can be divided

Numbers = npt.NDArray[np.float32] | npt.NDArray[np.float64]


def moved(one: Numbers, other: Numbers) -> float:
    """The largest difference of two numbers in the same place; NaN where one is NaN."""
    return float(np.abs(one - other).max())


def turned(one: Numbers, other: Numbers) -> float:
    """The largest 1 - cosine of two rows of (n, dim); NaN where a number is NaN.

    What a number format changes in it does not depend on how many numbers a row has, and what
    a record rounds off it leaves out of sight.
    """
    # half the square of a chord: 1 minus a product would have lost the digits that matter
    chord = _unit(one) - _unit(other)
    return float((chord**2).sum(axis=1).max() / 2)


def _unit(rows: Numbers) -> npt.NDArray[np.float64]:
    exact = rows.astype(np.float64)
    lengths: npt.NDArray[np.float64] = np.linalg.norm(exact, axis=1, keepdims=True)
    unit: npt.NDArray[np.float64] = exact / np.maximum(lengths, _TINY)
    return unit
