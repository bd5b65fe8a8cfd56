"""CUDA's attention for sequences of different lengths (varlen) in one call. Imports torch."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import torch

from metier.models.kernels.packing import PackedSequences

_HALF = (torch.bfloat16, torch.float16)
_CAPABILITY = (8, 0)  # flash attention runs on Ampere and later
_PARAMETERS = {"window_size", "scale", "enable_gqa"}


def available() -> bool:
    """Whether this build of torch has the kernel."""
    return _kernel() is not None


def computes(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether the kernel runs here: on CUDA, in half precision, with a recent torch."""
    return (
        device.type == "cuda"
        and dtype in _HALF
        and torch.cuda.get_device_capability(device) >= _CAPABILITY
        and available()
    )


def attend(
    queries: torch.Tensor,
    keys: torch.Tensor,
    values: torch.Tensor,
    bounds: torch.Tensor,
    packed: PackedSequences,
    *,
    causal: bool,
    scale: float | None = None,
) -> torch.Tensor:
    """Attention of each sequence's queries to its keys.

    Args:
        queries: (queries, heads, head size).
        keys: of the pack, a prefix before each sequence where the pack has one.
        values: as the keys.
        bounds: (sequences + 1,) int32, where each sequence begins in `queries`.
        packed: where the sequences lie.
        causal: whether a query sees only keys up to its own; the last query is that of the last
            key.
        scale: factor of the products, None for 1 / sqrt(head size).

    Returns:
        (queries, heads, head size).
    """
    kernel = _kernel()
    if kernel is None:
        raise RuntimeError("varlen.attend() runs only where varlen.computes() is true")
    all_tokens = len(bounds) == len(packed.bounds) and len(queries) == len(packed.ids)
    attended: torch.Tensor = kernel(
        queries.contiguous(),
        keys.contiguous(),
        values.contiguous(),
        bounds,
        packed.key_bounds,
        packed.longest if all_tokens else 1,
        packed.longest + packed.offset,
        window_size=(-1, 0) if causal else (-1, -1),
        scale=scale,
        enable_gqa=queries.shape[1] != keys.shape[1],
        **_batch_invariant(kernel),
    )
    return attended


@cache
def _kernel() -> Callable[..., Any] | None:
    """`varlen_attn` where torch has it with shared key heads; torch 2.10 has it without."""
    try:
        from torch.nn.attention.varlen import varlen_attn
    except ImportError:
        return None
    if not set(inspect.signature(varlen_attn).parameters) >= _PARAMETERS:
        return None
    kernel: Callable[..., Any] = varlen_attn
    return kernel


def _batch_invariant(kernel: Callable[..., Any]) -> dict[str, int]:
    """Options, where the kernel has them, for results that do not depend on the rest of the pack.

    Without them the kernel may divide long keys among processors differently from pack to pack.
    """
    return {"num_splits": 1} if "num_splits" in inspect.signature(kernel).parameters else {}
