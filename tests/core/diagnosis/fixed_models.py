"""Models whose vectors and scores come from a function, as a check sees a remote model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from metier.models.embedder import Embeddings, ModelProfile, Prompt, Side
from metier.models.qwen3 import templates
from metier.models.reranker import RerankScores
from metier.models.vectors import slice_and_normalize
from metier.progress import Progress

Vectors = Callable[[Sequence[str], str], npt.NDArray[np.float32]]
"""(texts, side) -> full vectors."""


class FixedEmbedder:
    """An embedder of vectors that a function gives; `finishing` makes them shorter."""

    device = "elsewhere"

    def __init__(
        self,
        vectors: Vectors,
        *,
        id: str = "given",
        dim: int = 4,
        dtype: str = "float32",
        finishing: Callable[
            [npt.NDArray[np.float32], int], npt.NDArray[np.float32]
        ] = slice_and_normalize,
        default_task: str = templates.DEFAULT_TASK,
        fingerprint: str = "given",
    ) -> None:
        self.profile = ModelProfile(id, "remote", "1", dim, True, 2, 512, True, "last")
        self.dtype = dtype
        self._vectors = vectors
        self._finishing = finishing
        self._default_task = default_task
        self.fingerprint = fingerprint

    def prompt(self, task: str | None, side: Side) -> Prompt:
        return templates.embedding_prompt(task, side, default_task=self._default_task)

    def embed(
        self, texts: Sequence[str], *, prompt: Prompt, dim: int, progress: Progress
    ) -> Embeddings:
        vectors = self._finishing(self._vectors(texts, prompt.side), dim)
        return Embeddings(vectors, np.ones(len(texts), np.int32), np.zeros(len(texts), np.bool_))

    def count_tokens(self, texts: Sequence[str], *, prompt: Prompt) -> list[int]:
        return [1 for _ in texts]


class FixedReranker:
    """A reranker of scores that a function gives."""

    device = "elsewhere"
    fingerprint = "given"

    def __init__(
        self,
        scores: Callable[[str, Sequence[str]], Sequence[float]],
        *,
        id: str = "given",
        dtype: str = "float32",
    ) -> None:
        self.profile = ModelProfile(id, "remote", "1", 1, False, 1, 512, True)
        self.dtype = dtype
        self._scores = scores

    def render(self, query: str, document: str, *, task: str | None) -> str:
        return templates.rerank_text(query, document, task)

    def score(
        self, query: str, documents: Sequence[str], *, task: str | None, progress: Progress
    ) -> RerankScores:
        scores = np.array(self._scores(query, documents), dtype=np.float32)
        return RerankScores(scores, np.zeros(len(documents), np.bool_))
