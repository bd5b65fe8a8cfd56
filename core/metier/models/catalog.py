"""The released Qwen3-Embedding and Qwen3-Reranker models as data: sizes, license, memory.

Source: the model cards and the config.json of each model. No torch in here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from metier.models.checkpoint import read_config
from metier.models.embedder import MRL_MIN_DIM
from metier.models.family import ModelSource
from metier.models.hubs.hub_models import read_hub_id
from metier.models.layout import transformer_folder
from metier.models.model_lookup import Role, parse_hub_id

BYTES: Mapping[str, int] = MappingProxyType({"float32": 4, "bfloat16": 2, "float16": 2, "int8": 1})
"""Bytes per number in each format."""

_HEAD_SIZE = 128
_KEY_HEADS = 8


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a Qwen3 decoder in its config.json, by which the released models differ.

    Attributes:
        hidden: dimensions of a token's state, and of an embedder's full vector.
        layers: decoder layers.
        heads: query heads of a layer.
        intermediate: width of a layer's feed-forward part.
    """

    hidden: int
    layers: int
    heads: int
    intermediate: int

    @property
    def layer_parameters(self) -> int:
        """Weights of one layer, norms included."""
        queries, keys = self.heads * _HEAD_SIZE, _KEY_HEADS * _HEAD_SIZE
        attention = 2 * self.hidden * queries + 2 * self.hidden * keys + 2 * _HEAD_SIZE
        return attention + 3 * self.hidden * self.intermediate + 2 * self.hidden


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A released model.

    Attributes:
        id: on the hubs.
        role: `embedder` or `reranker`.
        shape: sizes of its decoder.
        vocabulary: rows of its token embedding.
        own_head: whether it has an output head apart from the token embedding.
        context: longest input its model card names, in tokens.
        license: SPDX identifier.
        languages: how many its model card names.
    """

    id: str
    role: Role
    shape: Shape
    vocabulary: int
    own_head: bool = False
    context: int = 32768
    license: str = "Apache-2.0"
    languages: str = "100+"

    @property
    def dim(self) -> int | None:
        """Size of a full vector; None for a reranker."""
        return self.shape.hidden if self.role == "embedder" else None

    @property
    def min_dim(self) -> int | None:
        """Shortest prefix of a vector that was trained to stand alone; None for a reranker."""
        return MRL_MIN_DIM if self.role == "embedder" else None

    @property
    def parameters(self) -> int:
        """Number of its weights, computed from the sizes."""
        return self._tables + self.shape.layers * self.shape.layer_parameters + self.shape.hidden

    def memory(self, dtype: str) -> int:
        """Bytes of the weights in a format, a key of `BYTES`.

        In int8 only the layers are rounded; token embedding and head stay as they are published.
        """
        if dtype != "int8":
            return self.parameters * BYTES[dtype]
        rounded = self.parameters - self._tables
        return rounded * BYTES[dtype] + self._tables * BYTES["bfloat16"]

    @property
    def _tables(self) -> int:
        return (2 if self.own_head else 1) * self.vocabulary * self.shape.hidden


@dataclass(frozen=True, slots=True)
class CatalogMatch:
    """A released model and what it was recognized by: its hub id, or only its shape."""

    model: KnownModel
    by: Literal["id", "shape"]


_SMALL = Shape(hidden=1024, layers=28, heads=16, intermediate=3072)
_MIDDLE = Shape(hidden=2560, layers=36, heads=32, intermediate=9728)
_LARGE = Shape(hidden=4096, layers=36, heads=32, intermediate=12288)

CATALOG = (
    KnownModel("Qwen/Qwen3-Embedding-0.6B", "embedder", _SMALL, 151669),
    KnownModel("Qwen/Qwen3-Embedding-4B", "embedder", _MIDDLE, 151665),
    KnownModel("Qwen/Qwen3-Embedding-8B", "embedder", _LARGE, 151665),
    KnownModel("Qwen/Qwen3-Reranker-0.6B", "reranker", _SMALL, 151669),
    KnownModel("Qwen/Qwen3-Reranker-4B", "reranker", _MIDDLE, 151665),
    KnownModel("Qwen/Qwen3-Reranker-8B", "reranker", _LARGE, 151665, own_head=True),
)
"""Smallest first in each role."""


def released_model(id: str) -> KnownModel | None:
    """The released model of a hub id, with or without the hub and `@revision`.

    The released models have the same ids on the Hugging Face hub and on ModelScope.
    """
    hub_id = read_hub_id(id)
    if hub_id is None:
        return None
    return next((model for model in CATALOG if model.id == hub_id.repo), None)


def released_model_of_shape(config: Mapping[str, Any], role: Role) -> KnownModel | None:
    """The released model with the sizes of a config.json. A fine-tune has the same sizes."""
    if config.get("model_type") != "qwen3":
        return None
    keys = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size")
    sizes = tuple(config.get(key) for key in keys)
    for model in CATALOG:
        shape = model.shape
        released = (shape.hidden, shape.layers, shape.heads, shape.intermediate)
        if model.role == role and sizes == released:
            return model
    return None


def recognize(source: ModelSource, role: Role) -> CatalogMatch | None:
    """The released model that a source is, or is trained from.

    Returns:
        None where it is another model, or one without a folder whose sizes could be read.

    Raises:
        CheckpointError: config.json is missing or damaged.
    """
    # it came from a hub under its id; not every hub says the commit
    if source.revision is not None or parse_hub_id(source.spec) is not None:
        model = released_model(source.spec)
        if model is not None and model.role == role:
            return CatalogMatch(model, "id")
    if source.folder is None:
        return None
    model = released_model_of_shape(read_config(transformer_folder(source.folder)), role)
    return None if model is None else CatalogMatch(model, "shape")
