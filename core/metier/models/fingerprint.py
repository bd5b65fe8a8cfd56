"""The fingerprint of an embedder or reranker: equal only where vectors are comparable."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from metier.models.checkpoint import read_config
from metier.models.tokens import TextTokenizer

_PROBE = (
    "Hello, World! It's 12,345.67€ -- naïve café\tx\n  y",
    "中文と日本語 Привет مرحبا नमस्ते 🙂👍🏽",
    "def f(x): return x**2  # code",
)
"""Short texts whose token ids change with vocabulary, normaliser or pre-tokeniser."""

_VOLATILE = frozenset(
    {"_name_or_path", "architectures", "dtype", "torch_dtype", "transformers_version", "use_cache"}
)


def fingerprint(
    folder: Path,
    weights: str,
    tokenizer: TextTokenizer,
    **facts: str | int | bool,
) -> str:
    """Hash everything that decides a vector but prompt, dim, device and dtype: 16 hex characters.

    It covers the weights (`weights_digest`), the config without fields that only say who saved it,
    the token ids of a few probe texts, and `facts`: pooling, template version, longest input. It
    does not cover the name the model was asked for by, nor a hub commit: the same files are the
    same model wherever they lie.
    """
    config = {key: value for key, value in read_config(folder).items() if key not in _VOLATILE}
    probe = [ids.tolist() for ids in tokenizer.encode(_PROBE)]
    parts = [weights, config, probe, facts]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
