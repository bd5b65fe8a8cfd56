"""Attention inside each packed sequence, with or without a shared prefix. Imports torch.

The whole pack is computed in one call where CUDA has a kernel for sequences of different lengths,
else in one call per run of equal lengths. Neither pads; they differ by rounding only.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn.functional import scaled_dot_product_attention

from metier.models.kernels import varlen
from metier.models.kernels.packing import PackedSequences, Run


@dataclass(frozen=True, slots=True)
class States:
    """Keys and values of one layer: (tokens, key/value heads, head size) each."""

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
        prefix: states that all sequences see in full, None for none; requires `causal`.
        causal: whether a token sees only itself and the tokens before it.
        scale: factor of the products, None for 1 / sqrt(head size).

    Returns:
        (tokens, heads * head size).
    """
    if varlen.computes(queries.device, queries.dtype):
        keys, values = _gather(states, packed, prefix)
        return varlen.attend(
            queries, keys, values, packed.bounds, packed, causal=causal, scale=scale
        ).flatten(1)
    output = torch.empty_like(queries)
    heads, mask = queries.shape[1], None
    for run in packed.runs:
        tokens, shape = slice(run.start, run.stop), (run.count, run.length)
        keys = states.keys[tokens].view(*shape, *states.keys.shape[1:]).transpose(1, 2)
        values = states.values[tokens].view(*shape, *states.values.shape[1:]).transpose(1, 2)
        if prefix is not None:
            keys, values, mask = _behind_prefix(prefix, keys, values, heads)
        attended = scaled_dot_product_attention(
            queries[tokens].view(*shape, *queries.shape[1:]).transpose(1, 2),
            keys,
            values,
            attn_mask=mask,
            is_causal=causal and prefix is None and run.length > 1,
            scale=scale,
            enable_gqa=heads != keys.shape[1],
        )
        output[tokens].view(*shape, *queries.shape[1:]).copy_(attended.transpose(1, 2))
    return output.flatten(1)


def _behind_prefix(
    prefix: States, keys: torch.Tensor, values: torch.Tensor, heads: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
    """Keys and values of a run with those of the prefix before them, and the causal mask.

    Args:
        prefix: what all sequences see in full.
        keys: (sequences, key/value heads, length, head size).
        values: as keys.
        heads: of the queries.
    """
    length = keys.shape[2]
    keys, values = _with_prefix(prefix.keys, keys), _with_prefix(prefix.values, values)
    if length == 1:  # a token that sees everything needs no mask
        return keys, values, None
    ones = torch.ones(length, keys.shape[2], dtype=torch.bool, device=keys.device)
    if keys.is_cuda:  # no CUDA kernel takes a mask and shares key heads
        times = heads // keys.shape[1]
        keys = keys.repeat_interleave(times, dim=1)
        values = values.repeat_interleave(times, dim=1)
    return keys, values, ones.tril(len(prefix.keys))


def attend_last(
    queries: torch.Tensor, states: States, packed: PackedSequences, prefix: States | None = None
) -> torch.Tensor:
    """Attention of the last token of each sequence, which sees all of it without a mask.

    Args:
        queries: (sequences, heads, head size).
        states: of all tokens.
        packed: where the sequences lie.
        prefix: states that all sequences see in full, None for none.

    Returns:
        (sequences, heads * head size).
    """
    if varlen.computes(queries.device, queries.dtype):
        keys, values = _gather(states, packed, prefix)
        each = torch.arange(len(queries) + 1, dtype=torch.int32, device=queries.device)
        return varlen.attend(queries, keys, values, each, packed, causal=False).flatten(1)
    output = torch.empty_like(queries)
    for run in packed.runs:
        rows = slice(run.first, run.first + run.count)
        keys, values = _keys_and_values(states, run, prefix)
        attended = scaled_dot_product_attention(
            queries[rows].unsqueeze(2),
            keys,
            values,
            enable_gqa=queries.shape[1] != keys.shape[1],
        )
        output[rows] = attended.squeeze(2)
    return output.flatten(1)


def _gather(
    states: States, packed: PackedSequences, prefix: States | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Keys and values of the pack, with those of the prefix before each sequence."""
    if prefix is None:
        return states.keys, states.values
    return (
        torch.cat([prefix.keys, states.keys])[packed.key_order],
        torch.cat([prefix.values, states.values])[packed.key_order],
    )


def _keys_and_values(
    states: States, run: Run, prefix: States | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """(sequences, key/value heads, length, head size) of a run, the prefix before each sequence."""
    keys = _heads_first(states.keys[run.start : run.stop], run)
    values = _heads_first(states.values[run.start : run.stop], run)
    if prefix is None:
        return keys, values
    return _with_prefix(prefix.keys, keys), _with_prefix(prefix.values, values)


def _with_prefix(prefix: torch.Tensor, own: torch.Tensor) -> torch.Tensor:
    shared = prefix.transpose(0, 1).expand(own.shape[0], -1, -1, -1)
    return torch.cat([shared, own], dim=2)


def _heads_first(tokens: torch.Tensor, run: Run) -> torch.Tensor:
    """(count * length, heads, size) as a view (count, heads, length, size)."""
    return tokens.view(run.count, run.length, *tokens.shape[1:]).transpose(1, 2)
