"""Sequences laid end to end, without padding. Imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch

from metier.models.plan import Tokens


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring sequences of one length: a view of them needs no padding and no mask.

    Attributes:
        start: first token in the pack.
        first: first sequence.
        count: sequences.
        length: tokens of each.
    """

    start: int
    first: int
    count: int
    length: int

    @property
    def stop(self) -> int:
        """The token after the last one."""
        return self.start + self.count * self.length


@dataclass(frozen=True, slots=True)
class Packed:
    """Token sequences in one row.

    Attributes:
        ids: (tokens,) int64.
        positions: (tokens,) int64, place of each token in its own sequence, prefix included.
        last: (sequences,) int64, place of each sequence's last token in the row.
        runs: the sequences in order, equal lengths together.
    """

    ids: torch.Tensor
    positions: torch.Tensor
    last: torch.Tensor
    runs: tuple[Run, ...]


def pack(sequences: Sequence[Tokens], device: torch.device, *, offset: int = 0) -> Packed:
    """Lay sequences end to end.

    Args:
        sequences: at least one, none empty; those of one length should be neighbours.
        device: where the tensors go.
        offset: position of every first token: the length of a prefix that stands before each.
    """
    lengths = [len(sequence) for sequence in sequences]
    runs = []
    start = first = 0
    for length, equal in groupby(lengths):
        count = len(list(equal))
        runs.append(Run(start, first, count, length))
        start += count * length
        first += count
    positions = np.concatenate([np.arange(offset, offset + length) for length in lengths])
    return Packed(
        torch.from_numpy(np.concatenate(sequences).astype(np.int64)).to(device),
        torch.from_numpy(positions).to(device),
        torch.from_numpy(np.cumsum(lengths) - 1).to(device),
        tuple(runs),
    )
