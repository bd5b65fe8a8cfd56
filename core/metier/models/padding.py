"""Token sequences of different lengths as one tensor. Imports torch: only loaded with a model."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from metier.models.plan import Tokens


def pad_right(
    sequences: Sequence[Tokens], pad_id: int, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Pad on the right.

    Right, not left: in a causal model real tokens then never see a pad, and positions start at 0
    whatever the neighbours are, so a vector does not depend on its batch.

    Returns:
        ids (n, width) int64 and lengths (n,) int64, both on `device`.
    """
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    ids = torch.full((len(sequences), int(lengths.max())), pad_id, dtype=torch.int64)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)] = torch.from_numpy(sequence)
    return ids.to(device), lengths.to(device)
