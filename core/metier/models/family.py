"""A model family: one way of running checkpoints, found through the plugin hooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from metier.models.embedder import Embedder
from metier.models.reranker import Reranker


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model as asked for and where it was found.

    Attributes:
        spec: what the user wrote (`embedded`, a hub id, a folder).
        folder: local folder with config, tokenizer and safetensors.
        revision: hub commit, or None where only the weights can tell.
    """

    spec: str
    folder: Path
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How to run a model: `device` and `dtype` as the user gave them (`auto`, `cpu`, `float32`)."""

    device: str = "auto"
    dtype: str = "auto"


@dataclass(frozen=True, slots=True)
class ModelFamily:
    """A kind of model and how to load it.

    Attributes:
        name: short and unique (`qwen3`).
        summary: one sentence for listings.
        recognizes: whether this family runs the checkpoint in a folder; reads json files only.
        load_embedder: None where the family has no embedders.
        load_reranker: None where the family has no rerankers.

    `recognizes` and the loaders import torch themselves, when called.
    """

    name: str
    summary: str
    recognizes: Callable[[ModelSource], bool]
    load_embedder: Callable[[ModelSource, LoadOptions], Embedder] | None = None
    load_reranker: Callable[[ModelSource, LoadOptions], Reranker] | None = None
