"""Texts longer than a model reads: divided into parts, whose vectors are averaged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Literal, get_args

from metier.chunking.chunking import MIN_TOKENS, chunk_each
from metier.errors import ParameterError, UsageError
from metier.texts.rows import Item
from metier.texts.sentences import Span
from metier.texts.splitter import Section

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.models.embedder import Embedder, Embeddings, Prompt

LongTextMode = Literal["pool", "cut"]
"""Of texts longer than the model reads: `pool` reads them in parts, `cut` only their beginning."""


def require_mode(mode: str) -> None:
    """Raise ParameterError unless `mode` is a `LongTextMode`."""
    if mode not in get_args(LongTextMode):
        raise ParameterError(
            f"long_texts={mode!r} is neither 'pool' nor 'cut'.", parameter="long_texts"
        )


def divide_texts(
    texts: Sequence[str], embedder: Embedder, prompts: Sequence[Prompt]
) -> list[list[Span]]:
    """The parts of each text that a model can read: as few as fit, of about the same length.

    A text that fits is a single part, all of it. Others are divided as documents of an index are,
    at paragraphs, sentences and words as far as needed, but not at headings: a part is as long as
    the model reads, and none repeats a heading.

    Args:
        texts: n strings that are not empty.
        embedder: counts the tokens.
        prompts: every part fits under each of them; at least one.

    Returns:
        n lists of spans in order: offsets in the text and what stands there. Only whitespace lies
        between them.

    Raises:
        UsageError: a text is too long, and beside the prompt there is no room for a part.
    """

    def count(parts: Sequence[str]) -> list[int]:
        counts = [embedder.count_tokens(parts, prompt=prompt) for prompt in prompts]
        return [max(of_part) for of_part in zip(*counts, strict=True)]

    (alone,) = count([""])
    limit = embedder.profile.max_tokens
    # a token stands for a byte or more, so that most texts need no count
    candidates = list(dict.fromkeys(text for text in texts if len(text.encode()) > limit - alone))
    tokens = count(candidates) if candidates else []
    long = [text for text, length in zip(candidates, tokens, strict=True) if length > limit]
    parts: dict[str, list[Span]] = {}
    if long:
        _require_space(len(long), embedder, alone)
        documents = [Item(str(number), text) for number, text in enumerate(long)]
        chunks = chunk_each(documents, counter=count, max_tokens=limit, splitter=_whole)
        for text, of_text in zip(long, chunks, strict=True):
            parts[text] = [Span(chunk.start, chunk.end, chunk.text) for chunk in of_text]
    return [parts.get(text) or [Span(0, len(text), text)] for text in texts]


def pool_parts(
    embeddings: Embeddings, counts: Sequence[int], alone: int
) -> npt.NDArray[np.float32]:
    """One vector a text: the mean of those of its parts, weighted by their tokens.

    The vector of a single part stays as it is, to the last bit. That of several is normalized
    again, as in OpenAI's cookbook, "Embedding texts that are longer than the model's maximum
    context length". With mean pooling it is close to the mean over all tokens of the text.

    The vectors of the parts have the size of the call already: each was sliced and normalized by
    itself. So a part counts by its tokens alone, and is what the model gives for it as a text of
    its own. Pooled before slicing, a part would also count by how much of its vector lies in the
    first dimensions, which says nothing about the text.

    Args:
        embeddings: of all parts, text after text.
        counts: how many parts each text has.
        alone: tokens of the prompt and the special tokens, which weigh nothing.

    Returns:
        (texts, dim) float32, unit rows.

    Raises:
        ModelError: the parts of a text cancel each other out.
    """
    several = [index for index, count in enumerate(counts) if count > 1]
    if not several:
        return embeddings.vectors
    import numpy as np

    from metier.models.vectors import slice_and_normalize

    starts = [0, *accumulate(counts)]
    vectors = embeddings.vectors[starts[:-1]]
    means = []
    for index in several:
        parts = slice(starts[index], starts[index + 1])
        weights = np.maximum(embeddings.tokens[parts] - alone, 1)
        means.append(np.average(embeddings.vectors[parts], axis=0, weights=weights))
    vectors[several] = slice_and_normalize(np.stack(means), vectors.shape[1], rows=several)
    return vectors


def _whole(text: str, name: str) -> Iterable[Section]:
    """A splitter that finds no headings."""
    return [Section(0, len(text))]


def _require_space(count: int, embedder: Embedder, alone: int) -> None:
    limit = embedder.profile.max_tokens
    if limit < alone + MIN_TOKENS:
        raise UsageError(
            f"{count} of the texts are longer than {embedder.profile.id!r} reads, and cannot be "
            "divided.",
            why=f"It reads {limit} tokens. The prompt and the special tokens take {alone}, and a "
            f"part needs {MIN_TOKENS}.",
            fix="Let them be cut ($long_texts), or take a shorter instruction or another model.",
            parameters={"long_texts": "cut"},
        )
