"""Attention inside each packed sequence, perhaps after a prefix all of them share. Imports torch.

Two ways to the same numbers: one call for the whole pack where CUDA has a kernel for sequences of
different lengths, else one call per run of equal lengths. Neither pads.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn.functional import scaled_dot_product_attention

from metier.models.kernels import varlen
from metier.models.kernels.packing import PackedSequences, Run


@dataclass(frozen=True, slots=True)
class States:
    """Keys and values of one layer: (tokens, key-value heads, head size) each."""

    keys: torch.Tensor
    values: torch.Tensor


def attend(
    queries: torch.Tensor,
    states: States,
    packed: PackedSequences,
    prefix: States | None = None,
    *,
    causal: bool,
    scale: float | None = None,
) -> torch.Tensor:
    """Attention of every token to its prefix and to its sequence.

    Args:
        queries: (tokens, heads, head size).
        states: of the same tokens.
        packed: where the sequences lie.
        prefix: states all sequences see in full, None for none; asks for `causal`.
        causal: whether a token sees only itself and what stands before it.
        scale: factor of the products, None for 1 / sqrt(head size).

    Returns:
        (tokens, heads * head size).
    """
    if varlen.computes(queries.device, queries.dtype):
        keys, values = _gathered(states, packed, prefix)
        return varlen.attend(
            queries, keys, values, packed.bounds, packed, causal=causal, scale=scale
        ).flatten(1)
    mixed = torch.empty_like(queries)
    for run in packed.runs:
        asked = _heads_first(queries[run.start : run.stop], run)
        keys, values = _seen(states, run, prefix)
        mask = None
        if prefix is not None and run.length > 1:
            whole = torch.ones(run.length, keys.shape[2], dtype=torch.bool, device=keys.device)
            mask = whole.tril(len(prefix.keys))
            if keys.is_cuda:  # of the kernels that take a mask none shares key heads
                times = queries.shape[1] // keys.shape[1]
                keys = keys.repeat_interleave(times, dim=1)
                values = values.repeat_interleave(times, dim=1)
        found = scaled_dot_product_attention(
            asked,
            keys,
            values,
            attn_mask=mask,
            is_causal=causal and prefix is None and run.length > 1,
            scale=scale,
            enable_gqa=asked.shape[1] != keys.shape[1],
        )
        mixed[run.start : run.stop].view(run.count, run.length, *queries.shape[1:]).copy_(
            found.transpose(1, 2)
        )
    return mixed.flatten(1)


def attend_last(
    queries: torch.Tensor, states: States, packed: PackedSequences, prefix: States | None = None
) -> torch.Tensor:
    """Attention of the last token of each sequence, which sees all of it: no mask at all.

    Args:
        queries: (sequences, heads, head size).
        states: of all tokens.
        packed: where the sequences lie.
        prefix: states all sequences see in full, None for none.

    Returns:
        (sequences, heads * head size).
    """
    if varlen.computes(queries.device, queries.dtype):
        keys, values = _gathered(states, packed, prefix)
        each = torch.arange(len(queries) + 1, dtype=torch.int32, device=queries.device)
        return varlen.attend(queries, keys, values, each, packed, causal=False).flatten(1)
    mixed = torch.empty_like(queries)
    for run in packed.runs:
        rows = slice(run.first, run.first + run.count)
        keys, values = _seen(states, run, prefix)
        found = scaled_dot_product_attention(
            queries[rows].unsqueeze(2),
            keys,
            values,
            enable_gqa=queries.shape[1] != keys.shape[1],
        )
        mixed[rows] = found.squeeze(2)
    return mixed.flatten(1)


def _gathered(
    states: States, packed: PackedSequences, prefix: States | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Keys and values of the pack, the prefix before each sequence."""
    if prefix is None:
        return states.keys, states.values
    return (
        torch.cat([prefix.keys, states.keys])[packed.key_order],
        torch.cat([prefix.values, states.values])[packed.key_order],
    )


def _seen(states: States, run: Run, prefix: States | None) -> tuple[torch.Tensor, torch.Tensor]:
    keys = _heads_first(states.keys[run.start : run.stop], run)
    values = _heads_first(states.values[run.start : run.stop], run)
    if prefix is None:
        return keys, values
    return _after(prefix.keys, keys), _after(prefix.values, values)


def _after(prefix: torch.Tensor, own: torch.Tensor) -> torch.Tensor:
    shared = prefix.transpose(0, 1).expand(own.shape[0], -1, -1, -1)
    return torch.cat([shared, own], dim=2)


def _heads_first(tokens: torch.Tensor, run: Run) -> torch.Tensor:
    """(count * length, heads, size) as a view (count, heads, length, size)."""
    return tokens.view(run.count, run.length, *tokens.shape[1:]).transpose(1, 2)
