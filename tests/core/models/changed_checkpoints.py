"""Checkpoints with a few weights changed, so that a number format fails where it should."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

Weights = dict[str, torch.Tensor]

MARK = "#"
"""What a text must hold to fail, behind a letter: Qwen's tokenizer joins it with a space."""


def altered(source: Path, folder: Path, change: Callable[[Weights], None]) -> Path:
    """Copy a checkpoint and change its weights in place."""
    shutil.copytree(source, folder)
    path = folder / "model.safetensors"
    weights = load_file(path)
    change(weights)
    save_file(weights, path, metadata={"format": "pt"})
    return folder


def sharpen(weights: Weights) -> None:
    """Make attention choose one token: which of two near ones is decided by rounding."""
    for name in weights:
        if "q_norm" in name or "attention.self.query.weight" in name:
            weights[name] *= 50


def damage(model: Any, source: Path) -> None:
    """Let a loaded embedder or reranker give NaN for each text that holds `#`."""
    encoder = getattr(model, "_model", None)
    if encoder is None:
        embeddings = model._decoder._embedding
    else:
        embeddings = encoder._model.get_input_embeddings().weight
    with torch.no_grad():
        embeddings[_mark_id(source)] = torch.nan


def overflowing(source: Path, folder: Path) -> Path:
    """A copy that exceeds float16's 65504 between two products of its first layer.

    One number of the states is zero for all tokens but one, `#`, and the feed-forward multiplies
    that number up and back down.
    """
    token = _mark_id(source)

    def change(weights: Weights) -> None:
        if "embeddings.word_embeddings.weight" in weights:
            _overflow_encoder(weights, token)
        else:
            start = "model." if "model.embed_tokens.weight" in weights else ""
            _overflow_qwen3(weights, start, token)

    return altered(source, folder, change)


def _mark_id(source: Path) -> int:
    return Tokenizer.from_file(str(source / "tokenizer.json")).token_to_id(MARK)


def _overflow_qwen3(weights: Weights, start: str, token: int) -> None:
    layer = f"{start}layers.0."
    _give_one_number_to(weights[f"{start}embed_tokens.weight"], token)
    weights[f"{layer}self_attn.o_proj.weight"][0] = 0
    for name in ("gate_proj", "up_proj"):
        weights[f"{layer}mlp.{name}.weight"][0] = 0
        weights[f"{layer}mlp.{name}.weight"][0, 0] = 100
    weights[f"{layer}mlp.down_proj.weight"][:, 0] *= 1e-4


def _overflow_encoder(weights: Weights, token: int) -> None:
    layer = "encoder.layer.0."
    _give_one_number_to(weights["embeddings.word_embeddings.weight"], token)
    for name in ("position", "token_type"):
        weights[f"embeddings.{name}_embeddings.weight"][:, 0] = 0
    weights[f"{layer}attention.output.dense.weight"][0] = 0
    weights[f"{layer}intermediate.dense.weight"][0] = 0
    weights[f"{layer}intermediate.dense.weight"][0, 0] = 30000
    weights[f"{layer}output.dense.weight"][:, 0] *= 1e-4


def _give_one_number_to(embedding: torch.Tensor, token: int) -> None:
    embedding[:, 0] = 0
    embedding[token] = 0
    embedding[token, 0] = 100
