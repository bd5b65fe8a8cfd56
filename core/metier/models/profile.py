"""What is known of a model before and after it is loaded: facts, no tensors."""

from __future__ import annotations

from dataclasses import dataclass

MRL_MIN_DIM = 32
"""Shortest Matryoshka prefix the Qwen3-Embedding model card allows."""


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """Facts about one loaded checkpoint.

    Attributes:
        id: what the user asked for: `embedded`, a hub id or a folder.
        family: name of the model family that runs it (`qwen3`, `encoder`, ...).
        revision: hub commit, or a short hash of the weights file for a local folder.
        dim: size of a full vector; for a reranker 1.
        mrl: whether prefixes of a vector are trained to stand alone (Matryoshka).
        min_dim: shortest prefix that makes sense; equals `dim` where `mrl` is false.
        max_tokens: longest input in tokens, special tokens included.
        instruction_aware: whether the model was trained to follow task instructions.
        pooling: `last`, `mean` or `cls`; empty for a reranker.
        languages: ISO 639-1 codes, empty where the checkpoint does not say.
        stamp: changes whenever the weight files are written, even to what the fingerprint does not
            notice; empty for a model without files. The vector cache looks at it.
    """

    id: str
    family: str
    revision: str
    dim: int
    mrl: bool
    min_dim: int
    max_tokens: int
    instruction_aware: bool
    pooling: str = ""
    languages: tuple[str, ...] = ()
    stamp: str = ""
