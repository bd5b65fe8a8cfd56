"""Clauses against the positions of a playbook: match, deviation, missing or unclear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from metier.plugin import ChecklistQuestion
from metier_legal.review.findings import Level, PositionFinding, Status, Verdict
from metier_legal.review.quantities import without_references
from metier_legal.review.wording import differences, quantity_differences

if TYPE_CHECKING:
    from metier.plugin import Runtime

_TIE = 0.02
"""Difference of cosines below which two positions are equally near."""

_LEAST_RELATED = 0.6
"""Share of the similarity of a near position from which another one speaks of the same."""

_LEVELS: tuple[Level, ...] = ("preferred", "acceptable", "unacceptable")


class _Comparison(NamedTuple):
    """A position with the passage that is nearest to it.

    Attributes:
        level: of the position.
        position: as the playbook has it.
        similarity: cosine of the two.
        quote: the passage.
        reasons: why the passage is not as the position says.
    """

    level: Level
    position: str
    similarity: float
    quote: str
    reasons: tuple[str, ...]


class PositionJudge:
    """Compares passages with the positions of the questions of a checklist.

    Args:
        rt: the Runtime.
        questions: with positions or without.
        instruction: id of the one that passages and positions are embedded under.
        dim: vector size.
    """

    def __init__(
        self,
        rt: Runtime,
        questions: Sequence[ChecklistQuestion],
        *,
        instruction: str,
        dim: int | None,
    ) -> None:
        self._rt = rt
        self._instruction = instruction
        self._dim = dim
        self._positions: dict[str, list[tuple[Level, str]]] = {
            question.id: [
                (level, position) for level in _LEVELS for position in getattr(question, level)
            ]
            for question in questions
            if question.has_positions
        }
        self._examples = {
            question.id: question.examples for question in questions if question.has_positions
        }
        self._near: dict[str, float] = {}

    def judge(
        self, question: str, status: Status, passages: Sequence[str]
    ) -> PositionFinding | None:
        """The verdict on what a contract says; None where the playbook says nothing about it.

        Args:
            question: its id.
            status: whether the contract has such a clause.
            passages: sentences of the clauses that answer the question.
        """
        positions = self._positions.get(question)
        if not positions:
            return None
        if status == "missing" or not passages:
            wanted = next((text for level, text in positions if level != "unacceptable"), "")
            reason = "the contract has no such clause" if wanted else ""
            return PositionFinding(verdict="MISSING", position=wanted, reason=reason)
        comparisons = self._compare(positions, passages)
        finding = _verdict(comparisons, self._least(question))
        # what agrees with an unacceptable position is one whatever the clause is called
        if status == "not sure" and finding.level != "unacceptable":
            reason = "whether this is such a clause is not certain"
            reason = f"{reason}; {finding.reason}" if finding.reason else reason
            return finding.model_copy(update={"verdict": "UNCLEAR", "reason": reason})
        return finding

    def _compare(
        self, positions: Sequence[tuple[Level, str]], passages: Sequence[str]
    ) -> list[_Comparison]:
        vectors = self._embed([text for _, text in positions])
        cosines = vectors @ self._embed(passages).T
        comparisons = []
        for (level, position), row in zip(positions, cosines, strict=True):
            best = int(row.argmax())
            quote = passages[best]
            comparisons.append(
                _Comparison(
                    level, position, round(float(row[best]), 4), quote,
                    tuple(differences(position, quote)),
                )
            )  # fmt: skip
        return comparisons

    def _least(self, question: str) -> float:
        """Similarity from which a passage speaks of the same as a position.

        It is what examples of the question have to their nearest other ones, but for a quarter.
        """
        if question not in self._near:
            vectors = self._embed(self._examples[question])
            cosines = vectors @ vectors.T
            np.fill_diagonal(cosines, -1.0)
            nearest = cosines.max(axis=1)
            self._near[question] = float(np.quantile(nearest, 0.25)) if len(vectors) > 1 else 0.5
        return self._near[question]

    def _embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        plain = [without_references(text) for text in texts]
        return np.asarray(
            self._rt.embed_documents(plain, instruction=self._instruction, dim=self._dim)
        )


def _verdict(comparisons: Sequence[_Comparison], least: float) -> PositionFinding:
    """The verdict of the nearest position that the contract does not contradict."""
    near = sorted(
        (item for item in comparisons if item.similarity >= least),
        key=lambda item: (-item.similarity, _LEVELS.index(item.level)),
    )
    if not near:
        nearest = max(comparisons, key=lambda item: item.similarity)
        wanted = _first_choice(comparisons, least * _LEAST_RELATED)
        amounts = [] if wanted is None else quantity_differences(wanted.position, wanted.quote)
        if wanted is not None and amounts:
            return _finding("DEVIATION", wanted, "; ".join(amounts))
        return _finding("UNCLEAR", nearest, "no position of the playbook is near")
    agreeing = [item for item in near if not item.reasons]
    if not _decides(agreeing, near):
        if all(item.level == "unacceptable" for item in near):
            return _finding("UNCLEAR", near[0], f"unlike the position: {near[0].reasons[0]}")
        wanted = _first_choice(comparisons, least * _LEAST_RELATED)
        assert wanted is not None  # one that is near is
        return _finding("DEVIATION", wanted, "; ".join(wanted.reasons))
    best = agreeing[0]
    is_refused = best.level == "unacceptable"
    rivals = [
        item for item in agreeing
        if (item.level == "unacceptable") != is_refused
        and item.similarity > best.similarity - _TIE
    ]  # fmt: skip
    if rivals:
        reason = "as near to an unacceptable position as to one that is not"
        return _finding("UNCLEAR", best, reason)
    if is_refused:
        return _finding("DEVIATION", best, "says what an unacceptable position says")
    return _finding("MATCH", best, "")


def _decides(agreeing: Sequence[_Comparison], near: Sequence[_Comparison]) -> bool:
    """Whether the first agreeing position decides: one that is refused has to be the nearest."""
    if not agreeing:
        return False
    return agreeing[0].level != "unacceptable" or not any(
        item.level != "unacceptable" and item.similarity > agreeing[0].similarity + _TIE
        for item in near
    )


def _first_choice(comparisons: Sequence[_Comparison], least: float) -> _Comparison | None:
    """The position to say differences from: a preferred one before those that are acceptable."""
    wanted = [
        item for item in comparisons
        if item.level != "unacceptable" and item.similarity >= least and item.reasons
    ]  # fmt: skip
    return min(wanted, key=lambda item: (_LEVELS.index(item.level), -item.similarity), default=None)


def _finding(verdict: Verdict, item: _Comparison, reason: str) -> PositionFinding:
    return PositionFinding(
        verdict=verdict,
        level=item.level,
        position=item.position,
        reason=reason,
        similarity=item.similarity,
        quote=item.quote,
    )
