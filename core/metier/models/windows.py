"""Texts to vectors window by window: the next texts are tokenised while the model computes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from metier.models.embedder import Encoded
from metier.models.tokens import Tokenised
from metier.progress import Progress

WINDOW = 1024
"""Texts planned together: enough for batches of like lengths, few enough to be tokenised soon."""

Read = Callable[[Sequence[str]], Tokenised]
Vectors = Callable[[Tokenised, Sequence[int]], npt.NDArray[np.float32]]
"""(tokens of a window, the place of each text in the call) -> one row per text."""


def embed_windows(
    texts: Sequence[str],
    read: Read,
    vectors: Vectors,
    *,
    dim: int,
    progress: Progress,
    window: int = WINDOW,
) -> Encoded:
    """Tokenise and compute texts of any number; equal ones once.

    Args:
        texts: n strings.
        read: tokenises some of them; called from another thread, one window ahead.
        vectors: computes a window, and reports its texts to `progress`.
        dim: numbers per vector.
        progress: advanced by repeated texts, which nobody computes.
        window: texts at a time.
    """
    first: dict[str, int] = {}
    for place, text in enumerate(texts):
        first.setdefault(text, place)
    distinct, names = list(first), list(first.values())
    made = np.empty((len(distinct), dim), dtype=np.float32)
    tokens = np.empty(len(distinct), dtype=np.int32)
    truncated = np.zeros(len(distinct), dtype=np.bool_)
    for part, tokenised in _read_ahead(distinct, read, window):
        made[part] = vectors(tokenised, names[part])
        tokens[part] = [len(ids) for ids in tokenised.ids]
        truncated[part] = tokenised.truncated
    if len(distinct) == len(texts):
        return Encoded(made, tokens, truncated)
    progress.advance(len(texts) - len(distinct))
    row = {text: number for number, text in enumerate(distinct)}
    rows = [row[text] for text in texts]
    return Encoded(made[rows], tokens[rows], truncated[rows])


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
