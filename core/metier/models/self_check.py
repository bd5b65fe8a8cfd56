"""The self-check of `dtype="auto"`: a model in a short format is compared with float32.

Imports torch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch

from metier.errors import warn_caller
from metier.models.batching import Tokens
from metier.models.device import Placement

LEAST_COSINE = 0.999
"""At a lower cosine the angle between two vectors is over 2.5 degrees, which changes rankings."""

_LENGTHS = (3, 17, 48)

Loaded = TypeVar("Loaded")


def load_checked(
    placement: Placement,
    load: Callable[[Placement], Loaded],
    agreement: Callable[[Loaded], float],
) -> tuple[Loaded, Placement]:
    """Load a model in the format of a placement, or in float32 where that format is too coarse.

    Args:
        placement: device and format. A format that the user asked for is not checked.
        load: loads a model on a placement.
        agreement: the lowest cosine between vectors of the loaded model and those in float32.

    Returns:
        The model, and the placement it was loaded on.

    Warns:
        MetierWarning: the model was loaded again in float32.
    """
    loaded = load(placement)
    if not placement.automatic:
        return loaded, placement
    cosine = agreement(loaded)
    if cosine >= LEAST_COSINE:
        return loaded, placement
    del loaded  # two copies may not fit
    warn_caller(
        f"This model runs in float32: in {placement.dtype_name}, which is faster here, its vectors "
        f"stray too far (cosine {cosine:.4f}, needed {LEAST_COSINE})."
    )
    exact = placement.in_float32()
    return load(exact), exact


def probe_sequences(vocabulary: int, *, longest: int | None) -> list[Tokens]:
    """Token sequences for a self-check, with ids spread over the whole vocabulary.

    Args:
        vocabulary: number of ids.
        longest: most tokens the model reads, None for no limit.
    """
    spread = np.linspace(0, vocabulary - 1, sum(_LENGTHS), dtype=np.int32)
    # Neighboring ids are of like frequency: take every seventh, so that each sequence is mixed.
    mixed = np.concatenate([spread[start::7] for start in range(7)])
    return [part[:longest] for part in np.split(mixed, np.cumsum(_LENGTHS)[:-1])]


def least_cosine(vectors: torch.Tensor, exact: torch.Tensor) -> float:
    """The lowest cosine between rows of two (n, dim) tensors; 0 where one is not finite."""
    cosine = torch.nn.functional.cosine_similarity(vectors.float(), exact.float(), dim=1)
    return float(torch.nan_to_num(cosine, nan=0.0).min())
