"""healthcare/match-trials: patient notes against the criteria of trials, criterion by criterion."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from metier.plugin import (
    AbbreviationsFile,
    Dim,
    Documents,
    Item,
    Rerank,
    RulesFile,
    Runtime,
    Span,
    Texts,
    near_cosine,
    workflow,
)
from metier_healthcare.conditions import Conditions, read_conditions
from metier_healthcare.criteria import Criterion, read_criteria
from metier_healthcare.demographics import read_demographics
from metier_healthcare.dictionary import Dictionary
from metier_healthcare.findings import NoteReader, note_sentences
from metier_healthcare.patient_identifiers import note_patient_identifiers
from metier_healthcare.sections import own_sections
from metier_healthcare.times import as_date
from metier_healthcare.trial_judgments import Judgment, Note, judge_conditions
from metier_healthcare.trial_report import CriterionResult, PatientResult, TrialReport

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_INSTRUCTION = "healthcare/trial-matching"
_DATE_FIELDS = ("date", "note_date", "visit_date", "date_of_visit", "encounter_date")
_SILENT = ("family", "other person", "hypothetical", "uncertain")
"""Statuses that say nothing of the patient for certain."""


@workflow("healthcare/match-trials", instruction=_INSTRUCTION)
def match_trials(
    rt: Runtime,
    notes: Annotated[
        Texts,
        Field(
            description="Patient notes, one patient each; months are counted back from a column "
            "`date`."
        ),
    ],
    trials: Annotated[
        Documents,
        Field(
            description="Criteria: trial texts with the headings Inclusion and Exclusion, or rows "
            "with a criterion each and its type."
        ),
    ],
    *,
    dictionary: Annotated[
        Path | None,
        Field(description="More terms to know, as of find-findings; beside those of the plugin."),
    ] = None,
    rules: RulesFile = None,
    abbreviations: AbbreviationsFile = None,
    rerank: Rerank = None,
    dim: Dim = None,
) -> TrialReport:
    """Compare patient notes with the criteria of trials, one criterion at a time.

    Age, sex, numbers with units, and terms of the dictionary are compared as such: what a note
    denies is not met, what it says of the family or only supposes is not stated. Criteria without
    any of these are compared by their nearest sentence. Where nothing near is said the outcome is
    `not stated`. A reranker reads the evidence and changes no outcome.
    """
    if rerank:
        rt.engine.require_reranker()  # before the notes are embedded
    own = Path(str(files("metier_healthcare") / "samples" / "dictionary.csv"))
    reader = NoteReader(
        Dictionary.load(own, *(() if dictionary is None else (dictionary,))),
        rules=() if rules is None else (rules,),
        abbreviations=() if abbreviations is None else (abbreviations,),
    )
    criteria = read_criteria(trials)
    conditions = [read_conditions(criterion.text, reader) for criterion in criteria]
    similarities = _Similarities.of(rt, notes, criteria, dim)
    matcher = _Matcher(reader, criteria, conditions, similarities)
    items = [matcher.patient(number, note) for number, note in enumerate(notes)]
    if rerank is not False and rt.reranker is not None:
        items = _with_probabilities(rt, items, criteria)
    report = TrialReport(threshold=round(similarities.threshold, 4), items=tuple(items))
    return note_patient_identifiers(report, notes)


class _Similarities:
    """Cosines of criteria with the sentences of all notes."""

    def __init__(
        self, spans: list[list[Span]], cosines: list[npt.NDArray[np.float32]], threshold: float
    ) -> None:
        self.spans = spans
        self.cosines = cosines
        self.threshold = threshold

    @classmethod
    def of(
        cls, rt: Runtime, notes: Sequence[Item], criteria: Sequence[Criterion], dim: int | None
    ) -> _Similarities:
        """Embed the criteria as queries and the sentences as documents."""
        import numpy as np

        spans = [note_sentences(note.text, own_sections().find(note.text)) for note in notes]
        contents = [span.text for of_note in spans for span in of_note]
        asked = np.asarray(
            rt.embed_queries(
                [criterion.text for criterion in criteria], instruction=_INSTRUCTION, dim=dim
            )
        )
        known = np.asarray(rt.embed_documents(contents, instruction=_INSTRUCTION, dim=dim))
        cosines, position = [], 0
        for of_note in spans:
            cosines.append(asked @ known[position : position + len(of_note)].T)
            position += len(of_note)
        return cls(spans, cosines, near_cosine(rt, rt.instructions.get(_INSTRUCTION), dim))

    def nearest(self, note: int, criterion: int) -> tuple[Span | None, float]:
        """The sentence of a note that is nearest to a criterion, with its cosine."""
        cosines = self.cosines[note][criterion]
        if not len(cosines):
            return None, 0.0
        best = int(cosines.argmax())
        return self.spans[note][best], float(cosines[best])

    def at(self, note: int, criterion: int, offset: int) -> tuple[Span | None, float]:
        """The sentence of a note that holds an offset, with its cosine."""
        for number, span in enumerate(self.spans[note]):
            if span.start <= offset < span.end:
                return span, float(self.cosines[note][criterion][number])
        return None, 0.0


class _Matcher:
    """Judges notes by the criteria."""

    def __init__(
        self,
        reader: NoteReader,
        criteria: Sequence[Criterion],
        conditions: Sequence[Conditions],
        similarities: _Similarities,
    ) -> None:
        self._reader = reader
        self._criteria = criteria
        self._conditions = conditions
        self._similarities = similarities

    def patient(self, number: int, item: Item) -> PatientResult:
        """The outcome of every criterion for one note."""
        by_lower = {name.lower(): value for name, value in item.fields.items()}
        dates = (as_date(by_lower.get(name)) for name in _DATE_FIELDS)
        note = Note(
            item.text,
            self._reader.read(item.text),
            read_demographics(item.text),
            next((day for day in dates if day is not None), None),
        )
        results = [self._result(number, position, note) for position in range(len(self._criteria))]
        return PatientResult(
            id=item.id, text=item.text, fields=dict(item.fields), criteria=tuple(results)
        )

    def _result(self, number: int, position: int, note: Note) -> CriterionResult:
        criterion, conditions = self._criteria[position], self._conditions[position]
        if conditions:
            judgment = judge_conditions(conditions, note)
            basis = "" if judgment.truth is None else "stated"
        else:
            judgment = self._by_similarity(number, position)
            basis = "" if judgment.truth is None else "similarity"
        if judgment.start is None:
            span, similarity = self._similarities.nearest(number, position)
            if similarity < self._similarities.threshold:
                span = None
        else:
            span, similarity = self._similarities.at(number, position, judgment.start)
        return CriterionResult(
            trial=criterion.trial,
            criterion=criterion.id,
            kind=criterion.kind,
            text=criterion.text,
            outcome=judgment.outcome,
            reason=judgment.reason,
            basis=basis,
            evidence="" if span is None else span.text,
            start=None if span is None else span.start,
            end=None if span is None else span.end,
            status=judgment.status,
            words=judgment.words,
            time=judgment.time,
            similarity=round(similarity, 4),
        )

    def _by_similarity(self, number: int, position: int) -> Judgment:
        """What the nearest sentence says, if it is near."""
        span, similarity = self._similarities.nearest(number, position)
        if span is None or similarity < self._similarities.threshold:
            return Judgment(None, "no sentence is near")
        expanded = self._reader.abbreviations.expand(span.text).text
        assertion = self._reader.rules.judge(expanded)
        asked = self._reader.rules.judge(self._criteria[position].text)
        truth: bool | None = (assertion.status == "negated") == (asked.status == "negated")
        if assertion.status in _SILENT:
            truth = None
        words = tuple(modifier.text for modifier in assertion.modifiers)
        reason = "the nearest sentence"
        return Judgment(truth, reason, span.start, span.end, assertion.status, words)


def _with_probabilities(
    rt: Runtime, items: Sequence[PatientResult], criteria: Sequence[Criterion]
) -> list[PatientResult]:
    """The results with what a reranker says of the evidence of each criterion."""
    results = [list(item.criteria) for item in items]
    for position, criterion in enumerate(criteria):
        rows = [row for row, of_item in enumerate(results) if of_item[position].evidence]
        if not rows:
            continue
        evidence = [results[row][position].evidence for row in rows]
        for ranked in rt.engine.rerank(
            criterion.text, evidence, instruction=rt.instructions.get(_INSTRUCTION)
        ):
            of_item = results[rows[ranked.index]]
            of_item[position] = of_item[position].model_copy(
                update={"probability": round(ranked.score, 4)}
            )
    return [
        item.model_copy(update={"criteria": tuple(of_item)})
        for item, of_item in zip(items, results, strict=True)
    ]
