"""Whether a model folder is complete, and its config.json. Checked before torch reads it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from metier.errors import CheckpointError
from metier.models.layout import read_json, transformer_folder
from metier.models.weights import read_tensors, weight_files

_TOKENIZER_FILES = (
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "tokenizer.model",
    "spiece.model",
    "sentencepiece.bpe.model",
)


def check_folder(folder: Path) -> None:
    """Check that config, tokenizer and whole safetensors weights are there.

    Raises:
        CheckpointError: with the file that is missing or damaged.
    """
    inner = transformer_folder(folder)
    read_config(inner)
    for path in weight_files(inner):
        read_tensors(path)
    if not any((inner / name).is_file() for name in _TOKENIZER_FILES):
        raise CheckpointError(
            f"'{inner}' has no tokenizer: tokenizer.json is not there.",
            why="Usually only config and weights were copied.",
            fix="Copy the whole model folder, or save it with tokenizer.save_pretrained(...).",
        )


_COUNTS = ("hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads")
"""Keys of numbers that every kind of model needs to be 1 or more, where it has them."""


def config_number(config: Mapping[str, Any], key: str, folder: Path) -> int:
    """A positive whole number of a config.

    Raises:
        CheckpointError: it is missing or something else.
    """
    value = config.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise CheckpointError(
            f"The config.json in '{folder}' holds no usable {key!r}.",
            why=f"It says {value!r}.",
            fix="Copy config.json again from the model's own repository.",
        )
    return value


def read_config(folder: Path) -> dict[str, Any]:
    """The model's `config.json`.

    Raises:
        CheckpointError: it is missing, damaged or does not say the model type, or a count of it is
            below 1.
    """
    path = folder / "config.json"
    if not path.is_file():
        names = sorted(entry.name for entry in folder.iterdir())[:8]
        raise CheckpointError(
            f"'{folder}' is no model folder: config.json is not there.",
            why=f"It holds: {', '.join(names)}." if names else "It is empty.",
            fix="Give the folder that holds config.json and model.safetensors.",
        )
    config = read_json(path)
    if not isinstance(config.get("model_type"), str):
        raise CheckpointError(
            f"'{path}' does not say its model_type.",
            fix="Download or copy the model again; the file should come from transformers.",
        )
    for key in _COUNTS:
        # transformers takes a number below 1 for no layers, or fails when it computes
        if isinstance(config.get(key), int):
            config_number(config, key, folder)
    return config
