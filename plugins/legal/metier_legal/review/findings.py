"""What a review finds: one answer for each question of a checklist."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Status = Literal["present", "not sure", "missing"]
Verdict = Literal["MATCH", "DEVIATION", "MISSING", "UNCLEAR"]
Level = Literal["preferred", "acceptable", "unacceptable"]


class Quotation(BaseModel):
    """Where a contract says something: `text[start:end] == quote`.

    Attributes:
        clause: its path of headings on one line; empty before the first heading.
        page: counted from 1; None where the contract has no pages.
        confidence: probability that this passage, by itself, answers the question.
    """

    model_config = ConfigDict(frozen=True)

    quote: str
    start: int
    end: int
    clause: str
    page: int | None
    confidence: float


class PositionFinding(BaseModel):
    """How a clause stands to the positions of a playbook.

    Attributes:
        verdict: `MATCH` with a preferred or acceptable position, `DEVIATION` from them, `MISSING`
            where the contract has no such clause, `UNCLEAR` where a person has to read.
        level: of the position; None where there is none to compare.
        position: the one it was compared with, as the playbook has it: the nearest, and of a
            deviation a preferred one where it speaks of the same.
        reason: in words.
        similarity: cosine of the position and the passage that is nearest to it.
        quote: that passage.
    """

    model_config = ConfigDict(frozen=True)

    verdict: Verdict
    level: Level | None = None
    position: str = ""
    reason: str = ""
    similarity: float | None = None
    quote: str = ""


class ReferenceFinding(BaseModel):
    """How a clause stands to those of a set of reference contracts.

    Attributes:
        contracts: how many contracts the set has.
        share: of them that have such a clause.
        contract: the one with the nearest clause; empty where none has one.
        quote: of that clause.
        similarity: cosine of the two; None where none has one.
        usual: least similarity to the nearest other that clauses of the set have, but for one in
            ten; None where fewer than five contracts have one.
        is_unusual: whether the clause is less similar than that, or is there although fewer than a
            tenth of the contracts have one, or is missing although nine of ten have one.
        lacks: sentences of the nearest clause that this one has nothing near to.
        adds: sentences of this clause that the nearest has nothing near to.
    """

    model_config = ConfigDict(frozen=True)

    contracts: int
    share: float
    contract: str = ""
    quote: str = ""
    similarity: float | None = None
    usual: float | None = None
    is_unusual: bool = False
    lacks: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()


class ClauseFinding(BaseModel):
    """The answer of one contract to one question of a checklist.

    Attributes:
        question: id of the question.
        title: of the question.
        group: of the question.
        expected: whether a contract without it is a finding.
        status: `present`, `missing`, or `not sure`.
        confidence: probability that the contract has it.
        best: the passage that answers, or comes nearest to it; None where nothing is near.
        further: other quotations that answer, best first, one for each clause.
        denial: words with which the passage says that there is no such clause; it is `not sure`
            then, and the confidence is that of the passages that do not.
        position: against the playbook; None where it has no positions for this question.
        reference: against reference contracts; None without them.
    """

    model_config = ConfigDict(frozen=True)

    question: str
    title: str
    group: str = ""
    expected: bool = False
    status: Status
    confidence: float
    best: Quotation | None = None
    further: tuple[Quotation, ...] = ()
    denial: str = ""
    position: PositionFinding | None = None
    reference: ReferenceFinding | None = None

    @property
    def quote(self) -> str:
        """What answers; empty where it is missing."""
        return "" if self.best is None or self.status == "missing" else self.best.quote

    @property
    def is_missing_expected(self) -> bool:
        """Whether it is missing although it is expected."""
        return self.status == "missing" and self.expected

    @property
    def needs_attention(self) -> bool:
        """Whether a reviewer should look at it first."""
        deviates = self.position is not None and self.position.verdict != "MATCH"
        if self.position is not None and self.position.verdict == "MISSING":
            deviates = self.expected or bool(self.position.position)
        unusual = self.reference is not None and self.reference.is_unusual
        return self.is_missing_expected or bool(self.denial) or deviates or unusual

    def notes(self) -> list[str]:
        """What there is to say about it, in sentences."""
        notes = []
        if self.is_missing_expected:
            notes.append("expected, and not found")
        elif self.denial:
            notes.append(f"the words may deny it: {self.denial}")
        elif self.expected and self.status == "not sure":
            notes.append("expected, and not certain to be there")
        if self.position is not None and self.position.reason:
            notes.append(self.position.reason)
        if self.reference is not None:
            notes += _reference_notes(self.reference, self.status)
        return notes


def _reference_notes(reference: ReferenceFinding, status: Status) -> list[str]:
    if not reference.is_unusual:
        return []
    share = f"{reference.share:.0%} of the {reference.contracts} reference contracts have one"
    if status == "missing" or reference.similarity is None:
        return [share]
    if reference.usual is not None and reference.similarity < reference.usual:
        return [f"unlike the reference clauses: nearest {reference.contract}"]
    return [share]
