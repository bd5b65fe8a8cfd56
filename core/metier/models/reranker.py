"""The interface of a reranker: one query and documents in, probabilities of relevance out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from metier.models.embedder import ModelProfile
from metier.progress import Progress

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class RerankScores:
    """Scores of one call, and which documents were cut.

    Attributes:
        scores: (n,) float32 in [0, 1], in the order of the documents.
        truncated: (n,) bool, whether the document (or the query) was cut to fit.
    """

    scores: npt.NDArray[np.float32]
    truncated: npt.NDArray[np.bool_]


class Reranker(Protocol):
    """A model that reads a query and a document together.

    Attributes:
        profile: facts about the checkpoint.
        fingerprint: hash of weights, config, tokenizer and template.
        device: where it runs, by torch's names (`cpu`, `cuda:0`).
        dtype: number format it computes in, by torch's names (`float32`, `bfloat16`).
    """

    @property
    def profile(self) -> ModelProfile: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def device(self) -> str: ...
    @property
    def dtype(self) -> str: ...

    def score(
        self, query: str, documents: Sequence[str], *, task: str | None, progress: Progress
    ) -> RerankScores:
        """Score each document against the query under a task; None is the model's default task."""

    def render(self, query: str, document: str, *, task: str | None) -> str:
        """The whole text the model reads for one pair."""
