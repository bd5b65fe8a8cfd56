"""Pairs of definitions that may be clones, by an inverted index of runs of tokens."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from metier_code.clones.grams import gram_hashes
from metier_code.clones.sequences import TokenSequences

_CHANNELS = (("shape", 12), ("written", 6))
"""Runs by their shape find clones under other names; as written, what was changed in many spots."""
_RAREST = 96
"""Runs of a definition that are looked up in each channel: the rarest say the most."""
_NEIGHBORS = 12
"""Definitions of a frequent run that each is paired with: those that are nearest in length."""
_LEAST_SHARED = 6

Pairs = npt.NDArray[np.int64]


def candidate_pairs(sequences: TokenSequences, rows: npt.NDArray[np.int64]) -> Pairs:
    """Pairs of rows that share rare runs of tokens, (pairs, 2), each once, the lesser row first.

    Time and memory grow with the number of tokens: a run that n definitions have brings at most
    12 n pairs.

    Args:
        sequences: tokens of all definitions.
        rows: those to compare, (rows,).
    """
    if len(rows) < 2:
        return np.empty((0, 2), dtype=np.int64)
    lengths = np.diff(sequences.ends)
    keys = [_shared_runs(sequences, rows, lengths, channel, size) for channel, size in _CHANNELS]
    pairs, counts = np.unique(np.concatenate(keys), return_counts=True)
    pairs = pairs[counts >= _LEAST_SHARED]
    return np.stack([pairs >> 32, pairs & 0xFFFFFFFF], axis=1)


def rows_sharing_runs(
    sequences: TokenSequences, row: int, rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The rows that share a run with one row, those that share most first.

    Args:
        sequences: tokens of all definitions.
        row: the definition whose clones are looked for.
        rows: those to look among; `row` itself is left out.
    """
    size = _CHANNELS[0][1]
    own = gram_hashes(sequences[row].shape, size)
    hashes, owners = _postings(sequences, rows[rows != row], "shape", size)
    shared = np.isin(hashes, own)
    sharing, counts = np.unique(owners[shared], return_counts=True)
    order = np.lexsort((sharing, -counts))
    return sharing[order]


def _shared_runs(
    sequences: TokenSequences,
    rows: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int64],
    channel: str,
    size: int,
) -> npt.NDArray[np.int64]:
    """A key for every pair of rows and every rare run that they share."""
    hashes, owners = _postings(sequences, rows, channel, size)
    order = np.lexsort((lengths[owners], owners, hashes))
    hashes, owners = hashes[order], owners[order]
    first = np.concatenate([[True], (np.diff(hashes) != 0) | (np.diff(owners) != 0)])
    hashes, owners = hashes[first], owners[first]  # a run that repeats counts once
    starts = np.flatnonzero(np.concatenate([[True], np.diff(hashes) != 0]))
    counts = np.diff(np.concatenate([starts, [len(hashes)]]))
    frequency = np.repeat(counts, counts)
    shared = frequency > 1
    hashes, owners, frequency = hashes[shared], owners[shared], frequency[shared]
    order = np.lexsort((hashes, frequency, owners))
    hashes, owners = hashes[order], owners[order]
    begins = np.flatnonzero(np.concatenate([[True], np.diff(owners) != 0]))[: len(owners)]
    sizes = np.diff(np.concatenate([begins, [len(owners)]]))
    rank = np.arange(len(owners)) - np.repeat(begins, sizes)
    rare = rank < _RAREST
    hashes, owners = hashes[rare], owners[rare]
    return _neighbor_keys(hashes, owners, lengths)


def _neighbor_keys(
    hashes: npt.NDArray[np.uint64],
    owners: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    """Keys of the pairs of owners of a run, each with its nearest in length."""
    order = np.lexsort((owners, lengths[owners], hashes))
    hashes, owners = hashes[order], owners[order]
    keys = []
    for distance in range(1, _NEIGHBORS + 1):
        same = hashes[distance:] == hashes[:-distance]
        left, right = owners[:-distance][same], owners[distance:][same]
        keys.append(np.minimum(left, right) << 32 | np.maximum(left, right))
    return np.concatenate(keys)


def _postings(
    sequences: TokenSequences, rows: npt.NDArray[np.int64], channel: str, size: int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """The runs of the rows, and the row of each."""
    ends = sequences.ends
    ids = sequences.written if channel == "written" else sequences.shape
    hashes = gram_hashes(ids, size)
    counts = np.maximum(0, ends[rows + 1] - ends[rows] - size + 1)
    positions = np.repeat(ends[rows] - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
    return hashes[positions], np.repeat(rows, counts)
