"""Reviews contracts: every question of a checklist answered, with the passage that answers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from metier.plugin import (
    Checklist,
    ChecklistQuestion,
    ChecklistReader,
    DocumentAnswers,
    Item,
    page_at,
)
from metier_legal.review.denials import Denials
from metier_legal.review.findings import ClauseFinding, Quotation, Status
from metier_legal.review.front_matter import FRONT_MATTER, front_matter
from metier_legal.review.passages import ContractPassage, contract_passages
from metier_legal.review.positions import PositionJudge
from metier_legal.review.reference import ReferenceClause, ReferenceSet
from metier_legal.structure import Contract, read_contract

if TYPE_CHECKING:
    from metier.plugin import Runtime

INSTRUCTION = "legal/clause-classification"

THRESHOLD = 0.5
"""Probability from which a clause counts as present."""

_UNSURE = 0.6
"""Share of the threshold below which a clause counts as missing."""

_CERTAIN = 0.99
"""Probability of what is known by where it stands."""

_MOST_DENIALS = 10
"""Passages among which one is looked for that answers where the best one denies."""

_MOST_FURTHER = 3
_NEAR_BEST = 2.0
"""Log odds by which a further place may be less certain than the best one."""


class ReviewedContract(NamedTuple):
    """A contract with what was found in it."""

    item: Item
    contract: Contract
    findings: tuple[ClauseFinding, ...]


class _Read(NamedTuple):
    item: Item
    contract: Contract
    passages: list[ContractPassage]
    answers: DocumentAnswers


class _Answer(NamedTuple):
    """What a contract answers to a question.

    Attributes:
        status: whether it has such a clause.
        confidence: probability of that.
        rows: of the passages that answer or come nearest, best first.
        denial: words with which the best of them denies it.
    """

    status: Status
    confidence: float
    rows: list[int]
    denial: str


class ContractReviewer:
    """Answers the questions of a checklist for contracts.

    Args:
        rt: the Runtime.
        checklist: with the positions of a playbook, or without.
        ordinary: contracts that show what passages of contracts look like.
        threshold: probability from which a clause is present, of questions without their own.
        dim: vector size.
    """

    def __init__(
        self,
        rt: Runtime,
        checklist: Checklist,
        *,
        ordinary: Sequence[Item] = (),
        threshold: float = THRESHOLD,
        dim: int | None = None,
    ) -> None:
        self._rt = rt
        self._questions = checklist.questions
        self._denials = [Denials(question) for question in checklist.questions]
        self.threshold = threshold
        self._dim = dim
        known = [
            [passage.content for passage in contract_passages(read_contract(item))]
            for item in ordinary
        ]
        self._reader = ChecklistReader(
            rt, checklist, instruction=INSTRUCTION, ordinary=known, dim=dim
        )
        self._judge = PositionJudge(rt, self._questions, instruction=INSTRUCTION, dim=dim)

    @classmethod
    def of(
        cls, rt: Runtime, checklist: Checklist, threshold: float | None, dim: int | None
    ) -> ContractReviewer:
        """The reviewer of a call, which knows the sample contracts of the plugin.

        Args:
            rt: the Runtime.
            checklist: as for the constructor.
            threshold: for all questions; None for those of the checklist.
            dim: vector size.
        """
        if threshold is not None:
            checklist = checklist.with_one_threshold()
        return cls(
            rt,
            checklist,
            ordinary=_sample_contracts(),
            threshold=THRESHOLD if threshold is None else threshold,
            dim=dim,
        )

    def review(
        self, documents: Sequence[Item], reference: ReferenceSet | None = None
    ) -> list[ReviewedContract]:
        """What contracts say to each question, in the order of the checklist.

        Args:
            documents: contracts.
            reference: clauses of other contracts to compare with.
        """
        return [
            ReviewedContract(
                read.item,
                read.contract,
                tuple(
                    self._finding(read, number, reference) for number in range(len(self._questions))
                ),
            )
            for read in self._read(documents)
        ]

    def reference_set(self, documents: Sequence[Item]) -> ReferenceSet:
        """The clauses of reference contracts, by question."""
        clauses: dict[str, list[ReferenceClause]] = {}
        for read in self._read(documents):
            for number, question in enumerate(self._questions):
                answer = self._answer(read, number)
                if answer.status == "present":
                    passages = [read.passages[row].text for row in answer.rows]
                    clauses.setdefault(question.id, []).append(
                        ReferenceClause(read.contract.id, passages)
                    )
        return ReferenceSet(self._rt, INSTRUCTION, self._dim, len(documents), clauses)

    def _read(self, documents: Sequence[Item]) -> list[_Read]:
        contracts = [read_contract(item) for item in documents]
        passages = [contract_passages(contract) for contract in contracts]
        answers = self._reader.read(
            [[passage.content for passage in of_contract] for of_contract in passages]
        )
        return [
            _Read(*parts) for parts in zip(documents, contracts, passages, answers, strict=True)
        ]

    def _finding(self, read: _Read, number: int, reference: ReferenceSet | None) -> ClauseFinding:
        question = self._questions[number]
        status, confidence, rows, denial = self._answer(read, number)
        quotations = [_quotation(read, row, number) for row in rows]
        span = front_matter(read.contract, question.id)
        if span is not None:
            status, confidence, denial = "present", _CERTAIN, ""
            quotations = [_front_quotation(read, *span)]
        position = self._judge.judge(question.id, status, [item.quote for item in quotations])
        if position is not None and position.quote:  # what is quoted is what was compared
            quotations.sort(key=lambda item: item.quote != position.quote)
        quotes = [item.quote for item in quotations]
        return ClauseFinding(
            question=question.id,
            title=question.title,
            group=question.group,
            expected=question.expected,
            status=status,
            confidence=confidence,
            best=quotations[0] if quotations else None,
            further=() if status == "missing" else tuple(quotations[1:]),
            denial=denial,
            position=position,
            reference=(
                None
                if reference is None or question.id in FRONT_MATTER
                else reference.compare(question.id, status, quotes)
            ),
        )

    def _answer(self, read: _Read, number: int) -> _Answer:
        """Whether a contract answers a question, and the passages that do."""
        question, denials = self._questions[number], self._denials[number]
        rows = _best_rows(read, number)
        confidence = float(read.answers.probabilities[number])
        status = self._status(question, confidence) if rows else "missing"
        best = read.passages[rows[0]].text if rows and status != "missing" else ""
        denial = denials.words(best)
        if not denials.rejects(best):
            more = [row for row in rows[1:] if not denials.rejects(read.passages[row].text)]
            return _Answer(status, confidence, [*rows[:1], *more], "")
        order = np.argsort(-read.answers.scores[:, number], kind="stable")[:_MOST_DENIALS]
        others = [int(row) for row in order if not denials.rejects(read.passages[row].text)]
        confidence = float(read.answers.shares[others[0], number]) if others else 0.0
        status = self._status(question, confidence)
        if status == "present" or not denial:
            return _Answer(status, confidence, others[:1] or rows, "")
        return _Answer("not sure", confidence, rows, denial)

    def _status(self, question: ChecklistQuestion, confidence: float) -> Status:
        threshold = self.threshold if question.threshold is None else question.threshold
        if confidence >= threshold:
            return "present"
        return "not sure" if confidence >= _UNSURE * threshold else "missing"


@cache
def _sample_contracts() -> tuple[Item, ...]:
    """The sample contracts of the plugin, which show what contracts read like."""
    folder = Path(str(files("metier_legal") / "samples"))
    return tuple(
        Item(path.name, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.txt"))
    )


def _best_rows(read: _Read, number: int) -> list[int]:
    """Rows of the passages that answer a question, best first: those nearly as certain."""
    scores = read.answers.scores[:, number]
    if not len(scores):
        return []
    order = np.argsort(-scores, kind="stable")
    best = float(scores[order[0]])
    return [
        int(row) for row in order[: _MOST_FURTHER + 1] if scores[row] >= max(best - _NEAR_BEST, 0.0)
    ] or [int(order[0])]


def _front_quotation(read: _Read, start: int, end: int) -> Quotation:
    clause = read.contract.clause_at(start)
    return Quotation(
        quote=read.contract.text[start:end],
        start=start,
        end=end,
        clause="" if clause is None else clause.label,
        page=page_at(read.item.fields, start),
        confidence=_CERTAIN,
    )


def _quotation(read: _Read, row: int, number: int) -> Quotation:
    passage = read.passages[row]
    return Quotation(
        quote=passage.text,
        start=passage.start,
        end=passage.end,
        clause=passage.clause.label,
        page=page_at(read.item.fields, passage.start),
        confidence=float(read.answers.shares[row, number]),
    )
