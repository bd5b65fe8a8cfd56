"""The Qwen3 decoder on packed sequences: the arithmetic of transformers' Qwen3Model and no more.

What a pooled vector does not need is not computed: no padding, no key-value cache, and in the last
layer queries, output and feed-forward only for the token that is read.
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
from metier.models.self_check import least_cosine, probe


def normed(states: torch.Tensor, weight: torch.Tensor, epsilon: float) -> torch.Tensor:
    """states / sqrt(mean of their squares + epsilon) * weight over the last axis.

    On a CPU torch computes short formats in six passes. Three fewer do it here, and the weight is
    multiplied before rounding and not after, so the result is nearer to float32's.
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
    """States of tokens that stand before every sequence of a call.

    Attributes:
        states: one entry per layer.
        tokens: what they are the states of.
    """

    states: tuple[States, ...]
    tokens: Tokens

    @property
    def length(self) -> int:
        """Tokens before each sequence."""
        return len(self.tokens)

    @property
    def nbytes(self) -> int:
        """Memory the states take."""
        return sum(
            part.numel() * part.element_size()
            for one in self.states
            for part in (one.keys, one.values)
        )


SLICE = 2
"""Layers a self-check runs: they hold every kind of product, and copies of them are small."""


class Decoder:
    """A Qwen3Model of transformers, taken apart into packed arithmetic.

    The model given is used up: each layer's weights are joined and let go before the next, so
    never more than one layer is in memory twice.
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
        self._layers = [_take(layer, placement) for layer in model.layers]

    def pooled(self, sequences: Sequence[Tokens], prefix: Prefix | None = None) -> torch.Tensor:
        """The state of each sequence's last token after the final norm: (sequences, dim).

        In float16, which the activations of models trained in bfloat16 can exceed, rows that came
        out NaN or infinite are computed again in float32.

        Args:
            sequences: at least one, none empty.
            prefix: what stands before each of them.
        """
        found = self._pooled(sequences, prefix)
        if self.dtype != torch.float16:
            return found
        over = torch.nonzero(~found.isfinite().all(dim=1)).flatten().tolist()
        if over:
            found = found.float()
            whole = [_behind(prefix, sequences[row]) for row in over]
            found[over] = self._pooled(whole, dtype=torch.float32)
        return found

    @torch.inference_mode()
    def prefix(self, sequence: Tokens, after: Prefix | None = None) -> Prefix:
        """States of a sequence that later ones will stand behind."""
        packed = pack([sequence], self.device, offset=after.length if after else 0)
        hidden, cos, sin = self._start(packed, self.dtype)
        kept: list[States] = []
        for index, layer in enumerate(self._layers):
            before = after.states[index] if after else None
            queries, states = self._project(hidden, layer, cos, sin)
            kept.append(_joined(before, states))
            if len(kept) < len(self._layers):  # nobody asks for the output of the last layer
                mixed = attend(queries, states, packed, before, causal=True)
                hidden = self._finish(hidden, mixed, layer)
        return Prefix(tuple(kept), _behind(after, sequence))

    def agreement(self) -> float:
        """The lowest cosine between the first layers as they run here and in float32."""
        sequences = probe(len(self._embedding), longest=self._longest)
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
        """`pooled` in a format that may not be the decoder's own, through the first layers."""
        dtype = dtype or self.dtype
        packed = pack(sequences, self.device, offset=prefix.length if prefix else 0)
        hidden, cos, sin = self._start(packed, dtype)
        layers = self._layers[:depth]
        final = len(layers) - 1
        for index, own in enumerate(layers):
            layer = own if dtype == self.dtype else own.to(dtype)
            before = prefix.states[index] if prefix else None
            queries, states = self._project(hidden, layer, cos, sin)
            if index == final:
                hidden = hidden[packed.last]
                mixed = attend_last(queries[packed.last], states, packed, before)
            else:
                mixed = attend(queries, states, packed, before, causal=True)
            hidden = self._finish(hidden, mixed, layer)
        return self._normed(hidden, self._norm.to(dtype))

    def _start(
        self, packed: PackedSequences, dtype: torch.dtype
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        hidden = embedding(packed.ids, self._embedding).to(dtype)
        cos, sin = self._rotary(hidden[None], packed.positions[None])
        half = self._head_size // 2  # transformers repeats the angles for both halves of a head
        return hidden, cos[0, :, None, :half], sin[0, :, None, :half]

    def _project(
        self, hidden: torch.Tensor, layer: Layer, cos: torch.Tensor, sin: torch.Tensor
    ) -> tuple[torch.Tensor, States]:
        joined = layer.qkv(self._normed(hidden, layer.input_norm))
        heads = joined.view(len(hidden), -1, self._head_size)
        keys_end = self._heads + self._shared_heads
        queries = _rotated(self._normed(heads[:, : self._heads], layer.query_norm), cos, sin)
        keys = _rotated(self._normed(heads[:, self._heads : keys_end], layer.key_norm), cos, sin)
        values = heads[:, keys_end:]
        return queries, States(keys, values)

    def _finish(self, hidden: torch.Tensor, mixed: torch.Tensor, layer: Layer) -> torch.Tensor:
        hidden = hidden.add_(layer.output(mixed))
        gate, up = layer.gate_up(self._normed(hidden, layer.feed_norm)).chunk(2, dim=1)
        return hidden.add_(layer.down(silu(gate).mul_(up)))

    def _normed(self, hidden: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return normed(hidden, weight, self._epsilon)


def _take(layer: Any, placement: Placement) -> Layer:
    attention, feed = layer.self_attn, layer.mlp
    states = placement.dtype
    taken = Layer(
        input_norm=layer.input_layernorm.weight.to(states),
        qkv=_joined_linear(placement, attention.q_proj, attention.k_proj, attention.v_proj),
        query_norm=attention.q_norm.weight.to(states),
        key_norm=attention.k_norm.weight.to(states),
        output=linear(placement, attention.o_proj.weight),
        feed_norm=layer.post_attention_layernorm.weight.to(states),
        gate_up=_joined_linear(placement, feed.gate_proj, feed.up_proj),
        down=linear(placement, feed.down_proj.weight),
    )
    layer.self_attn = layer.mlp = None  # what is joined or rounded is let go before the next
    return taken


def _joined_linear(placement: Placement, *parts: Any) -> Linear:
    return linear(placement, torch.cat([part.weight for part in parts]))


def _behind(prefix: Prefix | None, sequence: Tokens) -> Tokens:
    return sequence if prefix is None else np.concatenate([prefix.tokens, sequence])


def _rotated(states: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Rotary positions (Su et al. 2021) in transformers' layout: halves of a head are pairs."""
    first, second = states.chunk(2, dim=-1)
    turned = torch.empty_like(states)
    left, right = turned.chunk(2, dim=-1)
    torch.mul(first, cos, out=left).addcmul_(second, sin, value=-1)
    torch.mul(second, cos, out=right).addcmul_(first, sin)
    return turned


def _joined(before: States | None, own: States) -> States:
    if before is None:
        # a copy: the values are a view of a product that also holds queries and keys
        return States(own.keys.clone(), own.values.clone(memory_format=torch.contiguous_format))
    return States(torch.cat([before.keys, own.keys]), torch.cat([before.values, own.values]))


_FIXED_ROPE = frozenset({"default", "linear", "yarn", "llama3"})
"""Rotary positions that do not depend on how long the longest text of a batch is."""


def _check(config: Any) -> None:
    """Refuse variants whose arithmetic is not written here, rather than run them wrongly."""
    parameters = getattr(config, "rope_parameters", None) or {}
    rope = parameters.get("rope_type", "default")
    unusual = {
        "attention_bias": bool(getattr(config, "attention_bias", False)),
        "sliding windows": "sliding_attention" in (getattr(config, "layer_types", None) or ()),
        f"hidden_act {config.hidden_act!r}": config.hidden_act != "silu",
        f"rope_type {rope!r}": rope not in _FIXED_ROPE,
    }
    found = [name for name, there in unusual.items() if there]
    if found:
        raise CheckpointError(
            f"This Qwen3 checkpoint uses {', '.join(found)}.",
            why="No published Qwen3-Embedding or Qwen3-Reranker does, and metier does not run it.",
            fix="Use a published checkpoint or one trained from it.",
        )
