"""Hashes of runs of tokens."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


def gram_hashes(ids: npt.NDArray[np.uint32], size: int) -> npt.NDArray[np.uint64]:
    """A hash for every run of `size` tokens, (tokens - size + 1,); none of a shorter sequence."""
    count = max(0, len(ids) - size + 1)
    hashes = np.zeros(count, dtype=np.uint64)
    if not count:
        return hashes
    mixed = _mix(ids.astype(np.uint64) + np.uint64(1))
    for offset in range(size):
        hashes = _mix(hashes * np.uint64(31) + mixed[offset : offset + count])
    return hashes


def _mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    mixed = values * _FACTOR
    return np.asarray(mixed ^ (mixed >> _SHIFT))
