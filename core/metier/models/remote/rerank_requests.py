"""How each kind of server is asked to rerank, and how its answers are read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from metier.models.remote.embedding_requests import unusable


@dataclass(frozen=True, slots=True)
class RerankShape:
    """The rerank requests of one kind of server.

    Attributes:
        path: appended to the address of the server.
        documents_key: what the request calls the documents.
        task_key: what it calls the instruction; empty where it has none.
        is_nested: whether texts are in `input` and settings in `parameters`.
        has_model: whether the request names the model.
    """

    path: str
    documents_key: str = "documents"
    task_key: str = ""
    is_nested: bool = False
    has_model: bool = True

    def body(
        self, model: str, query: str, documents: Sequence[str], task: str | None
    ) -> dict[str, Any]:
        """The JSON of a request.

        Args:
            model: its name at the server.
            query: in the user's words.
            documents: as the server is to read them.
            task: instruction to send; None to leave it out.
        """
        texts: dict[str, Any] = {"query": query, self.documents_key: list(documents)}
        named = {"model": model} if self.has_model else {}
        instruction = {self.task_key: task} if self.task_key and task is not None else {}
        if self.is_nested:
            settings = {"return_documents": False, "top_n": len(documents), **instruction}
            return named | {"input": texts, "parameters": settings}
        if self.documents_key == "texts":
            settings = {"raw_scores": False, "return_text": False, "truncate": False}
        else:
            settings = {"return_documents": False, "top_n": len(documents)}
        return named | texts | settings | instruction


RERANK_SHAPES: Mapping[str, RerankShape] = {
    "cohere": RerankShape("/v1/rerank"),
    "tei": RerankShape("/rerank", documents_key="texts", has_model=False),
    "sglang": RerankShape("/v1/rerank", task_key="instruct"),
    "dashscope": RerankShape(
        "/api/v1/services/rerank/text-rerank/text-rerank", task_key="instruct", is_nested=True
    ),
    "dashscope-compatible": RerankShape("/compatible-api/v1/reranks", task_key="instruct"),
    "metier": RerankShape("/v1/rerank", task_key="instruction"),
}
"""By the name that a profile gives; those of Jina, Cohere, vLLM, infinity and LocalAI are alike."""


def rerank_scores(answer: Any, count: int) -> npt.NDArray[np.float32]:
    """The scores of an answer, in the order of the documents.

    Servers call the list `results`, `output.results` or `data`, or answer with it alone, and a
    score `relevance_score` or `score`.

    Returns:
        (count,) float32 in [0, 1].

    Raises:
        ModelServerError: the answer is something else, or a score is not between 0 and 1.
    """
    rows = answer
    for key in ("output", "results", "data"):
        if isinstance(rows, Mapping) and key in rows:
            rows = rows[key]
    if not isinstance(rows, list):
        raise unusable("It holds no list of results.")
    if len(rows) != count:
        raise unusable(f"It has {len(rows)} results, and {count} documents were sent.")
    scores = np.full(count, np.nan, dtype=np.float64)
    for position, row in enumerate(rows):
        entry = row if isinstance(row, Mapping) else {}
        index, score = entry.get("index"), entry.get("relevance_score", entry.get("score"))
        if type(index) is not int or not 0 <= index < count:
            raise unusable(f"Result {position} has an index that is none of 0 to {count - 1}.")
        if not math.isnan(scores[index]):
            raise unusable(f"Result {position} has the index {index}, as one before it.")
        if type(score) not in (int, float) or not -1e-6 <= score <= 1 + 1e-6:
            raise unusable(
                f"The score of document {index} is no probability. A server that returns raw "
                "scores has to be told to return probabilities."
            )
        scores[index] = score
    return np.clip(scores, 0.0, 1.0).astype(np.float32)
