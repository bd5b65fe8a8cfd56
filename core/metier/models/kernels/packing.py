"""Sequences of different lengths as tensors: laid end to end, or padded. Imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import numpy as np
import torch

from metier.models.batching import Tokens


@dataclass(frozen=True, slots=True)
class Run:
    """Neighboring sequences of one length. A view of them needs no padding and no mask.

    Attributes:
        start: first token in the pack.
        first: first sequence.
        count: number of sequences.
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


@dataclass(frozen=True)  # without slots, for the cached properties
class PackedSequences:
    """Token sequences laid end to end in one row.

    Attributes:
        ids: (tokens,) int64.
        positions: (tokens,) int64, position of each token in its own sequence, prefix included.
        bounds: (sequences + 1,) int32, where each sequence begins, and the end of the last.
        runs: the sequences in order, equal lengths together.
        offset: tokens of the prefix that stands before each sequence.
    """

    ids: torch.Tensor
    positions: torch.Tensor
    bounds: torch.Tensor
    runs: tuple[Run, ...]
    offset: int

    @property
    def last(self) -> torch.Tensor:
        """(sequences,) int32, index of each sequence's last token in the row."""
        return self.bounds[1:] - 1

    @property
    def longest(self) -> int:
        """Tokens of the longest sequence, without the prefix."""
        return max(run.length for run in self.runs)

    @cached_property
    def key_bounds(self) -> torch.Tensor:
        """(sequences + 1,) int32: where each sequence begins with the prefix before each."""
        before = torch.arange(len(self.bounds), dtype=torch.int32, device=self.bounds.device)
        return self.bounds + before * self.offset

    @cached_property
    def key_order(self) -> torch.Tensor:
        """(sequences * offset + tokens,) int64: order of keys, the prefix before each sequence.

        The indices are rows of the states of the prefix followed by those of the pack.
        """
        device, offset = self.ids.device, self.offset
        sequences = len(self.bounds) - 1
        order = torch.empty(sequences * offset + len(self.ids), dtype=torch.int64, device=device)
        own = torch.arange(len(self.ids), device=device)
        sequence = torch.searchsorted(self.bounds[1:], own, right=True)
        order[own + (sequence + 1) * offset] = own + offset
        shared = torch.arange(offset, device=device)
        order[(self.key_bounds[:-1, None] + shared).flatten().long()] = shared.repeat(sequences)
        return order


def pack(sequences: Sequence[Tokens], device: torch.device, *, offset: int = 0) -> PackedSequences:
    """Lay sequences end to end.

    Args:
        sequences: at least one, none empty; those of one length should be neighbors.
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
    bounds = np.cumsum([0, *lengths]).astype(np.int32)
    return PackedSequences(
        torch.from_numpy(np.concatenate(sequences).astype(np.int64)).to(device),
        torch.from_numpy(positions).to(device),
        torch.from_numpy(bounds).to(device),
        tuple(runs),
        offset,
    )


def pad_right(
    sequences: Sequence[Tokens], pad_id: int, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Pad sequences on the right.

    With padding on the right, real tokens of a causal model never see padding, and positions start
    at 0, so that a vector does not depend on its batch.

    Returns:
        ids (n, width) int64 and lengths (n,) int64, both on `device`.
    """
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    ids = torch.full((len(sequences), int(lengths.max())), pad_id, dtype=torch.int64)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)] = torch.from_numpy(sequence)
    return ids.to(device), lengths.to(device)
