"""Token states to one vector per text. Imports torch: only loaded with a model."""

from __future__ import annotations

import torch


def pool(hidden: torch.Tensor, lengths: torch.Tensor, mode: str, *, skip: int = 0) -> torch.Tensor:
    """Pool right-padded token states.

    Args:
        hidden: (n, width, dim) states of the last layer.
        lengths: (n,) real tokens of each row, at least 1.
        mode: `mean`, `cls` (the first token) or `last` (the last real token).
        skip: leading tokens left out of the pool: the prompt, where a model excludes it. A row
            with no token left has a mean of zeros.

    Returns:
        (n, dim) float32.
    """
    if mode == "last":
        return _at(hidden, lengths - 1)
    if mode == "cls":
        # A prompt as long as the row leaves no first token after it: take the very first.
        return _at(hidden, torch.where(lengths > skip, skip, 0))
    position = torch.arange(hidden.shape[1], device=hidden.device)
    counted = (position < lengths[:, None]) & (position >= skip)
    total = torch.where(counted[:, :, None], hidden, 0).sum(dim=1, dtype=torch.float32)
    return total / counted.sum(dim=1).clamp(min=1)[:, None]


def _at(hidden: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    return hidden[torch.arange(hidden.shape[0], device=hidden.device), index].float()
