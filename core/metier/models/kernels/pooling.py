"""Token states to one vector per text. Imports torch: only loaded with a model.

The modes are `mean`, `cls` (the first token) and `last` (the last real token). `skip` leading
tokens are left out of the pool: the prompt, where a model excludes it. Where no token is left, the
mean is zeros, and `cls` takes the very first token.
"""

from __future__ import annotations

import torch

from metier.models.kernels.packing import PackedSequences


def pool_padded(
    hidden: torch.Tensor, lengths: torch.Tensor, mode: str, *, skip: int = 0
) -> torch.Tensor:
    """Pool right-padded token states.

    Args:
        hidden: (n, width, dim) states of the last layer.
        lengths: (n,) real tokens of each row, at least 1.
        mode: see above.
        skip: see above.

    Returns:
        (n, dim) float32.
    """
    if mode != "mean":
        row = torch.arange(hidden.shape[0], device=hidden.device)
        return hidden[row, _token_index(lengths, mode, skip)].float()
    position = torch.arange(hidden.shape[1], device=hidden.device)
    counted = (position < lengths[:, None]) & (position >= skip)
    total = torch.where(counted[:, :, None], hidden, 0).sum(dim=1, dtype=torch.float32)
    return total / counted.sum(dim=1).clamp(min=1)[:, None]


def pool_packed(
    hidden: torch.Tensor, packed: PackedSequences, mode: str, *, skip: int = 0
) -> torch.Tensor:
    """Pool states of sequences laid end to end.

    Args:
        hidden: (tokens, dim) states of the last layer.
        packed: where the sequences lie.
        mode: see above.
        skip: see above.

    Returns:
        (sequences, dim) float32.
    """
    if mode != "mean":
        own_index = _token_index(packed.bounds.diff(), mode, skip)
        return hidden[packed.bounds[:-1] + own_index].float()
    pooled = hidden.new_empty(len(packed.bounds) - 1, hidden.shape[1], dtype=torch.float32)
    for run in packed.runs:
        texts = hidden[run.start : run.stop].view(run.count, run.length, -1)[:, skip:]
        total = texts.sum(dim=1, dtype=torch.float32)
        pooled[run.first : run.first + run.count] = total / max(run.length - skip, 1)
    return pooled


def _token_index(lengths: torch.Tensor, mode: str, skip: int) -> torch.Tensor:
    """(n,) index in its sequence of the token that is read."""
    return lengths - 1 if mode == "last" else torch.where(lengths > skip, skip, 0)
