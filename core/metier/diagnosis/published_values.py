"""Values that were published for released models, and a comparison with them.

Sources: the model cards (cosine matrices), fastembed's tests and a user of sentence-transformers
(first elements of vectors), and scores printed by users of sglang and llama.cpp.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metier.diagnosis.checks import (
    Check,
    largest_difference,
    make_check,
    score_tolerance,
    severity,
    vector_tolerance,
)
from metier.models.catalog import CatalogMatch
from metier.models.embedder import Embedder, Side
from metier.models.reranker import Reranker
from metier.progress import NoProgress

QUERIES = ("What is the capital of China?", "Explain gravity")
DOCUMENTS = (
    "The capital of China is Beijing.",
    "Gravity is a force that attracts two bodies towards each other. It gives weight to physical "
    "objects and is responsible for the movement of planets around the sun.",
)

MATRICES = {
    "Qwen/Qwen3-Embedding-0.6B": ((0.7645568, 0.1414251), (0.1354974, 0.5999550)),
    "Qwen/Qwen3-Embedding-4B": ((0.7534, 0.1147), (0.0320, 0.6258)),
    "Qwen/Qwen3-Embedding-8B": ((0.7493, 0.0751), (0.0880, 0.6318)),
}
"""Cosines of `QUERIES` (rows) with `DOCUMENTS`, from the model cards."""

_OTHERS = "bfloat16"
"""Format of the programs that printed the scores, or a coarser one."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """First elements of the vector of one text, in float32 and, where published, in int8."""

    name: str
    text: str
    side: Side
    float32: tuple[float, ...]
    int8: tuple[float, ...] | None = None

    def numbers(self, dtype: str) -> tuple[float, ...]:
        """The elements that a model running in `dtype` is compared with."""
        return self.int8 if dtype == "int8" and self.int8 is not None else self.float32


@dataclass(frozen=True, slots=True)
class _Scores:
    """Scores of documents for one query under a task; None is the model's default."""

    name: str
    query: str
    documents: tuple[str, ...]
    task: str | None
    scores: tuple[float, ...]


BEGINNINGS = {
    "Qwen/Qwen3-Embedding-0.6B": (
        Beginning(
            "document vector",
            "hello world",
            "document",
            (-0.01476084, 0.01723184, -0.01195498, -0.07275258, 0.00281229),
            (-0.01599521, 0.01676456, -0.01195119, -0.07132675, 0.00346729),
        ),
        Beginning(
            "query vector",
            "hello world",
            "query",
            (-0.01908712, 0.01635596, -0.00356586, -0.03947155, -0.01387356),
            (-0.02221339, 0.01932909, -0.00361797, -0.03888897, -0.01362813),
        ),
        Beginning(
            "question vector",
            "What is deep learning",
            "query",
            (-0.02223216, -0.03601024, 0.00113771, -0.00686499, -0.06645694),
        ),
    ),
}

SCORES = {
    "Qwen/Qwen3-Reranker-0.6B": (
        _Scores(
            "Chinese scores",
            "法国首都是哪里？",  # noqa: RUF001  # as it was printed
            ("法国的首都是巴黎。", "德国的首都是柏林。", "香蕉是黄色的水果。"),
            "Given a web search query, retrieve relevant passages that answer the query.",
            (0.79819, 2.03e-4, 4.64e-6),
        ),
        _Scores(
            "English scores",
            "what is the capital of France",
            (
                "Paris is the capital of France.",
                "The Eiffel Tower is a landmark located in Paris.",
                "Photosynthesis converts sunlight into chemical energy.",
            ),
            None,
            (0.9971, 0.0072, 0.0),
        ),
    ),
}


def published_vector_checks(embedder: Embedder, recognized: CatalogMatch) -> list[Check]:
    """Compare an embedder with what was published of the released model; empty without that."""
    allowed = vector_tolerance(embedder.dtype)
    checks = []
    matrix = MATRICES.get(recognized.model.id)
    if matrix is not None:
        queries = _vectors(embedder, QUERIES, "query")
        cosines = queries @ _vectors(embedder, DOCUMENTS, "document").T
        checks.append(_comparison("model card example", cosines, matrix, allowed, recognized))
    for beginning in BEGINNINGS.get(recognized.model.id, ()):
        printed = beginning.numbers(embedder.dtype)
        vector = _vectors(embedder, [beginning.text], beginning.side)[0, : len(printed)]
        checks.append(_comparison(beginning.name, vector, printed, allowed, recognized))
    return checks


def published_score_checks(reranker: Reranker, recognized: CatalogMatch) -> list[Check]:
    """Compare a reranker with what was published of the released model; empty without that."""
    allowed = score_tolerance(_OTHERS, reranker.dtype)
    checks = []
    for printed in SCORES.get(recognized.model.id, ()):
        scored = reranker.score(
            printed.query, printed.documents, task=printed.task, progress=NoProgress()
        )
        checks.append(_comparison(printed.name, scored.scores, printed.scores, allowed, recognized))
    return checks


def _vectors(embedder: Embedder, texts: Sequence[str], side: Side) -> npt.NDArray[np.float32]:
    prompt = embedder.prompt(None, side)
    dim = embedder.profile.dim
    return embedder.embed(texts, prompt=prompt, dim=dim, progress=NoProgress()).vectors


def _comparison(
    name: str,
    values: npt.NDArray[np.float32],
    printed: npt.ArrayLike,
    allowed: float,
    recognized: CatalogMatch,
) -> Check:
    difference = largest_difference(values, np.asarray(printed))
    return make_check(
        name,
        "golden",
        difference <= allowed,
        f"differs from the published values of {recognized.model.id} by {difference:.1e} "
        f"(allowed {allowed:.0e})",
        fix="Download the model again, and compare with dtype='float32'."
        if recognized.by == "id"
        else "It has the shape of that model; its weights may be trained further (a fine-tune).",
        otherwise=severity(recognized),
    )
