"""Ranking: the stages of a search run over its candidates, and documents are put in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from metier.errors import PluginError
from metier.retrieval.stages.stage import SearchContext, SearchPhase, SearchStage
from metier.retrieval.stages.table import FUSED, call_stage

CANDIDATES = 100
"""How many chunks each kind of search brings at least: by vectors, and by terms."""

RERANKED = 50
"""How many documents a reranker reads at least."""


@dataclass(frozen=True, slots=True)
class RankedDocument:
    """A document with its scores.

    Attributes:
        position: of its best chunk among the candidates.
        score: what documents are ordered by.
        scores: of each stage by name, that of the document's best chunk in it, and their weighted
            mean `fused`. A stage that did not look at the document is missing.
    """

    position: int
    score: float
    scores: dict[str, float] = field(default_factory=dict)


def candidate_count(top_k: int) -> int:
    """How many chunks each kind of search brings for so many documents."""
    return max(CANDIDATES, 2 * top_k)


def rank(context: SearchContext, stages: Iterable[SearchStage], top_k: int) -> list[RankedDocument]:
    """Order the documents of candidates, best first, equal ones by id.

    The stages' scores are fused as their weighted mean. Each has a range of its own that does not
    depend on what else was found, so a score means the same in every search (a convex combination
    with theoretical bounds, which Bruch, Gai and Ingber 2023 find better than reciprocal ranks).
    Only feedback is about what was found. Of each stage a document has the score of its best chunk.
    A chunk that a stage did not look at counts in it as much as the worst that it did.

    Args:
        context: the query and its candidates.
        stages: those of the search; what has no weight is left out.
        top_k: how many documents.
    """
    if not context.candidates:
        return []
    phases: dict[SearchPhase, list[SearchStage]] = {phase: [] for phase in SearchPhase}
    for stage in stages:
        counts = stage.always or context.weights[stage.name]
        if counts and call_stage(stage, stage.applies, context):
            phases[stage.phase].append(stage)
    scored = _ScoredCandidates(context)
    for phase in (SearchPhase.ALL, SearchPhase.CLOSE_LOOK, SearchPhase.FEEDBACK):
        scored.run(phase, phases[phase])
    documents = scored.documents()
    for stage in phases[SearchPhase.RERANK]:
        documents = _reranked(documents[: max(top_k, RERANKED)], context, stage)
    return documents[:top_k]


class _ScoredCandidates:
    """The scores of candidates by stage, as far as stages have run."""

    def __init__(self, context: SearchContext) -> None:
        self._context = context
        self._ids = [candidate.id for candidate in context.candidates]
        self._weights = dict(context.weights)
        self._scores: dict[str, npt.NDArray[np.float32]] = {}
        self._looked_at: dict[str, set[int]] = {}

    def run(self, phase: SearchPhase, stages: Sequence[SearchStage]) -> None:
        """Run the stages of a phase."""
        if phase is SearchPhase.ALL:
            for stage in stages:
                self._scores[stage.name] = _scores(stage, self._context, range(len(self._ids)))
            if not any(self._weights[name] for name in self._scores):
                self._weights["dense"] = 1.0  # a query without terms, in a search by terms alone
            return
        if not stages or (phase is SearchPhase.FEEDBACK and not self._has_a_match()):
            return
        close = phase is SearchPhase.CLOSE_LOOK
        positions = self._best(self._context.settings.close_look if close else CANDIDATES)
        for stage in stages:
            scores = _scores(stage, self._context, positions)
            # what was not looked at has the lowest score that was given
            filled = np.full(len(self._ids), scores.min(), dtype=np.float32)
            filled[positions] = scores
            self._scores[stage.name] = filled
            self._looked_at[stage.name] = set(positions)

    def documents(self) -> list[RankedDocument]:
        """The documents of the candidates, best first."""
        chunks: dict[str, list[int]] = {}
        for position, candidate in enumerate(self._context.candidates):
            chunks.setdefault(candidate.document_id, []).append(position)
        best = {
            name: np.array([scores[positions].max() for positions in chunks.values()])
            for name, scores in self._scores.items()
        }
        by_chunk, by_document = self._fused(self._scores), self._fused(best)
        ranked = []
        for row, (document, positions) in enumerate(chunks.items()):
            shown = min(positions, key=lambda position: (-by_chunk[position], self._ids[position]))
            scores = {
                name: round(float(values[row]), 6)
                for name, values in best.items()
                if not self._looked_at.get(name, set(positions)).isdisjoint(positions)
            }
            scores[FUSED] = float(by_document[row])
            ranked.append((document, RankedDocument(shown, scores[FUSED], scores)))
        ranked.sort(key=lambda pair: (-pair[1].score, pair[0]))
        return [document for _, document in ranked]

    def _best(self, count: int) -> list[int]:
        """Positions of the best by the stages so far, the best first."""
        fused = self._fused(self._scores)
        ranked = sorted(range(len(self._ids)), key=lambda row: (-fused[row], self._ids[row]))
        return ranked[:count]

    def _fused(self, stages: Mapping[str, npt.NDArray[np.float32]]) -> npt.NDArray[np.float64]:
        """Weighted means, rounded: what is equal but for the last bits is a tie."""
        weights = self._weights
        total = sum(weights[name] * scores.astype(np.float64) for name, scores in stages.items())
        mean: npt.NDArray[np.float64] = np.round(total / sum(weights[name] for name in stages), 6)
        return mean

    def _has_a_match(self) -> bool:
        """Whether any stage that counts found anything: if not, there is no best."""
        return any(self._weights[name] and scores.any() for name, scores in self._scores.items())


def _scores(
    stage: SearchStage, context: SearchContext, positions: Sequence[int]
) -> npt.NDArray[np.float32]:
    """The scores of a stage, checked: a plugin may have made it.

    Raises:
        PluginError: they are not one finite number for each candidate.
    """
    returned = call_stage(stage, stage.scores, context, positions)
    try:
        with np.errstate(over="ignore"):
            scores = np.asarray(returned, dtype=np.float32)
    except (TypeError, ValueError):
        scores = np.full(len(positions), np.nan, dtype=np.float32)  # of no numbers
    if scores.shape != (len(positions),) or not np.isfinite(scores).all():
        raise PluginError(
            f"The search stage {stage.name!r} gave no scores for {len(positions)} candidates.",
            why=f"An array of shape {scores.shape} came"
            + ("." if np.isfinite(scores).all() else ", with NaN or infinity in it."),
            fix="Let scores() return one finite number for each position.",
        )
    return scores


def _reranked(
    documents: Sequence[RankedDocument], context: SearchContext, stage: SearchStage
) -> list[RankedDocument]:
    """In the order of a reranker, equal ones as they stood before."""
    probabilities = _scores(stage, context, [document.position for document in documents])
    scored = [
        RankedDocument(document.position, score, {**document.scores, stage.name: score})
        for document, score in zip(
            documents, (round(float(score), 6) for score in probabilities), strict=True
        )
    ]
    return sorted(scored, key=lambda document: -document.score)  # stable
