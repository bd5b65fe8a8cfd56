"""Random checkpoints of the exact Qwen3-Embedding-0.6B shape: speed does not depend on weights."""

from __future__ import annotations

import json
from pathlib import Path

FOLDER = Path("build/benchmarks")


def random_embedder(layers: int) -> Path:
    """A folder with the 0.6B shape cut to `layers` layers, written on first use.

    The vocabulary table has its real size; the tokenizer is the tiny one of `metier.testing`, so
    texts are measured in its tokens, for us and for the peer alike.
    """
    folder = FOLDER / f"qwen3-embedding-0.6b-{layers}-layers"
    if (folder / "model.safetensors").exists():
        return folder
    import torch
    from transformers import Qwen3Config, Qwen3Model

    from metier.testing.checkpoints import write_qwen3_embedder

    write_qwen3_embedder(folder, max_positions=32768)
    (folder / "model.safetensors").unlink()
    config = Qwen3Config(
        vocab_size=151669,
        hidden_size=1024,
        intermediate_size=3072,
        num_hidden_layers=layers,
        num_attention_heads=16,
        num_key_value_heads=8,
        head_dim=128,
        max_position_embeddings=32768,
        rope_theta=1_000_000.0,
        tie_word_embeddings=True,
    )
    torch.manual_seed(0)
    Qwen3Model(config).to(torch.bfloat16).save_pretrained(folder)
    return folder


def layer_parameters(folder: Path) -> int:
    """Weights that every token is multiplied with: all but the embedding table and the norms."""
    config = json.loads((folder / "config.json").read_text())
    hidden, feed = config["hidden_size"], config["intermediate_size"]
    heads = config["num_attention_heads"] * config["head_dim"]
    shared = config["num_key_value_heads"] * config["head_dim"]
    per_layer = hidden * (2 * heads + 2 * shared + 3 * feed)
    return int(per_layer * config["num_hidden_layers"])
