"""Random checkpoints of the 0.6B shape of Qwen3; speed does not depend on the weights."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

FOLDER = Path("build/benchmarks")


def random_embedder(layers: int) -> Path:
    """A Qwen3-Embedding folder with the 0.6B shape cut to `layers` layers, written on first use.

    The vocabulary table has its real size; the tokenizer is the tiny one of `metier.testing`, so
    texts are measured in its tokens, for us and for the peer alike.
    """
    from transformers import Qwen3Model

    from metier.testing.checkpoints import write_qwen3_embedder

    return _random(
        f"qwen3-embedding-0.6b-{layers}-layers", layers, write_qwen3_embedder, Qwen3Model
    )


def random_reranker(layers: int) -> Path:
    """The same for Qwen3-Reranker: a causal language model with a tied head."""
    from transformers import Qwen3ForCausalLM

    from metier.testing.checkpoints import write_qwen3_reranker

    name = f"qwen3-reranker-0.6b-{layers}-layers"
    return _random(name, layers, write_qwen3_reranker, Qwen3ForCausalLM)


def layer_parameters(folder: Path) -> int:
    """Weights that every token is multiplied with: all but the embedding table and the norms."""
    config = json.loads((folder / "config.json").read_text())
    hidden, feed = config["hidden_size"], config["intermediate_size"]
    heads = config["num_attention_heads"] * config["head_dim"]
    shared = config["num_key_value_heads"] * config["head_dim"]
    per_layer = hidden * (2 * heads + 2 * shared + 3 * feed)
    return int(per_layer * config["num_hidden_layers"])


def _random(name: str, layers: int, write_tiny: Callable[..., Path], architecture: Any) -> Path:
    folder = FOLDER / name
    if folder.exists():
        return folder
    import torch
    from transformers import Qwen3Config

    unfinished = FOLDER / f"{name}.unfinished"  # renamed when complete: a folder is whole or absent
    shutil.rmtree(unfinished, ignore_errors=True)
    write_tiny(unfinished, max_positions=32768)
    (unfinished / "model.safetensors").unlink()
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
    architecture(config).to(torch.bfloat16).save_pretrained(unfinished)
    return unfinished.rename(folder)
