"""Result of legal/nda-check: agreements against hypotheses, each with its evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from metier.plugin import Column, DocumentPosition, MarkTone, Result, Table

Outcome = Literal["ENTAILED", "CONTRADICTED", "NOT MENTIONED"]
Basis = Literal["norm", "words", "similarity"]
Side = Literal["entails", "contradicts"]

OUTCOME_TONES: Mapping[str, MarkTone] = {
    "ENTAILED": "good", "CONTRADICTED": "bad", "NOT MENTIONED": "neutral",
}  # fmt: skip
_SIDE_TONES: Mapping[str, MarkTone] = {"entails": "good", "contradicts": "bad"}

_CONFIDENCE = (
    "confidence is the probability of the outcome of its row: of NOT MENTIONED, that the agreement "
    "says nothing to the hypothesis."
)

_WIDEST = 12
"""Agreements that a terminal has room for, each in a column."""


class HypothesisEvidence(BaseModel):
    """A statement of an agreement that speaks for or against a hypothesis.

    Attributes:
        start: offset of its first character in the agreement.
        end: offset after its last one.
        quote: the words, `text[start:end]`.
        lead: words before a list that it is an entry of.
        clause: label of the clause; empty for what stands before the first heading.
        page: counted from 1; None where the agreement has no pages.
        side: whether it entails or contradicts the hypothesis.
        confidence: probability that it does, in [0, 1].
        norm: what it makes of the terms: prohibited, restricted (prohibited with exceptions),
            permitted, required, exempt (not required), excluded, regardless, ended (a duty that
            ends), or stated.
        words: that decided the side.
        basis: what spoke most for the side: the norm, words that sentences of this side have, or
            similarity to these.
        sign: the nearest sentence of this side in the hypotheses.
        similarity: cosine of the two.
    """

    model_config = ConfigDict(frozen=True)

    start: int
    end: int
    quote: str
    lead: str = ""
    clause: str = ""
    page: int | None = None
    side: Side
    confidence: float
    norm: str
    words: str = ""
    basis: Basis
    sign: str
    similarity: float

    @property
    def reason(self) -> str:
        """What decided the side, in words."""
        if self.basis == "norm":
            return f"{self.norm}: {self.words}" if self.words else self.norm
        if self.basis == "words":
            return f"words: {self.words}"
        return f"similar to: {self.sign}"

    @property
    def location(self) -> str:
        """Clause and page for people."""
        page = f"page {self.page}" if self.page else ""
        return ", ".join(filter(None, (self.clause, page))) or "at the beginning"


class HypothesisFinding(BaseModel):
    """One hypothesis for one agreement.

    Attributes:
        hypothesis: its id.
        title: of the hypothesis.
        statement: what it says.
        group: of hypotheses that people read together.
        outcome: whether the agreement entails or contradicts it, or does not mention it.
        confidence: probability of the outcome, in [0, 1].
        evidence: statements for the outcome, best first, and then those that say otherwise.
    """

    model_config = ConfigDict(frozen=True)

    hypothesis: str
    title: str
    statement: str
    group: str = ""
    outcome: Outcome
    confidence: float
    evidence: tuple[HypothesisEvidence, ...] = ()

    @property
    def best(self) -> HypothesisEvidence | None:
        """The evidence that decided; None where nothing is mentioned."""
        return self.evidence[0] if self.evidence else None

    @property
    def is_disputed(self) -> bool:
        """Whether the agreement also says otherwise."""
        return len({evidence.side for evidence in self.evidence}) > 1


class AgreementFindings(BaseModel):
    """One agreement with its findings.

    Attributes:
        agreement: id of the document.
        findings: one for each hypothesis, in their order.
    """

    model_config = ConfigDict(frozen=True)

    agreement: str
    findings: tuple[HypothesisFinding, ...]

    def finding(self, hypothesis: str) -> HypothesisFinding:
        """The finding of a hypothesis.

        Raises:
            KeyError: there is no such hypothesis.
        """
        for finding in self.findings:
            if finding.hypothesis == hypothesis:
                return finding
        raise KeyError(hypothesis)


class AgreementReport(Result):
    """What agreements say to each hypothesis.

    Attributes:
        threshold: probability from which a hypothesis counts as mentioned, of those without their
            own.
        agreements: in the order of the input.
        one_sided: titles of the hypotheses without contrasts, which nothing contradicts.
    """

    threshold: float
    agreements: tuple[AgreementFindings, ...]
    one_sided: tuple[str, ...] = Field(default=())

    def title(self) -> str:
        return "Nondisclosure agreements"

    def headline(self) -> str:
        counts = Counter(
            finding.outcome for checked in self.agreements for finding in checked.findings
        )
        total = sum(counts.values())
        if len(self.agreements) == 1:
            what = f"{self.agreements[0].agreement}: of {total} hypotheses"
        else:
            what = f"{len(self.agreements)} agreements, {total} outcomes:"
        return (
            f"{what} {counts['ENTAILED']} entailed, {counts['CONTRADICTED']} contradicted, "
            f"{counts['NOT MENTIONED']} not mentioned"
        )

    def notes(self) -> list[str]:
        notes = super().notes()
        if self.one_sided:
            notes.append(
                f"Without contrasts, and so never contradicted: {', '.join(self.one_sided)}."
            )
        return notes

    def tables(self) -> list[Table]:
        is_single = len(self.agreements) == 1
        findings = self._findings_table()
        return [findings] if is_single else [self._matrix(), findings]

    def rows(self) -> list[dict[str, Any]]:
        """One row for each agreement and hypothesis."""
        return [
            _finding_row(checked.agreement, finding)
            for checked in self.agreements
            for finding in checked.findings
        ]

    def _matrix(self) -> Table:
        """Hypotheses against agreements: the outcome in each cell."""
        columns = (
            Column("hypothesis", main=True),
            *(
                Column(checked.agreement, "label", tones=OUTCOME_TONES)
                for checked in self.agreements
            ),
        )
        by_hypothesis = zip(*(checked.findings for checked in self.agreements), strict=True)
        rows = [
            (findings[0].title, *(finding.outcome for finding in findings))
            for findings in by_hypothesis
        ]
        head = len(rows) if len(self.agreements) <= _WIDEST else 0
        return Table("Hypotheses by agreement", columns, rows, head=head)

    def _findings_table(self) -> Table:
        is_single = len(self.agreements) == 1
        columns = (
            *([] if is_single else [Column("agreement", "label", main=True)]),
            Column("hypothesis", main=True),
            Column("outcome", "label", main=True, tones=OUTCOME_TONES),
            Column("evidence"),
            Column("where"),
            Column("confidence", "score"),
            Column("decided by"),
            Column("says otherwise", hidden=True),
            Column("further evidence", hidden=True),
            Column("statement", hidden=True),
            Column("group", "label", hidden=True),
            Column("id of the hypothesis", hidden=True),
        )
        rows = [
            (
                *([] if is_single else [checked.agreement]),
                finding.title,
                finding.outcome,
                finding.best.quote if finding.best else "",
                _position(checked.agreement, finding.best) if finding.best else "",
                finding.confidence,
                finding.best.reason if finding.best else "",
                _positions(checked.agreement, finding, same_side=False),
                _positions(checked.agreement, finding, same_side=True),
                finding.statement,
                finding.group,
                finding.hypothesis,
            )
            for checked in self.agreements
            for finding in checked.findings
        ]
        head = len(rows) if is_single else 0
        return Table("Findings", columns, rows, note=_CONFIDENCE, head=head)


def _position(agreement: str, evidence: HypothesisEvidence) -> DocumentPosition:
    return DocumentPosition(
        agreement, evidence.start, evidence.end, evidence.location, _SIDE_TONES[evidence.side]
    )


def _positions(
    agreement: str, finding: HypothesisFinding, *, same_side: bool
) -> tuple[DocumentPosition, ...] | str:
    """Where further evidence stands, of the side that decided or of the other one."""
    if finding.best is None:
        return ""
    return (
        tuple(
            _position(agreement, evidence)
            for evidence in finding.evidence[1:]
            if (evidence.side == finding.best.side) == same_side
        )
        or ""
    )


def _finding_row(agreement: str, finding: HypothesisFinding) -> dict[str, Any]:
    """A finding as flat columns."""
    best = finding.best
    return {
        "agreement": agreement,
        "hypothesis": finding.hypothesis,
        "title": finding.title,
        "group": finding.group,
        "outcome": finding.outcome,
        "confidence": finding.confidence,
        "evidence": best.quote if best else None,
        "start": best.start if best else None,
        "end": best.end if best else None,
        "clause": best.clause if best else None,
        "page": best.page if best else None,
        "basis": best.basis if best else None,
        "norm": best.norm if best else None,
        "words": best.words if best else None,
        "sign": best.sign if best else None,
        "similarity": best.similarity if best else None,
        "disputed": finding.is_disputed,
        "further": [evidence.quote for evidence in finding.evidence[1:]],
    }
