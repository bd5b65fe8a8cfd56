"""A minimal script that embeds texts with torch, for comparison of cold starts."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch.nn.functional import gelu, layer_norm, linear, scaled_dot_product_attention


class Bert:
    """A BERT of few lines: weights by name, one forward pass."""

    def __init__(self, folder: Path, device: str) -> None:
        self._config = json.loads((folder / "config.json").read_text())
        self._weights = load_file(folder / "model.safetensors", device=device)

    def states(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """(n, width, dim) states of the last layer, of padded (n, width) ids."""
        weights, heads = self._weights, self._config["num_attention_heads"]
        states = (
            weights["embeddings.word_embeddings.weight"][ids]
            + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        states = self._normalize("embeddings", states)
        for number in range(self._config["num_hidden_layers"]):
            layer = f"encoder.layer.{number}"
            query, key, value = (
                self._product(f"{layer}.attention.self.{part}", states)
                .unflatten(-1, (heads, -1))
                .transpose(1, 2)
                for part in ("query", "key", "value")
            )
            attended = scaled_dot_product_attention(query, key, value, mask.bool()[:, None, None])
            attended = self._product(
                f"{layer}.attention.output.dense", attended.transpose(1, 2).flatten(2)
            )
            states = self._normalize(f"{layer}.attention.output", attended + states)
            wide = gelu(self._product(f"{layer}.intermediate.dense", states))
            states = self._normalize(
                f"{layer}.output", self._product(f"{layer}.output.dense", wide) + states
            )
        return states

    def _product(self, name: str, states: torch.Tensor) -> torch.Tensor:
        return linear(states, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _normalize(self, name: str, states: torch.Tensor) -> torch.Tensor:
        weight, bias = (self._weights[f"{name}.LayerNorm.{part}"] for part in ("weight", "bias"))
        return layer_norm(states, states.shape[-1:], weight, bias, self._config["layer_norm_eps"])


def main(folder: str, device: str, texts: list[str]) -> None:
    """Load the weights, run them once, print the size of the result."""
    tokenizer = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.enable_padding()
    encodings = tokenizer.encode_batch(texts)
    ids = torch.tensor([encoding.ids for encoding in encodings], device=device)
    mask = torch.tensor([encoding.attention_mask for encoding in encodings], device=device)
    with torch.inference_mode():
        states = Bert(Path(folder), device).states(ids, mask)
    counted = mask[..., None]
    print((states * counted).sum(1).div(counted.sum(1)).cpu().shape)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
