"""Tiny encoders of many architectures in sentence-transformers layout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer

from metier.models.transformers_loading import quiet_transformers
from metier.testing import checkpoints

POSITIONS = 160
"""Tokens each of them has positions for."""

_SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "initializer_range": 0.2,
}
_ROBERTA = {**_SIZES, "type_vocab_size": 1}

_KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "bert": ("Bert", _SIZES),
    "roberta": ("Roberta", _ROBERTA),
    "xlm-roberta": ("XLMRoberta", _ROBERTA),
    "camembert": ("Camembert", _ROBERTA),
    "electra": ("Electra", {**_SIZES, "embedding_size": 24}),
    "distilbert": (
        "DistilBert",
        {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64, "initializer_range": 0.2},
    ),
    "mpnet": ("MPNet", _SIZES),
    "bloom": ("Bloom", {"hidden_size": 32, "n_layer": 2, "n_head": 2, "initializer_range": 0.2}),
}
_AFTER_PAD = {"roberta", "xlm-roberta", "camembert", "mpnet"}  # first position: the pad id + 1

PAD_ID = 5
"""The id that fills rows, not the 0 that it is by default."""


def write_kind(folder: Path, kind: str, *, pooling: checkpoints.Pooling = "mean") -> Path:
    """Write an encoder of 32 dimensions by its `model_type`, e.g. `roberta`.

    `bloom` stands for those without a table of positions.
    """
    checkpoints.write_encoder(folder, pooling=pooling, prompts={"query": "query: "})
    size = _move_pad(folder / "tokenizer.json")
    name, sizes = _KINDS[kind]
    options = dict(sizes, vocab_size=size, pad_token_id=PAD_ID)
    if kind != "bloom":
        options["max_position_embeddings"] = POSITIONS + (PAD_ID + 1) * (kind in _AFTER_PAD)
    config = getattr(transformers, f"{name}Config")(**options)
    with torch.random.fork_rng(devices=[]), quiet_transformers():
        torch.manual_seed(0)
        model = getattr(transformers, f"{name}Model")(config)
        for part, weight in model.named_parameters():
            if part.endswith("bias"):  # zeros, as they are made, would hide one that is left out
                torch.nn.init.normal_(weight, std=0.2)
        model.save_pretrained(folder)
    return folder


def _move_pad(path: Path) -> int:
    """Let `[PAD]` and the token that has `PAD_ID` change places; the size of the vocabulary."""
    tokenizer = json.loads(path.read_text(encoding="utf-8"))
    vocabulary = tokenizer["model"]["vocab"]
    other = next(token for token, number in vocabulary.items() if number == PAD_ID)
    vocabulary[other], vocabulary["[PAD]"] = vocabulary["[PAD]"], PAD_ID
    path.write_text(json.dumps(tokenizer), encoding="utf-8")
    return Tokenizer.from_file(str(path)).get_vocab_size()
