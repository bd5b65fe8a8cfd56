"""The Qwen3 decoder on packed sequences: what transformers' Qwen3Model computes, and no more.

What a pooled vector does not need is left out: there is no padding and no key/value cache of the
texts, and the last layer computes queries, output and feed-forward only for the token that is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from torch.nn.functional import embedding, rms_norm, silu

from metier.errors import CheckpointError
from metier.models.batching import Tokens
from metier.models.device import Placement
from metier.models.kernels.attention import States, attend, attend_last
from metier.models.kernels.linear import Linear, linear
from metier.models.kernels.packing import PackedSequences, pack
from metier.models.self_check import least_cosine, probe_sequences


def rms_normalize(states: torch.Tensor, weight: torch.Tensor, epsilon: float) -> torch.Tensor:
    """states / sqrt(mean of their squares + epsilon) * weight over the last axis.

    On a CPU torch takes six passes for half-precision formats. This takes three fewer, and
    multiplies with the weight before rounding, so that the result is nearer to that in float32.
    """
    size = states.shape[-1]
    if states.device.type != "cpu" or states.dtype == torch.float32:
        return rms_norm(states, (size,), weight, epsilon)
    exact = states.float()
    length = torch.linalg.vector_norm(exact, dim=-1, keepdim=True)
    scale = length.square_().div_(size).add_(epsilon).rsqrt_()
    return exact.mul_(scale).mul_(weight.float()).to(states.dtype)


@dataclass(frozen=True, slots=True)
class Layer:
    """Weights of one layer; products that share an input are joined."""

    input_norm: torch.Tensor
    qkv: Linear
    query_norm: torch.Tensor
    key_norm: torch.Tensor
    output: Linear
    feed_norm: torch.Tensor
    gate_up: Linear
    down: Linear

    def to(self, dtype: torch.dtype) -> Layer:
        """The layer for states of another format."""
        return Layer(*(getattr(self, field.name).to(dtype) for field in fields(self)))


@dataclass(frozen=True, slots=True)
class Prefix:
    """Keys and values of tokens that stand before every sequence of a call.

    Attributes:
        states: one entry per layer.
        tokens: the tokens.
    """

    states: tuple[States, ...]
    tokens: Tokens

    @property
    def length(self) -> int:
        """Tokens before each sequence."""
        return len(self.tokens)

    @property
    def nbytes(self) -> int:
        """Memory of the states."""
        return sum(
            part.numel() * part.element_size()
            for layer in self.states
            for part in (layer.keys, layer.values)
        )


SLICE = 2
"""Layers that a self-check runs: they hold every kind of product, and copies of them are small."""


class Decoder:
    """A Qwen3Model of transformers that runs on packed sequences.

    The model is used up: the weights of each layer are joined and freed before the next, so that
    no more than one layer is in memory twice.

    Args:
        model: a Qwen3Model.
        placement: device and number format.
    """

    def __init__(self, model: Any, placement: Placement) -> None:
        config = model.config
        _check(config)
        self.device = placement.device
        self.dtype = placement.dtype
        self._heads = int(config.num_attention_heads)
        self._shared_heads = int(config.num_key_value_heads)
        self._head_size = int(config.head_dim)
        self._longest = int(config.max_position_embeddings)
        self._epsilon = float(config.rms_norm_eps)
        self._embedding: torch.Tensor = model.embed_tokens.weight
        self._norm: torch.Tensor = model.norm.weight.to(self.dtype)
        self._rotary = model.rotary_emb
        self._layers = [_take_layer(layer, placement) for layer in model.layers]

    def pooled(self, sequences: Sequence[Tokens], prefix: Prefix | None = None) -> torch.Tensor:
        """The state of each sequence's last token after the final norm.

        Activations of models trained in bfloat16 can overflow in float16: rows with NaN or infinity
        are computed again in float32.

        Args:
            sequences: at least one, none empty.
            prefix: what stands before each of them.

        Returns:
            (sequences, dim).
        """
        pooled = self._pooled(sequences, prefix)
        if self.dtype != torch.float16:
            return pooled
        overflowed = torch.nonzero(~pooled.isfinite().all(dim=1)).flatten().tolist()
        if overflowed:
            pooled = pooled.float()
            complete = [_with_prefix(prefix, sequences[row]) for row in overflowed]
            pooled[overflowed] = self._pooled(complete, dtype=torch.float32)
        return pooled

    @torch.inference_mode()
    def prefix(self, sequence: Tokens, after: Prefix | None = None) -> Prefix:
        """Keys and values of a sequence, for use as the prefix of later sequences.

        Args:
            sequence: token ids, at least one.
            after: a prefix that stands before it.
        """
        packed = pack([sequence], self.device, offset=after.length if after else 0)
        hidden, cos, sin = self._start(packed, self.dtype)
        layer_states: list[States] = []
        for index, layer in enumerate(self._layers):
            before = after.states[index] if after else None
            queries, states = self._project(hidden, layer, cos, sin)
            layer_states.append(_append_states(before, states))
            if len(layer_states) < len(self._layers):  # the last layer's output is not needed
                attended = attend(queries, states, packed, before, causal=True)
                hidden = self._finish(hidden, attended, layer)
        return Prefix(tuple(layer_states), _with_prefix(after, sequence))

    def agreement(self) -> float:
        """The lowest cosine between outputs of the first layers in this format and in float32."""
        sequences = probe_sequences(len(self._embedding), longest=self._longest)
        exact = self._pooled(sequences, dtype=torch.float32, depth=SLICE)
        return least_cosine(self._pooled(sequences, depth=SLICE), exact)

    @torch.inference_mode()
    def _pooled(
        self,
        sequences: Sequence[Tokens],
        prefix: Prefix | None = None,
        *,
        dtype: torch.dtype | None = None,
        depth: int | None = None,
    ) -> torch.Tensor:
        """`pooled` in any number format, through the first `depth` layers (None for all)."""
        dtype = dtype or self.dtype
        packed = pack(sequences, self.device, offset=prefix.length if prefix else 0)
        hidden, cos, sin = self._start(packed, dtype)
        layers = self._layers[:depth]
        final = len(layers) - 1
        for index, layer in enumerate(layers):
            layer = layer if dtype == self.dtype else layer.to(dtype)
            before = prefix.states[index] if prefix else None
            queries, states = self._project(hidden, layer, cos, sin)
            if index == final:
                hidden = hidden[packed.last]
                attended = attend_last(queries[packed.last], states, packed, before)
            else:
                attended = attend(queries, states, packed, before, causal=True)
            hidden = self._finish(hidden, attended, layer)
        return self._normalize(hidden, self._norm.to(dtype))

    def _start(
        self, packed: PackedSequences, dtype: torch.dtype
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Token embeddings (tokens, dim); cos and sin of the rotary angles (tokens, 1, half)."""
        hidden = embedding(packed.ids, self._embedding).to(dtype)
        cos, sin = self._rotary(hidden[None], packed.positions[None])
        half = self._head_size // 2  # transformers repeats the angles for both halves of a head
        return hidden, cos[0, :, None, :half], sin[0, :, None, :half]

    def _project(
        self, hidden: torch.Tensor, layer: Layer, cos: torch.Tensor, sin: torch.Tensor
    ) -> tuple[torch.Tensor, States]:
        joined = layer.qkv(self._normalize(hidden, layer.input_norm))
        heads = joined.view(len(hidden), -1, self._head_size)
        keys_end = self._heads + self._shared_heads
        queries = _rotated(self._normalize(heads[:, : self._heads], layer.query_norm), cos, sin)
        keys = _rotated(self._normalize(heads[:, self._heads : keys_end], layer.key_norm), cos, sin)
        values = heads[:, keys_end:]
        return queries, States(keys, values)

    def _finish(self, hidden: torch.Tensor, attended: torch.Tensor, layer: Layer) -> torch.Tensor:
        """Output projection and feed-forward of a layer, with their residual connections."""
        hidden = hidden.add_(layer.output(attended))
        gate, up = layer.gate_up(self._normalize(hidden, layer.feed_norm)).chunk(2, dim=1)
        return hidden.add_(layer.down(silu(gate).mul_(up)))

    def _normalize(self, hidden: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return rms_normalize(hidden, weight, self._epsilon)


def _take_layer(layer: Any, placement: Placement) -> Layer:
    attention, feed = layer.self_attn, layer.mlp
    dtype = placement.dtype
    packed_layer = Layer(
        input_norm=layer.input_layernorm.weight.to(dtype),
        qkv=_joined_linear(placement, attention.q_proj, attention.k_proj, attention.v_proj),
        query_norm=attention.q_norm.weight.to(dtype),
        key_norm=attention.k_norm.weight.to(dtype),
        output=linear(placement, attention.o_proj.weight),
        feed_norm=layer.post_attention_layernorm.weight.to(dtype),
        gate_up=_joined_linear(placement, feed.gate_proj, feed.up_proj),
        down=linear(placement, feed.down_proj.weight),
    )
    layer.self_attn = layer.mlp = None  # frees the original weights before the next layer
    return packed_layer


def _joined_linear(placement: Placement, *parts: Any) -> Linear:
    return linear(placement, torch.cat([part.weight for part in parts]))


def _with_prefix(prefix: Prefix | None, sequence: Tokens) -> Tokens:
    return sequence if prefix is None else np.concatenate([prefix.tokens, sequence])


def _rotated(states: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Rotary positions (Su et al. 2021) in transformers' layout: halves of a head are pairs."""
    first, second = states.chunk(2, dim=-1)
    rotated = torch.empty_like(states)
    left, right = rotated.chunk(2, dim=-1)
    torch.mul(first, cos, out=left).addcmul_(second, sin, value=-1)
    torch.mul(second, cos, out=right).addcmul_(first, sin)
    return rotated


def _append_states(before: States | None, own: States) -> States:
    if before is None:
        # A copy, because the values are a view of a tensor that also holds queries and keys.
        return States(own.keys.clone(), own.values.clone(memory_format=torch.contiguous_format))
    return States(torch.cat([before.keys, own.keys]), torch.cat([before.values, own.values]))


_FIXED_ROPE = frozenset({"default", "linear", "yarn", "llama3"})
"""Rotary positions that do not depend on the longest text of a batch."""


def _check(config: Any) -> None:
    """Raise CheckpointError for variants of the architecture that this decoder does not compute."""
    parameters = getattr(config, "rope_parameters", None) or {}
    rope = parameters.get("rope_type", "default")
    unusual = {
        "attention_bias": bool(getattr(config, "attention_bias", False)),
        "sliding windows": "sliding_attention" in (getattr(config, "layer_types", None) or ()),
        f"hidden_act {config.hidden_act!r}": config.hidden_act != "silu",
        f"rope_type {rope!r}": rope not in _FIXED_ROPE,
    }
    used = [name for name, is_used in unusual.items() if is_used]
    if used:
        raise CheckpointError(
            f"This Qwen3 checkpoint uses {', '.join(used)}.",
            why="No published Qwen3-Embedding or Qwen3-Reranker does, and metier does not run it.",
            fix="Use a published checkpoint or one trained from it.",
        )
