"""Result of healthcare/match-trials: patients against trials, criterion by criterion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from metier.plugin import (
    Column,
    Excerpt,
    OwnFields,
    Result,
    Table,
    hidden_cells,
    hidden_columns,
    rows_beside,
)

_DECIDED = (
    *("outcome", "reason", "basis", "evidence", "start", "end", "status", "time", "similarity"),
    "probability",
)

Verdict = Literal["eligible", "not eligible", "open"]


class CriterionResult(BaseModel):
    """One criterion for one patient.

    Attributes:
        trial: its name.
        criterion: `inclusion 2`, within the trial.
        kind: `inclusion` or `exclusion`.
        text: the criterion.
        outcome: whether the patient is as the criterion says: `met`, `not met` or `not stated`. An
            exclusion criterion that is met excludes.
        reason: in words.
        basis: `stated` where terms, numbers, age or sex decided, `similarity` where the nearest
            sentence did; empty where nothing is stated.
        evidence: the sentence that decided, or the nearest; `text[start:end]` of the note.
        status: assertion status of what decided.
        words: those that decided the status.
        time: the words that say when.
        similarity: cosine of criterion and evidence.
        probability: that a reranker says yes to the criterion in the evidence; None without one. It
            changes no outcome.
    """

    model_config = ConfigDict(frozen=True)

    trial: str
    criterion: str
    kind: Literal["inclusion", "exclusion"]
    text: str
    outcome: Literal["met", "not met", "not stated"]
    reason: str
    basis: Literal["stated", "similarity", ""] = ""
    evidence: str = ""
    start: int | None = None
    end: int | None = None
    status: str = ""
    words: tuple[str, ...] = ()
    time: str = ""
    similarity: float | None = None
    probability: float | None = None


class PatientResult(BaseModel):
    """One note with all criteria.

    Attributes:
        fields: the other fields of its row in the input.
        criteria: of every trial, in order.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    text: str
    fields: OwnFields = Field(default_factory=dict)
    criteria: tuple[CriterionResult, ...] = ()

    def trials(self) -> list[str]:
        """Names of the trials."""
        return list(dict.fromkeys(result.trial for result in self.criteria))

    def of_trial(self, trial: str) -> list[CriterionResult]:
        """The criteria of one trial."""
        return [result for result in self.criteria if result.trial == trial]

    def verdict(self, trial: str) -> Verdict:
        """Whether the note states that the patient is eligible.

        `not eligible`: an inclusion criterion is not met, or an exclusion criterion is. `eligible`:
        all inclusion criteria are met and no exclusion criterion is. Else `open`.
        """
        results = self.of_trial(trial)
        if any(_is_obstacle(result) for result in results):
            return "not eligible"
        return "open" if any(result.outcome == "not stated" for result in results) else "eligible"


class TrialReport(Result):
    """Patients against trials.

    Attributes:
        threshold: least cosine of a sentence that says something about a criterion.
        items: the patients.
    """

    threshold: float
    items: tuple[PatientResult, ...]

    def title(self) -> str:
        return "Patients and trials"

    def headline(self) -> str:
        verdicts = [item.verdict(trial) for item in self.items for trial in item.trials()]
        trials = len({trial for item in self.items for trial in item.trials()})
        return (
            f"{_counted(len(self.items), 'patient')} and {_counted(trials, 'trial')}: "
            f"{_counted(verdicts.count('eligible'), 'pair')} eligible as stated, "
            f"{verdicts.count('open')} open, {verdicts.count('not eligible')} not eligible"
        )

    def tables(self) -> list[Table]:
        return [self._verdicts_table(), self._criteria_table(), self._patients_table()]

    def rows(self) -> list[dict[str, Any]]:
        """One row per patient and criterion."""
        pairs = [(item, result) for item in self.items for result in item.criteria]
        rows = [
            {
                "id": item.id,
                "trial": result.trial,
                "verdict": item.verdict(result.trial),
                "criterion": result.criterion,
                "kind": result.kind,
                "criterion_text": result.text,  # "text" is that of the note elsewhere
                **{name: getattr(result, name) for name in _DECIDED},
                "words": ", ".join(result.words),
            }
            for item, result in pairs
        ]
        return rows_beside(rows, [item.fields for item, _ in pairs])

    def columns_by_group(self) -> dict[str, list[Mapping[str, Any]]]:
        groups: dict[str, list[Mapping[str, Any]]] = {}
        for item in self.items:
            for trial in item.trials():
                groups.setdefault(f"{trial}: {item.verdict(trial)}", []).append(item.fields)
        return groups

    def _verdicts_table(self) -> Table:
        own = hidden_columns([item.fields for item in self.items])
        rows = []
        for item in self.items:
            for trial in item.trials():
                results = item.of_trial(trial)
                inclusion = [result for result in results if result.kind == "inclusion"]
                rows.append(
                    (
                        item.id,
                        trial,
                        item.verdict(trial),
                        sum(result.outcome == "met" for result in inclusion),
                        len(inclusion),
                        "; ".join(result.text for result in results if _is_obstacle(result)),
                        "; ".join(
                            result.text for result in results if result.outcome == "not stated"
                        ),
                        *hidden_cells(item.fields, own),
                    )
                )
        columns = (
            *(Column("id", main=True), Column("trial", "label"), Column("verdict", "label")),
            *(Column("inclusion met", "count"), Column("of", "count")),
            *("in the way", "not stated"),
        )
        return Table("Patients by trial", (*columns, *own), rows, head=len(rows))

    def _criteria_table(self) -> Table:
        has_reranker = any(
            result.probability is not None for item in self.items for result in item.criteria
        )
        rows = [
            (
                item.id,
                result.trial,
                result.criterion,
                result.text,
                result.outcome,
                result.reason,
                result.evidence,
                result.similarity,
                *([result.probability] if has_reranker else []),
                result.basis,
                result.status,
                ", ".join(result.words),
                result.time,
            )
            for item in self.items
            for result in item.criteria
        ]
        columns: tuple[str | Column, ...] = (
            *("id", Column("trial", "label"), "criterion", Column("text", main=True)),
            *(Column("outcome", "label", main=True), "reason", "evidence"),
            Column("similarity", "score"),
            *([Column("probability", "score")] if has_reranker else []),
            *(Column("basis", "label", hidden=True), Column("status", "label", hidden=True)),
            *(Column("words", hidden=True), Column("time", hidden=True)),
        )
        return Table("Criteria", columns, rows)

    def _patients_table(self) -> Table:
        own = hidden_columns([item.fields for item in self.items])
        rows = [
            (
                item.id,
                "; ".join(f"{trial}: {item.verdict(trial)}" for trial in item.trials()),
                Excerpt(item.text),
                *hidden_cells(item.fields, own),
            )
            for item in self.items
        ]
        return Table("Patients", (Column("id"), "trials", "text", *own), rows, head=0, main=True)


def _is_obstacle(result: CriterionResult) -> bool:
    against = "not met" if result.kind == "inclusion" else "met"
    return result.outcome == against


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
