"""Two ways to run a transformers encoder on token sequences. Imports torch.

Packed, where the arithmetic of the architecture is known to be the same without padding: sequences
laid end to end, each attending to itself. Padded, with a mask, for the rest.
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
    """Token states of the last layer, as a forward lays them out."""

    def pooled(self, mode: str, skip: int) -> torch.Tensor:
        """(sequences, dim) float32, `skip` leading tokens left out of the pool."""

    def each(self) -> list[torch.Tensor]:
        """(tokens, dim) of each sequence."""


Forward = Callable[[torch.nn.Module, Sequence[Tokens]], HiddenStates]
"""(model, sequences) -> their token states."""

ATTENTION = "metier-packed"

OFFSET_POSITIONS = frozenset({"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet"})
"""Architectures that count positions from the padding id + 1: so many rows no token can have."""

_PACKABLE = frozenset({"bert", "roberta", "xlm-roberta", "camembert", "electra", "distilbert"})
"""Architectures where a token's state depends on its id, its position and its sequence alone."""


def runs_packed(config: dict[str, Any], placement: Placement) -> bool:
    """Whether a checkpoint runs without padding on a placement.

    On a GPU only with the kernel for different lengths: there a call per length costs more than
    padding does.
    """
    known = config["model_type"] in _PACKABLE and not config.get("is_decoder")
    return known and (
        placement.device.type == "cpu" or varlen.computes(placement.device, placement.dtype)
    )


def register_attention() -> str:
    """Make packed attention known to transformers; the name to load a model with."""
    from transformers import AttentionInterface

    AttentionInterface.register(ATTENTION, _attention)
    return ATTENTION


def pad_id_of(model: torch.nn.Module) -> int:
    """The id that fills rows: the model's own, which some models count positions from."""
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
    """Run sequences end to end."""

    def run(model: torch.nn.Module, batch: Sequence[Tokens]) -> HiddenStates:
        packed = pack(batch, device)
        config: Any = model.config
        counts_from_padding = config.model_type in OFFSET_POSITIONS
        positions = _counted(packed, pad_id) if counts_from_padding else packed.positions
        states = model(
            input_ids=packed.ids[None],
            position_ids=positions[None],
            packed=packed,
        ).last_hidden_state
        return _PackedStates(states[0], packed)

    return run


def padded_forward(device: torch.device, pad_id: int) -> Forward:
    """Run sequences as rows of one width, the rest of each row masked."""

    def run(model: torch.nn.Module, batch: Sequence[Tokens]) -> HiddenStates:
        ids, lengths = pad_right(batch, pad_id, device)
        mask = torch.arange(ids.shape[1], device=ids.device) < lengths[:, None]
        states = model(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        return _PaddedStates(states, lengths)

    return run


def _counted(packed: PackedSequences, pad_id: int) -> torch.Tensor:
    """Positions from the padding id + 1; a padding token that a text spells out keeps that id."""
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
    """transformers' interface: (1, heads, tokens, size) in, (1, tokens, heads, size) out."""
    asked, keys, values = (states[0].transpose(0, 1) for states in (query, key, value))
    mixed = attend(asked, States(keys, values), packed, causal=False, scale=scaling)
    return mixed.view(1, *asked.shape), None
