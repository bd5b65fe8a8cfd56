"""BERT without transformers, whose import takes longer than everything else at a start.

It computes what `transformers.BertModel` does, operation by operation. Only checkpoints whose
config and weights are exactly those of a plain BERT are read here; transformers reads all others.
Imports torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import nn

from metier.models.device import Placement
from metier.models.kernels.attention import States, attend
from metier.models.kernels.packing import PackedSequences
from metier.models.memory import check_memory
from metier.models.transformers_loading import check_weights
from metier.models.weights import read_tensors, weight_files

_SIZES = (
    "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
    "max_position_embeddings", "type_vocab_size",
)  # fmt: skip

_OTHER_NUMBERS = ("layer_norm_eps", "pad_token_id")

_FIXED: Mapping[str, tuple[object, ...]] = {
    "model_type": ("bert",),
    "hidden_act": ("gelu",),
    "position_embedding_type": ("absolute",),
    "is_decoder": (False,),
    "add_cross_attention": (False,),
    "is_encoder_decoder": (False,),
    "chunk_size_feed_forward": (0,),
    "architectures": (["BertModel"],),
    "output_attentions": (False,),
    "output_hidden_states": (False,),
    "return_dict": (True,),
}
"""Values without which a checkpoint computes something else, where its config has the key."""

_WITHOUT_EFFECT = frozenset(
    {
        "_name_or_path", "attention_probs_dropout_prob", "bos_token_id", "classifier_dropout",
        "cls_token_id", "dtype", "eos_token_id", "gradient_checkpointing", "hidden_dropout_prob",
        "id2label", "initializer_range", "label2id", "problem_type", "sep_token_id",
        "tie_word_embeddings", "torch_dtype", "transformers_version", "use_cache",
    }
)  # fmt: skip
"""Keys of a config that change no vector."""

_NUMBERS = frozenset({"F32", "F16", "BF16"})
_OUTSIDE_LAYERS, _PER_LAYER = 5, 16
"""Weights of the embeddings, and of each layer."""

_LARGEST = 1 << 24
"""A size above this is a mistake."""

_UNUSED = ("pooler.", "embeddings.position_ids", "embeddings.token_type_ids")


@dataclass(frozen=True, slots=True)
class BertConfig:
    """The numbers of a BERT, by transformers' names."""

    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    max_position_embeddings: int
    type_vocab_size: int
    layer_norm_eps: float
    pad_token_id: int
    model_type: str = "bert"


@dataclass(frozen=True, slots=True)
class BertOutput:
    """What a forward pass gives: (1, tokens, dim) states of the last layer."""

    last_hidden_state: torch.Tensor


def read_plain_bert(folder: Path, config: Mapping[str, Any]) -> BertConfig | None:
    """The numbers of a checkpoint that `load_bert` reads; None for one that it does not.

    Args:
        folder: holds the safetensors weights.
        config: its config.json.

    Raises:
        CheckpointError: the weights are missing or cut off.
    """
    sizes = [config.get(key) for key in _SIZES]
    known = {*_SIZES, *_OTHER_NUMBERS, *_FIXED, *_WITHOUT_EFFECT}
    epsilon, pad_id = (config.get(key) for key in _OTHER_NUMBERS)
    if not (
        config.keys() <= known
        and all(config.get(key, values[0]) in values for key, values in _FIXED.items())
        and all(type(size) is int and 0 < size < _LARGEST for size in sizes)
        and type(epsilon) is float
        and type(pad_id) is int
        and 0 <= pad_id < config["vocab_size"]
        and config["hidden_size"] % config["num_attention_heads"] == 0
    ):
        return None
    read: dict[str, Any] = {key: config[key] for key in (*_SIZES, *_OTHER_NUMBERS)}
    plain = BertConfig(**read)
    stored = {
        tensor.name: (tensor.shape, tensor.dtype)
        for path in weight_files(folder)
        for tensor in read_tensors(path)
        if not tensor.name.startswith(_UNUSED)
    }
    if len(stored) != _OUTSIDE_LAYERS + _PER_LAYER * plain.num_hidden_layers:
        return None  # before so many layers are made
    with torch.device("meta"):
        expected = {name: tuple(value.shape) for name, value in Bert(plain).state_dict().items()}
    shapes = {name: shape for name, (shape, _) in stored.items()}
    numbers = {dtype for _, dtype in stored.values()}
    return plain if shapes == expected and numbers <= _NUMBERS else None


