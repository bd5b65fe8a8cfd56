"""The forward pass of a transformers encoder, packed or padded. Imports torch.

Packed sequences lie end to end, and each attends to itself. They are used for architectures that
are known to compute the same without padding. Other architectures are padded, with a mask.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from metier.models.batching import Tokens
from metier.models.device import Placement
from metier.models.kernels import varlen
from metier.models.kernels.attention import States, attend
from metier.models.kernels.packing import PackedSequences, pack, pad_right
from metier.models.kernels.pooling import pool_packed, pool_padded


class HiddenStates(Protocol):
    """Token states of the last layer."""

    def pooled(self, mode: str, skip: int) -> torch.Tensor:
        """(sequences, dim) float32, `skip` leading tokens left out of the pool."""

    def each(self) -> list[torch.Tensor]:
        """(tokens, dim) of each sequence."""


Forward = Callable[[torch.nn.Module, Sequence[Tokens]], HiddenStates]
"""(model, sequences) -> token states of the sequences."""

ATTENTION = "metier-packed"

OFFSET_POSITIONS = frozenset({"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet"})
"""Architectures that count positions from the padding id + 1; no token can have the rows before."""

_PACKABLE = frozenset({"bert", "roberta", "xlm-roberta", "camembert", "electra", "distilbert"})
"""Architectures where a token's state depends on its id, its position and its sequence alone."""


def runs_packed(config: dict[str, Any], placement: Placement) -> bool:
    """Whether a checkpoint runs without padding on a placement.

    On a GPU only with the kernel for different lengths: one call per length would cost more there
    than padding does.
    """
    known = config["model_type"] in _PACKABLE and not config.get("is_decoder")
    return known and (
        placement.device.type == "cpu" or varlen.computes(placement.device, placement.dtype)
    )


def register_attention() -> str:
    """Register packed attention with transformers; returns the name to load a model with."""
    from transformers import AttentionInterface

    AttentionInterface.register(ATTENTION, _attention)
    return ATTENTION


def pad_id_of(model: torch.nn.Module) -> int:
    """The padding id of a model, from which some models count positions; 0 where it has none."""
    config: Any = model.config
    pad_id = getattr(config, "pad_token_id", None)
    return pad_id if isinstance(pad_id, int) and pad_id >= 0 else 0


@dataclass(frozen=True, slots=True)
class _PackedStates:
    states: torch.Tensor  # (tokens, dim)
    packed: PackedSequences

    def pooled(self, mode: str, skip: int) -> torch.Tensor:
        return pool_packed(self.states, self.packed, mode, skip=skip)

    def each(self) -> list[torch.Tensor]:
        return list(torch.split(self.states, self.packed.bounds.diff().tolist()))


@dataclass(frozen=True, slots=True)
class _PaddedStates:
    states: torch.Tensor  # (sequences, width, dim)
    lengths: torch.Tensor

    def pooled(self, mode: str, skip: int) -> torch.Tensor:
        return pool_padded(self.states, self.lengths, mode, skip=skip)

    def each(self) -> list[torch.Tensor]:
        lengths = self.lengths.tolist()
        return [row[:length] for row, length in zip(self.states, lengths, strict=True)]


def packed_forward(device: torch.device, pad_id: int) -> Forward:
    """A forward pass over sequences laid end to end."""

    def run(model: torch.nn.Module, batch: Sequence[Tokens]) -> HiddenStates:
        packed = pack(batch, device)
        config: Any = model.config
        counts_from_padding = config.model_type in OFFSET_POSITIONS
        positions = _offset_positions(packed, pad_id) if counts_from_padding else packed.positions
        states = model(
            input_ids=packed.ids[None],
            position_ids=positions[None],
            packed=packed,
        ).last_hidden_state
        return _PackedStates(states[0], packed)

    return run


def padded_forward(device: torch.device, pad_id: int) -> Forward:
    """A forward pass over sequences padded to one width, with a mask."""

    def run(model: torch.nn.Module, batch: Sequence[Tokens]) -> HiddenStates:
        ids, lengths = pad_right(batch, pad_id, device)
        mask = torch.arange(ids.shape[1], device=ids.device) < lengths[:, None]
        states = model(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        return _PaddedStates(states, lengths)

    return run


def _offset_positions(packed: PackedSequences, pad_id: int) -> torch.Tensor:
    """(tokens,) positions from the padding id + 1; padding tokens in a text have the padding id."""
    real = packed.ids.ne(pad_id).long()
    count = real.cumsum(0)
    before = (count - real)[packed.bounds[:-1]]
    own = count - before.repeat_interleave(packed.bounds.diff())
    return own * real + pad_id


def _attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    packed: PackedSequences,
    scaling: float | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Attention with transformers' interface.

    Args:
        query, key, value: (1, heads, tokens, head size).

    Returns:
        (1, tokens, heads, head size), and None for the weights.
    """
    queries, keys, values = (states[0].transpose(0, 1) for states in (query, key, value))
    attended = attend(queries, States(keys, values), packed, causal=False, scale=scaling)
    return attended.view(1, *queries.shape), None
