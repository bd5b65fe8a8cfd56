"""The fingerprint of an embedder or reranker: equal only where vectors are comparable."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from metier.models.checkpoint import read_config
from metier.models.tokens import NO_LIMIT, TextTokenizer

_PROBE = (
    "Hello, World! It's 12,345.67€ -- naïve café\tx\n  y",
    "中文と日本語 Привет مرحبا नमस्ते 🙂👍🏽",
    "def f(x): return x**2  # code",
)
"""Short texts whose token ids change with vocabulary, normalizer or pre-tokenizer."""

_VOLATILE = frozenset(
    {"_name_or_path", "architectures", "dtype", "torch_dtype", "transformers_version", "use_cache"}
)


def fingerprint(
    folder: Path,
    weights: str,
    tokenizer: TextTokenizer,
    *,
    arithmetic: int,
    templated: bool = False,
    **facts: str | int | bool,
) -> str:
    """Hash everything that a vector depends on, except prompt, dim, device and dtype.

    It covers the weights (`weights_digest`), the config without fields that only say who saved it,
    the token ids of a few probe texts, and `facts`: pooling, template version, longest input. It
    does not cover the name of the model or its hub commit: the same files are the same model
    wherever they are. Versions of libraries are not covered either; they change the last digits.

    Args:
        folder: of the transformer.
        weights: their digest.
        tokenizer: as the family uses it.
        arithmetic: version of the family's computation.
        templated: whether the family reads texts with the special tokens of the tokenizer's own
            template, which then are covered too.
        facts: what else a vector depends on.

    Returns:
        16 hexadecimal characters.
    """
    config = {key: value for key, value in read_config(folder).items() if key not in _VOLATILE}
    probe = [ids.tolist() for ids in tokenizer.encode(_PROBE)]
    parts = [weights, config, probe, arithmetic, facts]
    if templated:
        closed = tokenizer.encode_with_template(_PROBE, limit=NO_LIMIT).ids
        parts += [[ids.tolist() for ids in closed], sorted(tokenizer.special_ids)]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
