"""Result of legal/review-contract: one contract against a checklist and a playbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from metier.plugin import (
    Column,
    DocumentPosition,
    MarkTone,
    Result,
    Table,
)
from metier_legal.review.findings import ClauseFinding, Quotation

STATUS_TONES: Mapping[str, MarkTone] = {
    "present": "good", "not sure": "warning", "missing": "neutral", "missing, expected": "bad",
}  # fmt: skip
VERDICT_TONES: Mapping[str, MarkTone] = {
    "MATCH": "good", "DEVIATION": "bad", "MISSING": "bad", "UNCLEAR": "warning",
}  # fmt: skip

_ATTENTION_TONES: Mapping[str, MarkTone] = {
    **STATUS_TONES, **VERDICT_TONES, "denied": "warning", "unusual": "warning",
}  # fmt: skip

CONFIDENCE_NOTE = (
    "confidence is the probability that the contract has the clause, also where it is missing or "
    "denied."
)

_LISTED = 5
"""Titles that a headline names at most."""


class ContractReview(Result):
    """What one contract says to each question of a checklist, in the order of the checklist.

    Attributes:
        contract: id of the document.
        threshold: probability from which a clause counts as present, of questions without their
            own.
        findings: one for each question.
    """

    contract: str
    threshold: float
    findings: tuple[ClauseFinding, ...]

    @property
    def attention(self) -> list[ClauseFinding]:
        """What to look at first: missing though expected, deviating or unclear, unusual."""
        return sorted(
            (finding for finding in self.findings if finding.needs_attention), key=_urgency
        )

    def finding(self, question: str) -> ClauseFinding:
        """The finding of a question.

        Raises:
            KeyError: the checklist has no such question.
        """
        for finding in self.findings:
            if finding.question == question:
                return finding
        raise KeyError(question)

    def title(self) -> str:
        return "Contract review"

    def headline(self) -> str:
        return review_headline(self.contract, self.findings)

    def tables(self) -> list[Table]:
        tables = [_findings_table(self.contract, self.findings)]
        if self.attention:
            tables.insert(0, _attention_table(self.contract, self.attention))
        return tables

    def rows(self) -> list[dict[str, Any]]:
        """One row for each question."""
        return [finding_row(self.contract, finding) for finding in self.findings]


def review_headline(contract: str, findings: Sequence[ClauseFinding]) -> str:
    """One sentence: how many clauses are there, which expected ones are not, what deviates."""
    statuses = Counter(finding.status for finding in findings)
    parts = [
        f"{contract}: {statuses['present']} of {len(findings)} clause types present, "
        f"{statuses['not sure']} not sure"
    ]
    missing = [finding.title for finding in findings if finding.is_missing_expected]
    if any(finding.expected for finding in findings):
        parts.append(f"expected and missing: {_listed(missing)}")
    verdicts = Counter(finding.position.verdict for finding in findings if finding.position)
    if verdicts:
        parts.append(
            f"positions: {verdicts['MATCH']} match, {verdicts['DEVIATION']} deviate, "
            f"{verdicts['MISSING']} missing, {verdicts['UNCLEAR']} unclear"
        )
    unusual = sum(
        finding.reference is not None and finding.reference.is_unusual for finding in findings
    )
    if any(finding.reference is not None for finding in findings):
        parts.append(f"{unusual} unusual")
    return "; ".join(parts)


def status_label(finding: ClauseFinding) -> str:
    """The status for people."""
    return "missing, expected" if finding.is_missing_expected else finding.status


def finding_row(contract: str, finding: ClauseFinding) -> dict[str, Any]:
    """A finding as flat columns."""
    best = finding.best if finding.status != "missing" else None
    row: dict[str, Any] = {
        "contract": contract,
        "question": finding.question,
        "title": finding.title,
        "group": finding.group,
        "expected": finding.expected,
        "status": finding.status,
        "confidence": finding.confidence,
        "quote": best.quote if best else None,
        "start": best.start if best else None,
        "end": best.end if best else None,
        "clause": best.clause if best else None,
        "page": best.page if best else None,
        "further": [quotation.clause or quotation.quote for quotation in finding.further],
        "note": "; ".join(finding.notes()),
    }
    position, reference = finding.position, finding.reference
    if position is not None:
        row |= {
            "verdict": position.verdict,
            "level": position.level,
            "position": position.position,
            "reason": position.reason,
            "position_similarity": position.similarity,
        }
    if reference is not None:
        row |= {
            "reference_share": reference.share,
            "unusual": reference.is_unusual,
            "reference_contract": reference.contract,
            "reference_similarity": reference.similarity,
            "lacks": list(reference.lacks),
            "adds": list(reference.adds),
        }
    return row


def _attention_table(contract: str, findings: Sequence[ClauseFinding]) -> Table:
    columns = (
        Column("clause type", main=True),
        Column("what", "label", tones=_ATTENTION_TONES),
        Column("note"),
        Column("where"),
    )
    rows = [
        (
            finding.title,
            _what(finding),
            "; ".join(finding.notes()),
            finding_position(contract, finding) or "",
        )
        for finding in findings
    ]
    return Table("Look at these first", columns, rows, head=len(rows))


def _findings_table(contract: str, findings: Sequence[ClauseFinding]) -> Table:
    has_positions = any(finding.position is not None for finding in findings)
    has_reference = any(finding.reference is not None for finding in findings)
    columns = (
        Column("clause type", main=True),
        Column("status", "label", main=True, tones=STATUS_TONES),
        *([Column("playbook", "label", tones=VERDICT_TONES)] if has_positions else []),
        Column("quote"),
        Column("where"),
        Column("confidence", "score"),
        *([Column("in reference contracts", "score")] if has_reference else []),
        Column("note"),
        *([Column("nearest position", hidden=True)] if has_positions else []),
        *(_REFERENCE_COLUMNS if has_reference else ()),
        Column("further places", hidden=True),
        Column("group", "label", hidden=True),
        Column("id in the checklist", hidden=True),
    )
    rows = [
        (
            finding.title,
            status_label(finding),
            *([finding.position and finding.position.verdict] if has_positions else []),
            finding.quote,
            finding_position(contract, finding) or "",
            finding.confidence,
            *([finding.reference and finding.reference.share] if has_reference else []),
            "; ".join(finding.notes()),
            *([finding.position and finding.position.position] if has_positions else []),
            *(_reference_cells(finding) if has_reference else ()),
            tuple(_position(contract, quotation, finding) for quotation in finding.further) or "",
            finding.group,
            finding.question,
        )
        for finding in findings
    ]
    return Table("Findings", columns, rows, note=CONFIDENCE_NOTE, head=len(rows))


_REFERENCE_COLUMNS = (
    Column("nearest reference clause", hidden=True),
    Column("it has, and this one lacks", hidden=True),
    Column("this one adds", hidden=True),
)


def _reference_cells(finding: ClauseFinding) -> tuple[str, ...]:
    reference = finding.reference
    if reference is None or not reference.quote:
        return ("", "", "")
    return (
        f"{reference.contract}: {reference.quote}",
        "\n".join(reference.lacks),
        "\n".join(reference.adds),
    )


def finding_position(contract: str, finding: ClauseFinding) -> DocumentPosition | None:
    """Where the contract answers; None where it does not."""
    if finding.best is None or finding.status == "missing":
        return None
    return _position(contract, finding.best, finding)


def _position(contract: str, quotation: Quotation, finding: ClauseFinding) -> DocumentPosition:
    label = ", ".join(
        filter(None, (quotation.clause, f"page {quotation.page}" if quotation.page else ""))
    )
    verdict = finding.position.verdict if finding.position is not None else ""
    tone = VERDICT_TONES.get(verdict, STATUS_TONES[finding.status])
    return DocumentPosition(
        contract, quotation.start, quotation.end, label or "at the beginning", tone
    )


def _what(finding: ClauseFinding) -> str:
    if finding.is_missing_expected:
        return "missing, expected"
    if finding.position is not None and finding.position.verdict != "MATCH":
        return finding.position.verdict
    return "denied" if finding.denial else "unusual"


def _urgency(finding: ClauseFinding) -> int:
    order = ("missing, expected", "MISSING", "DEVIATION", "denied", "UNCLEAR", "unusual")
    return order.index(_what(finding))


def _listed(titles: Sequence[str]) -> str:
    """Titles for a headline: the first, and how many more there are."""
    if not titles:
        return "none"
    more = len(titles) - _LISTED
    shown = ", ".join(titles[:_LISTED])
    return f"{shown} and {more} more" if more > 0 else shown
