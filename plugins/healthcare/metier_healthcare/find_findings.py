"""healthcare/find-findings: conditions, drugs and measurements as notes state them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from metier.plugin import (
    AbbreviationsFile,
    Column,
    Excerpt,
    OwnFields,
    Result,
    RulesFile,
    Runtime,
    Table,
    Texts,
    hidden_cells,
    hidden_columns,
    rows_beside,
    workflow,
)
from metier_healthcare.dictionary import Dictionary
from metier_healthcare.findings import Finding, NoteReader
from metier_healthcare.patient_identifiers import note_patient_identifiers

_ROW = (
    *("term", "kind", "code", "mention", "start", "end", "status", "words", "time", "months"),
    *("comparator", "value", "high", "second", "unit", "section", "sentence"),
)
"""Columns of a finding in the rows of a result."""

_STATUSES = ("affirmed", "negated", "past", "family", "uncertain", "hypothetical", "other person")


class NoteFindings(BaseModel):
    """One note with its findings.

    Attributes:
        fields: the other fields of its row in the input.
        findings: in the order of the text.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    text: str
    fields: OwnFields = Field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def terms(self, *statuses: str) -> list[str]:
        """Names of the terms with one of these statuses, each once."""
        return list(
            dict.fromkeys(finding.term for finding in self.findings if finding.status in statuses)
        )

    def values(self) -> list[str]:
        """Measurements with their values, such as `HbA1c 8.2 %`."""
        return [
            f"{finding.term} {finding.value_text}"
            for finding in self.findings
            if finding.kind == "measurement" and finding.value is not None
        ]


class FindingsReport(Result):
    """Findings of notes, in their order.

    Attributes:
        terms: how many terms the dictionary has.
        items: the notes, those without findings too.
    """

    terms: int
    items: tuple[NoteFindings, ...]

    def title(self) -> str:
        return "Findings in notes"

    def headline(self) -> str:
        findings = [finding for item in self.items for finding in item.findings]
        affirmed = sum(finding.status == "affirmed" for finding in findings)
        with_findings = sum(bool(item.findings) for item in self.items)
        return (
            f"{len(findings)} findings in {with_findings} of {len(self.items)} notes, {affirmed} "
            f"of them affirmed ({self.terms} terms looked for)"
        )

    def tables(self) -> list[Table]:
        return [self._terms_table(), self._findings_table(), self._notes_table()]

    def rows(self) -> list[dict[str, Any]]:
        """One row per mention, and one for a note without any."""
        pairs = [(item, finding) for item in self.items for finding in item.findings or (None,)]
        rows = [
            {
                "id": item.id,
                **(
                    dict.fromkeys(_ROW)
                    if finding is None
                    else {name: _cell(finding, name) for name in _ROW}
                ),
            }
            for item, finding in pairs
        ]
        return rows_beside(rows, [item.fields for item, _ in pairs])

    def _terms_table(self) -> Table:
        counts: Counter[tuple[str, str, str]] = Counter()
        notes: dict[tuple[str, str], set[str]] = {}
        for item in self.items:
            for finding in item.findings:
                counts[finding.kind, finding.term, finding.status] += 1
                notes.setdefault((finding.kind, finding.term), set()).add(item.id)
        shown = [status for status in _STATUSES if any(key[2] == status for key in counts)]
        rows = [
            (term, kind, len(ids), *(counts[kind, term, status] for status in shown))
            for (kind, term), ids in sorted(
                notes.items(), key=lambda pair: (-len(pair[1]), pair[0])
            )
        ]
        columns = (
            Column("term", main=True),
            Column("kind", "label"),
            Column("notes", "count"),
            *(Column(status, "count") for status in shown),
        )
        return Table("Terms", columns, rows)

    def _findings_table(self) -> Table:
        rows = [
            (
                item.id,
                finding.term,
                finding.status,
                ", ".join(finding.words),
                finding.value_text,
                finding.time,
                finding.section,
                Excerpt(
                    finding.sentence,
                    (
                        (
                            finding.start - finding.sentence_start,
                            finding.end - finding.sentence_start,
                        ),
                    ),
                ),
                finding.kind,
                finding.code,
            )
            for item in self.items
            for finding in item.findings
        ]
        columns = (
            *("id", Column("term", main=True), Column("status", "label"), "words", "value", "time"),
            *(Column("section", "label"), Column("sentence", main=True)),
            *(Column("kind", "label", hidden=True), Column("code", hidden=True)),
        )
        return Table("Findings", columns, rows)

    def _notes_table(self) -> Table:
        own = hidden_columns([item.fields for item in self.items])
        rows = [
            (
                item.id,
                "; ".join(item.terms("affirmed")),
                "; ".join(item.terms("negated")),
                "; ".join(item.terms("past")),
                "; ".join(item.terms("family", "other person")),
                "; ".join(item.terms("uncertain", "hypothetical")),
                "; ".join(item.values()),
                Excerpt(
                    item.text, tuple((finding.start, finding.end) for finding in item.findings)
                ),
                *hidden_cells(item.fields, own),
            )
            for item in self.items
        ]
        columns = (
            *("id", Column("affirmed", main=True), "negated", "past", "of others", "uncertain"),
            *("values", Column("text", hidden=True)),
        )
        return Table("Notes", (*columns, *own), rows, main=True)


@workflow("healthcare/find-findings")
def find_findings(
    rt: Runtime,
    notes: Annotated[Texts, Field(description="Clinical notes, one text each.")],
    dictionary: Annotated[
        Path,
        Field(
            description="What to find: a table or JSON with the columns term, synonyms (divided by "
            "a semicolon), kind and code, or YAML."
        ),
    ],
    *,
    rules: RulesFile = None,
    abbreviations: AbbreviationsFile = None,
) -> FindingsReport:
    """Find the terms of your dictionary in notes, with status, time, section and values.

    A term counts in each of its forms, in the plural, with or without hyphens, and as an
    abbreviation; of overlapping terms the longest. Rules of ConText say whether it is denied,
    supposed, past, uncertain, or of the family, and which words say so. After measurements and
    drugs the number with its unit is read. No model reads the notes, so the same notes give the
    same findings everywhere.
    """
    reader = NoteReader(
        Dictionary.load(dictionary),
        rules=() if rules is None else (rules,),
        abbreviations=() if abbreviations is None else (abbreviations,),
    )
    report = FindingsReport(
        terms=len(reader.dictionary.terms),
        items=tuple(
            NoteFindings(
                id=note.id,
                text=note.text,
                fields=dict(note.fields),
                findings=tuple(reader.read(note.text)),
            )
            for note in notes
        ),
    )
    return note_patient_identifiers(report, notes)


def _cell(finding: Finding, name: str) -> Any:
    value = getattr(finding, name)
    return ", ".join(value) if name == "words" else value
