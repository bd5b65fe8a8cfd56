"""What a vector is found by: a hash of everything that decides it but the size."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from metier.models.embedder import Embedder
from metier.models.prompt import Prompt


def keys_of(embedder: Embedder, prompt: Prompt, texts: Sequence[str]) -> list[bytes]:
    """A key of 32 bytes for each text, equal only where the full vector would be.

    It covers the fingerprint, the stamp of the weight files, the dtype that is computed in, the
    rendered prompt and the text. The stamp stands for weights changed where no fingerprint looks.
    """
    shared = hashlib.sha256()
    model = (embedder.fingerprint, embedder.profile.stamp, embedder.dtype)
    for part in (*model, prompt.prefix):
        raw = part.encode("utf-8", "surrogatepass")
        shared.update(len(raw).to_bytes(8, "big") + raw)
    return [_extended(shared, text) for text in texts]


def _extended(shared: hashlib._Hash, text: str) -> bytes:
    own = shared.copy()
    own.update(text.encode("utf-8"))
    return own.digest()