def load_bert(
    folder: Path, config: BertConfig, placement: Placement, *, mapped: bool = False
) -> Bert:
    """Load the weights of a plain BERT, ready for inference.

    Args:
        folder: holds the safetensors weights.
        config: of `read_plain_bert`.
        placement: device and dtype.
        mapped: whether weights may be views of the file, which a later write would change: for a
            caller that converts them at once.

    Raises:
        CheckpointError: the weights hold numbers that no model can compute with.
        ModelError: it needs more memory than is free; no weight was read.
    """
    check_memory(folder, placement, role="embedder")
    weights: dict[str, torch.Tensor] = {}
    for path in weight_files(folder):
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118 (it cannot be iterated)
                if not name.startswith(_UNUSED):
                    weights[name] = file.get_tensor(name).to(
                        placement.device, placement.stored, copy=not mapped
                    )
    with torch.device("meta"):
        model = Bert(config)
    model.load_state_dict(weights, assign=True)
    model.eval().requires_grad_(False)
    check_weights(model, folder, placement)
    return model


class Bert(nn.Module):
    """The encoder; names of modules and weights are those of transformers."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.config = config
        self.embeddings = _Embeddings(config)
        self.encoder = nn.Module()
        self.encoder.layer = nn.ModuleList(_Layer(config) for _ in range(config.num_hidden_layers))

    def get_input_embeddings(self) -> nn.Embedding:
        """The embeddings of tokens."""
        return self.embeddings.word_embeddings

    def forward(
        self, input_ids: torch.Tensor, position_ids: torch.Tensor, packed: PackedSequences
    ) -> BertOutput:
        """States of sequences laid end to end.

        Args:
            input_ids: (1, tokens).
            position_ids: (1, tokens).
            packed: where the sequences lie.
        """
        states = self.embeddings(input_ids, position_ids)
        for layer in self.encoder.layer:  # type: ignore[union-attr]
            states = layer(states, packed)
        return BertOutput(states)


class _Embeddings(nn.Module):
    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        size = config.hidden_size
        self.word_embeddings = _embedding(config.vocab_size, size)
        self.position_embeddings = _embedding(config.max_position_embeddings, size)
        self.token_type_embeddings = _embedding(config.type_vocab_size, size)
        self.LayerNorm = nn.LayerNorm(size, eps=config.layer_norm_eps)

    def forward(self, ids: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        kinds = self.token_type_embeddings(torch.zeros_like(ids))
        states = self.word_embeddings(ids) + kinds + self.position_embeddings(positions)
        normalized: torch.Tensor = self.LayerNorm(states)
        return normalized


def _embedding(count: int, size: int) -> nn.Embedding:
    # Its constructor would fill the weight, for which torch imports its compiler.
    embedding: nn.Embedding = nn.Embedding.from_pretrained(  # type: ignore[no-untyped-call]
        torch.empty(count, size)
    )
    return embedding


class _Layer(nn.Module):
    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.attention = _Attention(config)
        self.intermediate = nn.Module()
        self.intermediate.dense = nn.Linear(config.hidden_size, config.intermediate_size)
        self.output = _Output(config.intermediate_size, config)

    def forward(self, states: torch.Tensor, packed: PackedSequences) -> torch.Tensor:
        attended = self.attention(states, packed)
        wide = nn.functional.gelu(self.intermediate.dense(attended))  # type: ignore[operator]
        output: torch.Tensor = self.output(wide, attended)
        return output


class _Attention(nn.Module):
    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        size = config.hidden_size
        self._head_size = size // config.num_attention_heads
        self.self = nn.Module()
        self.self.query = nn.Linear(size, size)
        self.self.key = nn.Linear(size, size)
        self.self.value = nn.Linear(size, size)
        self.output = _Output(size, config)

    def forward(self, states: torch.Tensor, packed: PackedSequences) -> torch.Tensor:
        heads = (*states.shape[1:-1], -1, self._head_size)
        queries = self.self.query(states).view(heads)  # type: ignore[operator]
        keys = self.self.key(states).view(heads)  # type: ignore[operator]
        values = self.self.value(states).view(heads)  # type: ignore[operator]
        attended = attend(
            queries, States(keys, values), packed, causal=False, scale=self._head_size**-0.5
        )
        output: torch.Tensor = self.output(attended[None], states)
        return output


class _Output(nn.Module):
    def __init__(self, size: int, config: BertConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(size, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, states: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
        normalized: torch.Tensor = self.LayerNorm(self.dense(states) + before)
        return normalized
