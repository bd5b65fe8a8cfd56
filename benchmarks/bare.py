"""A minimal script that embeds texts with transformers, for comparison of cold starts."""

from __future__ import annotations

import sys

import torch
from transformers import AutoModel, AutoTokenizer


def main(folder: str, device: str, texts: list[str]) -> None:
    """Load the weights, run them once, print the size of the result."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder).to(device).eval()
    batch = tokenizer(texts, padding=True, truncation=True, return_tensors="pt").to(device)
    with torch.inference_mode():
        states = model(**batch).last_hidden_state
    mask = batch["attention_mask"][..., None]
    print((states * mask).sum(1).div(mask.sum(1)).cpu().shape)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
