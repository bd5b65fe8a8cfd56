"""Whether the vectors and scores of a server are plausible: a few texts, sent on connecting.

What is not plausible comes with its likely cause. Sources: the issues of text-embeddings-inference
(a causal mask that is left out in batches of equal lengths), of vLLM and llama.cpp (rerankers
without their template or head), and of Qwen3-Embedding (a closing token that older copies lack).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from metier.models.qwen3.templates import END_OF_TEXT
from metier.progress import NoProgress

if TYPE_CHECKING:
    from metier.models.remote.remote_embedder import RemoteEmbedder
    from metier.models.remote.remote_reranker import RemoteReranker

TEXT = "The harbor was closed for two days because of the storm."
RELATED = "Bad weather kept ships from entering the port for two days"
UNRELATED = "He baked a chocolate cake with cherries in spite of the storm."
LONG = f"{UNRELATED} " * 8

LEAST_COSINE = 0.995
"""Between vectors of one text in different requests; half precision gives 0.999 and more."""

LEAST_CLOSED = 0.8
"""Between a text and the same text with a closing token more."""


LEAST_NORM, MOST_NORM = 0.98, 1.02
"""Of a vector that is normalized; half precision rounds it."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What the answers of a server show.

    Attributes:
        name: a few words.
        measured: with numbers, and what is right.
        cause: what is likely the reason where that is not plausible; None where it is.
        is_wrong: whether results are wrong then; else something to know.
    """

    name: str
    measured: str
    cause: str | None = None
    is_wrong: bool = True


def observe_embedder(embedder: RemoteEmbedder) -> list[Observation]:
    """Send a text alone, twice in a request, and among others, and compare its vectors.

    What a request of several texts shows is left out where a request has only one.

    Raises:
        ModelServerError: the server does not answer these requests.
    """
    alone = embedder.probe([TEXT])
    twice = embedder.probe([TEXT, TEXT])
    among = embedder.probe([LONG, TEXT, RELATED, UNRELATED])
    observations = [_length(alone[0])]
    if embedder.limits.max_rows >= len(twice):
        observations.append(
            _same(
                "equal lengths",
                min(_cosine(alone[0], vector) for vector in twice),
                "twice in one",
                "the server leaves the causal mask out where all texts have the same length, as "
                "text-embeddings-inference does on CPUs",
            )
        )
    if embedder.limits.max_rows >= len(among):
        observations.append(
            _same(
                "padding",
                _cosine(alone[0], among[1]),
                "with longer texts in one",
                "the server's padding changes vectors: pooling takes a token of the padding, or "
                "positions count it",
            )
        )
    observations.append(_ranking(_cosine(among[1], among[2]), _cosine(among[1], among[3])))
    if embedder.model.instructions != "none":
        closed = embedder.probe([TEXT + END_OF_TEXT])
        observations.append(_closing(_cosine(alone[0], closed[0])))
    return observations


def observe_reranker(reranker: RemoteReranker) -> list[Observation]:
    """Score a relevant and an irrelevant document.

    Raises:
        ModelServerError: the server does not answer these requests.
    """
    query = "Why could ships not enter the harbor?"
    scored = reranker.score(query, [RELATED, UNRELATED], task=None, progress=NoProgress())
    relevant, irrelevant = (float(score) for score in scored.scores)
    measured = f"a relevant document scores {relevant:.3f} and an irrelevant one {irrelevant:.3f}"
    return [
        Observation("relevance at the server", measured, _cause_of_scores(relevant, irrelevant))
    ]


def _cause_of_scores(relevant: float, irrelevant: float) -> str | None:
    if abs(relevant - 0.5) < 1e-3 and abs(irrelevant - 0.5) < 1e-3:
        return "the weights of the answers yes and no were not loaded: the output head is missing"
    if max(relevant, irrelevant) < 1e-6:
        return "the model was converted without its output head"
    if min(relevant, irrelevant) >= 0.5 and max(relevant, irrelevant) <= 0.7311:
        return "the sigmoid is applied twice, which leaves scores between 0.5 and 0.731"
    if relevant <= irrelevant:
        return (
            "the server does not render the template of the model; rerank_template = false sends it"
        )
    return None


def _length(vector: npt.NDArray[np.float32]) -> Observation:
    norm = float(np.linalg.norm(vector.astype(np.float64)))
    cause = "the server does not normalize, or cuts vectors after it has; they are normalized here"
    return Observation(
        "vector length",
        f"vectors have the length {norm:.3f}",
        None if LEAST_NORM <= norm <= MOST_NORM else cause,
        is_wrong=False,
    )


def _same(name: str, cosine: float, where: str, cause: str) -> Observation:
    return Observation(
        name,
        f"the vectors of a text alone in a request and {where} have the cosine {cosine:.3f} (at "
        f"least {LEAST_COSINE} is right)",
        None if cosine >= LEAST_COSINE else f"{cause}; max_rows = 1 avoids it",
    )


def _ranking(related: float, unrelated: float) -> Observation:
    cause = (
        "the wrong pooling, or a tokenizer without the closing token. Qwen3-Embedding takes the "
        "last token, which llama.cpp has to be told"
    )
    return Observation(
        "related texts",
        f"two texts of one meaning have the cosine {related:.3f}, and two that only end in the "
        f"same words {unrelated:.3f}",
        None if related > unrelated else cause,
    )


def _closing(cosine: float) -> Observation:
    cause = (
        f"the server does not close texts with {END_OF_TEXT}, as copies of Qwen3-Embedding from "
        "before June 2025"
    )
    return Observation(
        "end of texts",
        f"a text with and without {END_OF_TEXT} after it has the cosine {cosine:.3f} (at least "
        f"{LEAST_CLOSED} is right)",
        None if cosine >= LEAST_CLOSED else cause,
    )


def _cosine(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> float:
    if len(first) != len(second):
        return 0.0
    norms = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / norms if norms else 0.0
