"""Result of legal/review-contracts: the questions of a checklist set against contracts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict

from metier.plugin import Column, DocumentPosition, Result, Table
from metier_legal.review.findings import ClauseFinding
from metier_legal.review.report import (
    CONFIDENCE_NOTE,
    STATUS_TONES,
    VERDICT_TONES,
    finding_position,
    finding_row,
    status_label,
)

_MOST_NAMED = 3
"""Clause types that a headline names."""
_WIDEST = 12
"""Contracts that a terminal has room for, each in a column."""


class ReviewedDocument(BaseModel):
    """One contract with its findings.

    Attributes:
        contract: id of the document.
        findings: one for each question, in the order of the checklist.
    """

    model_config = ConfigDict(frozen=True)

    contract: str
    findings: tuple[ClauseFinding, ...]

    @property
    def missing(self) -> list[str]:
        """Titles of the expected clauses that it lacks."""
        return [finding.title for finding in self.findings if finding.is_missing_expected]


class ContractReviews(Result):
    """What several contracts say to each question of a checklist.

    Attributes:
        threshold: probability from which a clause counts as present, of questions without their
            own.
        contracts: in the order of the input.
    """

    threshold: float
    contracts: tuple[ReviewedDocument, ...]

    def title(self) -> str:
        return "Contract reviews"

    def headline(self) -> str:
        incomplete = [reviewed for reviewed in self.contracts if reviewed.missing]
        lacking = Counter(title for reviewed in self.contracts for title in reviewed.missing)
        verb = "lacks" if len(incomplete) == 1 else "lack"
        headline = (
            f"{len(self.contracts)} contracts, {len(self.contracts[0].findings)} clause types: "
            f"{len(incomplete) or 'none'} of them {verb} an expected clause"
        )
        if lacking:
            headline += _most_lacking(lacking)
        verdicts = Counter(
            finding.position.verdict
            for reviewed in self.contracts
            for finding in reviewed.findings
            if finding.position
        )
        if verdicts:
            headline += f"; positions: {verdicts['MATCH']} match, {verdicts['DEVIATION']} deviate"
        return headline

    def tables(self) -> list[Table]:
        tables = [self._matrix(), self._contracts_table()]
        if self._has_positions:
            tables.append(self._verdicts())
        return [*tables, self._findings_table()]

    def rows(self) -> list[dict[str, Any]]:
        """One row for each contract and question."""
        return [
            finding_row(reviewed.contract, finding)
            for reviewed in self.contracts
            for finding in reviewed.findings
        ]

    @property
    def _has_positions(self) -> bool:
        return any(
            finding.position is not None
            for reviewed in self.contracts
            for finding in reviewed.findings
        )

    def _by_question(self) -> list[list[ClauseFinding]]:
        """The findings of all contracts for each question."""
        return [
            list(findings)
            for findings in zip(*(reviewed.findings for reviewed in self.contracts), strict=True)
        ]

    def _matrix(self) -> Table:
        """Clause types against contracts: in each cell the status, which leads to the clause."""
        columns = (
            Column("clause type", main=True),
            Column("present in", "count"),
            Column("not sure in", "count"),
            *(
                Column(reviewed.contract, "label", tones=STATUS_TONES)
                for reviewed in self.contracts
            ),
        )
        rows = []
        for findings in self._by_question():
            counts = Counter(finding.status for finding in findings)
            rows.append(
                (
                    findings[0].title,
                    counts["present"],
                    counts["not sure"],
                    *map(_cell, self.contracts, findings),
                )
            )
        head = len(rows) if len(self.contracts) <= _WIDEST else 0
        return Table("Clause types by contract", columns, rows, head=head)

    def _contracts_table(self) -> Table:
        columns = (
            Column("contract", main=True),
            Column("present", "count"),
            Column("not sure", "count"),
            Column("missing", "count"),
            Column("expected and missing"),
            *([Column("deviations", "count")] if self._has_positions else []),
        )
        rows = []
        for reviewed in self.contracts:
            counts = Counter(finding.status for finding in reviewed.findings)
            deviations = sum(
                finding.position is not None and finding.position.verdict == "DEVIATION"
                for finding in reviewed.findings
            )
            rows.append(
                (
                    reviewed.contract,
                    counts["present"],
                    counts["not sure"],
                    counts["missing"],
                    ", ".join(reviewed.missing),
                    *([deviations] if self._has_positions else []),
                )
            )
        return Table("Contracts", columns, rows, head=len(rows))

    def _verdicts(self) -> Table:
        """Questions with positions against contracts: the verdict in each cell."""
        columns = (
            Column("clause type", main=True),
            *(
                Column(reviewed.contract, "label", tones=VERDICT_TONES)
                for reviewed in self.contracts
            ),
        )
        rows = [
            (
                findings[0].title,
                *(finding.position.verdict if finding.position else "" for finding in findings),
            )
            for findings in self._by_question()
            if any(finding.position for finding in findings)
        ]
        head = len(rows) if len(self.contracts) <= _WIDEST else 0
        return Table("Playbook by contract", columns, rows, head=head)

    def _findings_table(self) -> Table:
        """The long form: a row for each contract and clause type."""
        columns = (
            Column("contract", "label", main=True),
            Column("clause type", "label", main=True),
            Column("status", "label", tones=STATUS_TONES),
            *([Column("playbook", "label", tones=VERDICT_TONES)] if self._has_positions else []),
            Column("quote"),
            Column("where"),
            Column("confidence", "score"),
            Column("note"),
        )
        rows = [
            (
                reviewed.contract,
                finding.title,
                status_label(finding),
                *(
                    [finding.position.verdict if finding.position else ""]
                    if self._has_positions
                    else []
                ),
                finding.quote,
                finding_position(reviewed.contract, finding) or "",
                finding.confidence,
                "; ".join(finding.notes()),
            )
            for reviewed in self.contracts
            for finding in reviewed.findings
        ]
        return Table("Findings", columns, rows, note=CONFIDENCE_NOTE, head=0, printed=False)


def _cell(reviewed: ReviewedDocument, finding: ClauseFinding) -> DocumentPosition | str:
    """The status of a contract, with where it says so."""
    position = finding_position(reviewed.contract, finding)
    if position is None:
        return status_label(finding)
    return replace(position, label=status_label(finding), tone=STATUS_TONES[finding.status])


def _most_lacking(lacking: Counter[str]) -> str:
    """The clause types that most contracts lack, and how many more are lacking.

    It is a ranking only where contracts lack some of them more often than others.
    """
    ranked = lacking.most_common()
    is_ranking = ranked[0][1] > ranked[-1][1]
    titles = [
        f"{title} ({count})" if is_ranking else title for title, count in ranked[:_MOST_NAMED]
    ]
    more = len(ranked) - len(titles)
    named = f"{', '.join(titles)}{f' and {more} more' if more else ''}"
    if is_ranking:
        return f", most often {named}"
    return f": {named}" if ranked[0][1] == 1 else f": {named} ({ranked[0][1]} contracts each)"
