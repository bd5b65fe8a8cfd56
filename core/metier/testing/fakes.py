"""Fake models: an embedder and a reranker that compare words, and need no download."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from metier.errors import ParameterError
from metier.models.embedder import MRL_MIN_DIM, Embeddings, ModelProfile, Prompt, Side
from metier.models.reranker import RerankScores
from metier.models.vectors import check_dim, slice_and_normalize
from metier.progress import Progress
from metier.texts.checks import require_unicode

_WORD = re.compile(r"\w+|[^\w\s]")


def words_of(text: str) -> list[str]:
    """Words and single signs of a text in order, in lower case: the tokens of a fake model."""
    return _WORD.findall(text.casefold())


def direction_of(word: str, dim: int, seed: int) -> npt.NDArray[np.float32]:
    """(dim,) float32, each 1 or -1, drawn from a hash: the same in every process and version.

    Directions of two words are nearly orthogonal, and so are their prefixes, as in a model that is
    trained with MRL.
    """
    drawn = hashlib.shake_256(f"{seed}:{word}".encode("utf-8", "surrogatepass")).digest(
        -(-dim // 8)
    )
    bits = np.unpackbits(np.frombuffer(drawn, dtype=np.uint8))[:dim]
    return bits.astype(np.float32) * 2 - 1


def number_of(text: str, seed: int) -> float:
    """A number from -1 to 1 drawn from a hash of the text."""
    drawn = hashlib.sha256(f"{seed}:{text}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(drawn[:4], "big") / 0xFFFFFFFF * 2 - 1


VERSION = "fake-1"
"""Part of every fingerprint; raise it with any change of the numbers."""

DEFAULT_TASK = "Find texts with the words of the query"

_TILT = 0.3
"""Weight of a prompt in a vector: visible, and less than a word of a short text."""


class FakeEmbedder:
    """An embedder whose vectors are near where texts share words.

    A query has a task, the default one if none is given; a document has none unless it is given,
    for tasks that instruct both sides. A prompt turns every vector under it alike.

    Args:
        dim: size of a full vector, at least 32; any prefix of it can stand alone (MRL).
        max_tokens: longest input; words, signs and one closing token count.
        seed: another seed is another model, with another fingerprint.

    Raises:
        ParameterError: `dim` or `max_tokens` is too small.
    """

    def __init__(self, *, dim: int = 256, max_tokens: int = 512, seed: int = 0) -> None:
        if dim < MRL_MIN_DIM:
            raise ParameterError(f"dim={dim} is less than {MRL_MIN_DIM}.", parameter="dim")
        _check_max_tokens(max_tokens)
        self.profile = ModelProfile(
            id="fake-embedder",
            family="fake",
            revision=VERSION,
            dim=dim,
            mrl=True,
            min_dim=MRL_MIN_DIM,
            max_tokens=max_tokens,
            instruction_aware=True,
            pooling="mean",
        )
        self.fingerprint = _fingerprint("embedder", dim, max_tokens, seed)
        self.device = "cpu"
        self.dtype = "float32"
        self._seed = seed

    def prompt(self, task: str | None, side: Side) -> Prompt:
        """`[task] ` before a query, and before a document only if a task is given."""
        if side == "document" and task is None:
            return Prompt(side)
        task = DEFAULT_TASK if task is None else task
        return Prompt(side, f"[{task}] ", task)

    def embed(
        self, texts: Sequence[str], *, prompt: Prompt, dim: int, progress: Progress
    ) -> Embeddings:
        """Embed texts under one prompt.

        Returns:
            (n, dim) unit rows. A text over `profile.max_tokens` is cut on the right and marked.

        Raises:
            DimError: `dim` is not in 1..profile.dim.
            InputError: a text is no string or not valid Unicode.
            ParameterError: the instruction alone fills the model's input.
        """
        check_dim(dim, self.profile.dim)
        require_unicode(texts)
        used = len(words_of(prompt.prefix)) + 1
        room = self.profile.max_tokens - used
        if room < 1:
            raise ParameterError(
                f"The instruction has {used} tokens and leaves no room for a text.",
                why=f"The model reads at most {self.profile.max_tokens} tokens.",
                fix="Shorten the instruction.",
            )
        words = [words_of(text) for text in texts]
        directions = self._directions({word for text in words for word in text[:room]})
        tilt = _TILT * self._direction(prompt.prefix) if prompt.prefix else 0.0
        pooled = np.zeros((len(texts), self.profile.dim), dtype=np.float32)
        for row, text in enumerate(words):
            pooled[row] = self._mean(text[:room], directions) + tilt
            progress.advance()
        lengths = np.array([len(text) for text in words], dtype=np.int32)
        return Embeddings(
            slice_and_normalize(pooled, dim),
            np.minimum(lengths, room) + np.int32(used),
            lengths > room,
        )

    def count_tokens(self, texts: Sequence[str], *, prompt: Prompt) -> list[int]:
        """Tokens of each text under `prompt`, the closing token included, before any cut."""
        require_unicode(texts)
        used = len(words_of(prompt.prefix)) + 1
        return [len(words_of(text)) + used for text in texts]

    def _direction(self, word: str) -> npt.NDArray[np.float32]:
        return direction_of(word, self.profile.dim, self._seed)

    def _directions(self, words: set[str]) -> dict[str, npt.NDArray[np.float32]]:
        return {word: self._direction(word) for word in words}

    def _mean(
        self, words: list[str], directions: dict[str, npt.NDArray[np.float32]]
    ) -> npt.NDArray[np.float32]:
        """Of length near that of one word's direction, so that a prompt turns all texts alike."""
        if not words:
            return self._direction("")  # a text without words has a direction, too
        total = np.stack([directions[word] for word in words]).sum(axis=0)
        length = float(np.linalg.norm(total))
        if length == 0.0:
            return self._direction("")
        mean: npt.NDArray[np.float32] = total * np.float32(math.sqrt(self.profile.dim) / length)
        return mean


