"""Whether the vectors and scores of a server are plausible: a few texts, sent on connecting.

Each suspicion names its likely cause. Sources: the issues of text-embeddings-inference (a causal
mask that is left out in batches of equal lengths), of vLLM and llama.cpp (rerankers without their
template or head), and of Qwen3-Embedding (a closing token that older copies lack).
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
RELATED = "Bad weather kept ships from entering the port from Monday to Tuesday"
UNRELATED = "He baked a chocolate cake with cherries in spite of the storm."
LONG = f"{UNRELATED} " * 8

LEAST_COSINE = 0.995
"""Between vectors of one text in different requests; half precision gives 0.999 and more."""

LEAST_CLOSED = 0.8
"""Between a text and the same text with a closing token more."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Something that is not as it should be.

    Attributes:
        name: a few words.
        what: what was measured, and the likely cause.
        is_wrong: whether results are wrong; else something to know.
    """

    name: str
    what: str
    is_wrong: bool = True


def suspicions_of_embedder(embedder: RemoteEmbedder) -> list[Suspicion]:
    """Send a text alone, twice in a request, and among others, and compare its vectors.

    Raises:
        ModelServerError: the server does not answer these requests.
    """
    alone = embedder.probe([TEXT])
    twice = embedder.probe([TEXT, TEXT])
    among = embedder.probe([LONG, TEXT, RELATED, UNRELATED])
    suspicions = [
        _length(alone[0]),
        _same(
            "equal lengths",
            min(_cosine(alone[0], vector) for vector in twice),
            "in a request with itself",
            "the server leaves the causal mask out where all texts have the same length, as "
            "text-embeddings-inference does on CPUs",
        ),
        _same(
            "padding",
            _cosine(alone[0], among[1]),
            "in a request with longer texts",
            "the server's padding changes vectors: pooling takes a token of the padding, or "
            "positions count it",
        ),
        _ranking(_cosine(among[1], among[2]), _cosine(among[1], among[3])),
    ]
    if embedder.model.instructions != "none":
        closed = embedder.probe([TEXT + END_OF_TEXT])
        suspicions.append(_closing(_cosine(alone[0], closed[0])))
    return [suspicion for suspicion in suspicions if suspicion is not None]


def suspicions_of_reranker(reranker: RemoteReranker) -> list[Suspicion]:
    """Score a relevant and an irrelevant document.

    Raises:
        ModelServerError: the server does not answer these requests.
    """
    query = "Why could ships not enter the harbor?"
    scored = reranker.score(query, [RELATED, UNRELATED], task=None, progress=NoProgress())
    relevant, irrelevant = (float(score) for score in scored.scores)
    measured = f"a relevant document scores {relevant:.3f} and an irrelevant one {irrelevant:.3f}"
    if abs(relevant - 0.5) < 1e-3 and abs(irrelevant - 0.5) < 1e-3:
        cause = "the weights of the answers yes and no were not loaded: the output head is missing"
    elif max(relevant, irrelevant) < 1e-6:
        cause = "the model was converted without its output head"
    elif min(relevant, irrelevant) >= 0.5 and max(relevant, irrelevant) <= 0.7311:
        cause = "the sigmoid is applied twice, which leaves scores between 0.5 and 0.731"
    elif relevant <= irrelevant:
        cause = (
            "the server does not render the model's chat template; rerank_template = false sends it"
        )
    else:
        return []
    return [Suspicion("scores", f"{measured}. Likely cause: {cause}.")]


def _length(vector: npt.NDArray[np.float32]) -> Suspicion | None:
    norm = float(np.linalg.norm(vector.astype(np.float64)))
    if abs(norm - 1.0) < 0.02:
        return None
    return Suspicion(
        "length",
        f"its vectors have the length {norm:.3f}, not 1. Likely cause: the server does not "
        "normalize, or cuts vectors after it has. They are normalized here.",
        is_wrong=False,
    )


def _same(name: str, cosine: float, where: str, cause: str) -> Suspicion | None:
    if cosine >= LEAST_COSINE:
        return None
    return Suspicion(
        name,
        f"a text has another vector alone than {where} (cosine {cosine:.3f}). Likely cause: "
        f"{cause}. max_rows = 1 avoids it.",
    )


def _ranking(related: float, unrelated: float) -> Suspicion | None:
    if related > unrelated:
        return None
    return Suspicion(
        "pooling",
        f"two texts of one meaning are no nearer (cosine {related:.3f}) than two that only end in "
        f"the same words ({unrelated:.3f}). Likely cause: the wrong pooling, or a tokenizer "
        "without the closing token. Qwen3-Embedding takes the last token, which llama.cpp has to "
        "be told.",
    )


def _closing(cosine: float) -> Suspicion | None:
    if cosine >= LEAST_CLOSED:
        return None
    return Suspicion(
        "closing token",
        f"a text changes much with {END_OF_TEXT} after it (cosine {cosine:.3f}). Likely cause: the "
        "server does not close texts with it, as copies of Qwen3-Embedding from before June 2025.",
    )


def _cosine(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> float:
    if len(first) != len(second):
        return 0.0
    norms = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / norms if norms else 0.0
