"""Embedding of texts without end: window by window, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from metier.errors import MetierError, ParameterError
from metier.texts.checks import require_texts
from metier.texts.places import name_place

if TYPE_CHECKING:
    from metier.embedding import EmbeddingCall
    from metier.retrieval.vectors import Vectors


def check_window(window: int) -> None:
    """Raise ParameterError unless a window holds a text."""
    if window < 1:
        raise ParameterError(f"window={window} is less than 1.")


def stream(call: EmbeddingCall, texts: Iterable[str], window: int) -> Iterator[Vectors]:
    """Embed texts as they come.

    Args:
        call: how.
        texts: of any length; no more than a window of them is read ahead of what is given back.
        window: texts embedded together, at least 1.

    Yields:
        (k, dim) float32 unit rows, k at most `window`, in the order of the texts, with their mark.

    Raises:
        InputError: a text is no string, empty or not valid Unicode; its place is that in the whole.
        ModelError: the model gave no usable vector.

    Warns:
        MetierWarning: once, when the stream ends or is closed, if a text was cut.
    """
    source = iter(texts)
    total = cut = 0

    def in_the_whole(place: int) -> int:
        return total + place

    try:
        while part := list(islice(source, window)):
            try:
                require_texts(part)
                made = call.embed(part)
            except MetierError as error:
                name_place(error, in_the_whole)
                raise
            total += len(part)
            cut += int(made.truncated.sum())
            yield call.marked(made)
    finally:
        call.warn_of_cut(cut, total)