class FakeReranker:
    """A reranker whose score is the share of the query's words that a document has.

    The task moves all scores of a call alike: it changes them, and never their order.

    Args:
        max_tokens: longest input; words and signs of task, query and document count.
        seed: another seed is another model, with another fingerprint.

    Raises:
        ParameterError: `max_tokens` is too small.
    """

    def __init__(self, *, max_tokens: int = 512, seed: int = 0) -> None:
        _check_max_tokens(max_tokens)
        self.profile = ModelProfile(
            id="fake-reranker",
            family="fake",
            revision=VERSION,
            dim=1,
            mrl=False,
            min_dim=1,
            max_tokens=max_tokens,
            instruction_aware=True,
        )
        self.fingerprint = _fingerprint("reranker", 1, max_tokens, seed)
        self.device = "cpu"
        self.dtype = "float32"
        self._seed = seed

    def score(
        self, query: str, documents: Sequence[str], *, task: str | None, progress: Progress
    ) -> RerankScores:
        """Score documents.

        Returns:
            (n,) scores between 0 and 1, neither included. A document that does not fit into
            `profile.max_tokens` is cut on the right and marked.

        Raises:
            InputError: a text is no string or not valid Unicode.
            ParameterError: task and query alone fill the model's input.
        """
        require_unicode([query])
        require_unicode(documents)
        asked = words_of(query)
        used = len(words_of(self.render(query, "", task=task)))
        room = self.profile.max_tokens - used
        if room < 1:
            raise ParameterError(
                f"Task and query have {used} tokens and leave no room for a document.",
                why=f"The model reads at most {self.profile.max_tokens} tokens.",
                fix="Shorten the query.",
            )
        moved = number_of(DEFAULT_TASK if task is None else task, self._seed)
        scores = np.empty(len(documents), dtype=np.float32)
        truncated = np.empty(len(documents), dtype=np.bool_)
        for row, document in enumerate(documents):
            words = words_of(document)
            truncated[row] = len(words) > room
            known = set(words[:room])
            share = sum(word in known for word in asked) / len(asked) if asked else 0.0
            scores[row] = 1 / (1 + math.exp(-(6 * share - 3 + moved)))
            progress.advance()
        return RerankScores(scores, truncated)

    def render(self, query: str, document: str, *, task: str | None) -> str:
        """The whole text the model reads for one pair."""
        return f"[{DEFAULT_TASK if task is None else task}] {query} | {document}"


def _check_max_tokens(max_tokens: int) -> None:
    if max_tokens < 1:
        raise ParameterError(f"max_tokens={max_tokens} is less than 1.", parameter="max_tokens")


def _fingerprint(role: str, *facts: int) -> str:
    text = ":".join([VERSION, role, *map(str, facts)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
