"""`dtype="auto"` proves itself: what a format gives is compared with float32. Imports torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch

from metier.errors import warn_caller
from metier.models.batching import Tokens
from metier.models.device import Placement

LEAST_COSINE = 0.999
"""Below this a text's vector has turned by more than 2.5 degrees, which changes rankings."""

_LENGTHS = (3, 17, 48)

Loaded = TypeVar("Loaded")


def proven(
    placement: Placement,
    load: Callable[[Placement], Loaded],
    agreement: Callable[[Loaded], float],
) -> tuple[Loaded, Placement]:
    """Load in the format of a placement; where metier chose it and it strays, in float32.

    Args:
        placement: device and format; one that was asked for is taken as it is.
        load: loads on a placement.
        agreement: the lowest cosine between what was loaded and float32.

    Warns:
        MetierWarning: the format was given up.
    """
    loaded = load(placement)
    if not placement.automatic:
        return loaded, placement
    found = agreement(loaded)
    if found >= LEAST_COSINE:
        return loaded, placement
    del loaded  # two copies may not fit
    warn_caller(
        f"This model runs in float32: in {placement.dtype_name}, which is faster here, its vectors "
        f"stray too far (cosine {found:.4f}, needed {LEAST_COSINE})."
    )
    exact = placement.in_float32()
    return load(exact), exact


def probe(vocabulary: int, *, longest: int | None) -> list[Tokens]:
    """Token sequences that a self-check runs: ids spread over the whole vocabulary.

    Args:
        vocabulary: ids there are.
        longest: tokens a model reads, None for any number.
    """
    spread = np.linspace(0, vocabulary - 1, sum(_LENGTHS), dtype=np.int32)
    # Neighboring ids are of like frequency: take every seventh, so that each sequence is mixed.
    mixed = np.concatenate([spread[start::7] for start in range(7)])
    return [part[:longest] for part in np.split(mixed, np.cumsum(_LENGTHS)[:-1])]


def least_cosine(found: torch.Tensor, exact: torch.Tensor) -> float:
    """The lowest cosine between rows of two (n, dim) tensors; 0 where one is not finite."""
    cosine = torch.nn.functional.cosine_similarity(found.float(), exact.float(), dim=1)
    return float(torch.nan_to_num(cosine, nan=0.0).min())
