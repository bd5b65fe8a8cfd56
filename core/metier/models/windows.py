"""Texts to vectors window by window: the next texts are tokenised while the model computes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from metier.models.embedder import Encoded
from metier.models.tokens import Tokenised

WINDOW = 4096
"""Texts planned together: enough for batches of like lengths, few enough to be tokenised soon."""

Read = Callable[[Sequence[str]], Tokenised]
Vectors = Callable[[Tokenised, int], npt.NDArray[np.float32]]
"""(tokens of a window, the place of its first text) -> one row per text."""


def embed_windows(
    texts: Sequence[str], read: Read, vectors: Vectors, *, dim: int, window: int = WINDOW
) -> Encoded:
    """Tokenise and compute texts of any number.

    Args:
        texts: n strings.
        read: tokenises some of them; called from another thread, one window ahead.
        vectors: computes a window.
        dim: numbers per vector.
        window: texts at a time.
    """
    made = np.empty((len(texts), dim), dtype=np.float32)
    tokens = np.empty(len(texts), dtype=np.int32)
    truncated = np.zeros(len(texts), dtype=np.bool_)
    for part, tokenised in _read_ahead(texts, read, window):
        made[part] = vectors(tokenised, part.start)
        tokens[part] = [len(ids) for ids in tokenised.ids]
        truncated[part] = tokenised.truncated
    return Encoded(made, tokens, truncated)


def _read_ahead(texts: Sequence[str], read: Read, window: int) -> Iterator[tuple[slice, Tokenised]]:
    parts = [
        slice(start, min(start + window, len(texts))) for start in range(0, len(texts), window)
    ]
    if len(parts) < 2:  # nothing to read ahead, so no thread
        yield from ((part, read(texts[part])) for part in parts)
        return
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="metier-tokens") as thread:
        coming = thread.submit(read, texts[parts[0]])
        for part, after in zip(parts, [*parts[1:], None], strict=True):
            tokenised = coming.result()
            if after is not None:
                coming = thread.submit(read, texts[after])
            yield part, tokenised
