"""The ranking of what a search found: every stage after the candidates are there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from metier.registry.retrieval_settings import RetrievalSettings
from metier.retrieval.feedback import feedback

CANDIDATES = 100
"""How many chunks each kind of search brings, at least: by vectors, and by terms."""

CLOSE_LOOK = 50
"""How many of the best candidates are compared token by token and by their headings, and how many a
reranker reads, at least: what costs a forward of a model for each."""

Score = Callable[[Sequence[int]], npt.NDArray[np.float32]]
"""Places of some candidates -> a score of each."""

Terms = Callable[[Sequence[int]], Sequence[Sequence[str]]]
"""Places of some candidates -> the terms of each."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Chunks that may answer a query, each with its score of every first stage.

    Attributes:
        ids: of n chunks, each once.
        documents: id of the document of each.
        dense: (n,) cosines with the query.
        lexical: (n,) BM25 as a share of the best thinkable; None without lexical search.
    """

    ids: Sequence[str]
    documents: Sequence[str]
    dense: npt.NDArray[np.float32]
    lexical: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class RankedDocument:
    """A document in its place.

    Attributes:
        place: of its best chunk among the candidates.
        score: what documents are ordered by.
        scores: of each stage, that of the document's best chunk in it: `dense`, `lexical`,
            `aspect`, `interaction`, `heading`, `feedback`, their weighted mean `fused`, and
            `rerank`. A stage that did not look at the document is missing.
    """

    place: int
    score: float
    scores: dict[str, float] = field(default_factory=dict)


def chunks_wanted(top_k: int) -> int:
    """How many chunks each kind of search brings for so many documents."""
    return max(CANDIDATES, 2 * top_k)


def rank(
    candidates: Candidates,
    settings: RetrievalSettings,
    top_k: int,
    *,
    aspect: Score | None = None,
    interaction: Score | None = None,
    heading: Score | None = None,
    terms: Terms | None = None,
    rerank: Score | None = None,
) -> list[RankedDocument]:
    """Order the documents of candidates, best first, equal ones by id.

    The stages' scores are fused as their weighted mean. Each has a range of its own that does not
    depend on what else was found, so a score means the same in every search (a convex combination
    with theoretical bounds, which Bruch, Gai and Ingber 2023 find better than reciprocal ranks).
    Only feedback is about what was found. Of each stage a document has the score of its best chunk.
    A chunk that a stage did not look at counts in it as much as the worst that it did.

    Args:
        candidates: what was found.
        settings: weights of the stages.
        top_k: how many documents.
        aspect: likeness to what the query asks of its subject; None where nothing is known.
        interaction: late interaction with candidates; None where the model has none.
        heading: likeness of the headings of candidates; None where none of them has one.
        terms: of candidates, for feedback; None for none.
        rerank: a reranker's probabilities of candidates; None where none is wanted.
    """
    if not candidates.ids:
        return []
    stages = {"dense": candidates.dense}
    if candidates.lexical is not None:
        stages["lexical"] = candidates.lexical
    if aspect is not None and settings.aspect:
        stages["aspect"] = aspect(range(len(candidates.ids)))
    weights = settings.weights
    if not any(weights[name] for name in stages):
        weights["dense"] = 1.0  # a query without terms, in a search by terms alone
    looked: dict[str, set[int]] = {}
    closely = {
        name: score
        for name, score in (("interaction", interaction), ("heading", heading))
        if score is not None and weights[name]
    }
    if closely:
        places = _best(stages, weights, candidates.ids, CLOSE_LOOK)
        for name, score in closely.items():
            stages[name] = _filled(len(candidates.ids), places, score(places))
            looked[name] = set(places)
    if terms is not None and settings.feedback and _tells(stages, weights):
        places = _best(stages, weights, candidates.ids, CANDIDATES)
        stages["feedback"] = _filled(len(candidates.ids), places, feedback(terms(places)))
        looked["feedback"] = set(places)
    chunks: dict[str, list[int]] = {}
    for place, document in enumerate(candidates.documents):
        chunks.setdefault(document, []).append(place)
    names = list(chunks)
    best = {
        name: np.array([scores[chunks[document]].max() for document in names])
        for name, scores in stages.items()
    }
    each, fused = _fused(stages, weights), _fused(best, weights)
    found = []
    for number, document in enumerate(names):
        places = chunks[document]
        shown = min(places, key=lambda one: (-each[one], candidates.ids[one]))
        scores = {name: round(float(values[number]), 6) for name, values in best.items()}
        for stage, seen in looked.items():
            if not seen.intersection(places):
                del scores[stage]
        scores["fused"] = float(fused[number])
        found.append(RankedDocument(shown, scores["fused"], scores))
    found.sort(key=lambda one: (-one.score, candidates.documents[one.place]))
    if rerank is None:
        return found[:top_k]
    return _reranked(found[: max(top_k, CLOSE_LOOK)], candidates, rerank)[:top_k]


def _tells(stages: Mapping[str, npt.NDArray[np.float32]], weights: Mapping[str, float]) -> bool:
    """Whether any stage that counts found anything: without, there is no best."""
    return any(weights[name] and scores.any() for name, scores in stages.items())


def _fused(
    stages: Mapping[str, npt.NDArray[np.float32]], weights: Mapping[str, float]
) -> npt.NDArray[np.float64]:
    """Weighted means, rounded: what is equal but for the last bits is a tie."""
    total = sum(weights[name] * scores.astype(np.float64) for name, scores in stages.items())
    mean: npt.NDArray[np.float64] = np.round(total / sum(weights[name] for name in stages), 6)
    return mean


def _best(
    stages: Mapping[str, npt.NDArray[np.float32]],
    weights: Mapping[str, float],
    ids: Sequence[str],
    count: int,
) -> list[int]:
    """Places of the best by the stages so far, the best first."""
    fused = _fused(stages, weights)
    return sorted(range(len(ids)), key=lambda place: (-fused[place], ids[place]))[:count]


def _filled(
    count: int, places: Sequence[int], found: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """A score for all, of what was not looked at the lowest that was found."""
    scores = np.full(count, found.min(), dtype=np.float32)
    scores[list(places)] = found
    return scores


def _reranked(
    found: Sequence[RankedDocument], candidates: Candidates, rerank: Score
) -> list[RankedDocument]:
    """In the order of the reranker, equal ones as they stood before."""
    probabilities = rerank([one.place for one in found])
    scored = [
        RankedDocument(one.place, score, {**one.scores, "rerank": score})
        for one, score in zip(found, (round(float(p), 6) for p in probabilities), strict=True)
    ]
    return sorted(scored, key=lambda one: -one.score)  # stable: ties as they stood before
