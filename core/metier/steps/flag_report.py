"""`FlagReport`: texts scored for risks, each flag with its evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, computed_field

from metier.registry.taxonomy import FEWEST_SIGNS
from metier.results.own_columns import OwnFields, hidden_cells, hidden_columns, rows_beside
from metier.results.result import Result
from metier.results.table import Column, Excerpt, Table
from metier.steps.suggested_thresholds import SuggestedThreshold, suggestions_table


class NearestExample(BaseModel):
    """The sentence of a taxonomy that is nearest to the evidence.

    Attributes:
        sentence: as the taxonomy has it.
        similarity: cosine of the two.
    """

    model_config = ConfigDict(frozen=True)

    sentence: str
    similarity: float


class Evidence(BaseModel):
    """A sentence, `text[start:end]` of the item, and why it scores as it does.

    Of a sentence longer than the model reads it is the part with the highest score.

    Attributes:
        sign: the nearest sentence that shows the risk.
        contrast: the nearest of those that show none.
        status: `affirmed`, or what rules the sentence out: `negated`, `hypothetical`,
            `other person`, `family` or `past`.
        words: those that decided the status.
        probability: that a reranker says yes to the risk in this sentence; None without one, and
            for sentences that are neither flagged nor ruled out. It changes no score.
    """

    model_config = ConfigDict(frozen=True)

    start: int
    end: int
    sentence: str
    sign: NearestExample | None = None
    contrast: NearestExample | None = None
    status: str = "affirmed"
    words: tuple[str, ...] = ()
    probability: float | None = None


class RuledOut(BaseModel):
    """A sentence that would have been flagged, were it not for what it says of the risk.

    Attributes:
        score: that it would have had.
        evidence: the sentence, with its status and the words that decided it.
    """

    model_config = ConfigDict(frozen=True)

    score: float
    evidence: Evidence


class RiskScore(BaseModel):
    """One risk of one text.

    Attributes:
        score: in [0, 1], of the highest sentence that is not ruled out; 0 if all are. It says how
            rare such a sentence is among those that show no risk, and is no probability.
        flagged: whether the score reached the threshold of the risk.
        evidence: the sentence with that score.
        ruled_out: sentences that do not count although their score reached the threshold.
    """

    model_config = ConfigDict(frozen=True)

    risk: str
    score: float
    flagged: bool
    evidence: Evidence
    ruled_out: tuple[RuledOut, ...] = ()


class FlaggedText(BaseModel):
    """One text with all its risk scores, highest first.

    Attributes:
        fields: the other fields of its row in the input.
        scores: of every risk.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    text: str
    fields: OwnFields = Field(default_factory=dict)
    scores: tuple[RiskScore, ...]

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def flags(self) -> tuple[RiskScore, ...]:
        """The risks that reached the threshold, highest first."""
        return tuple(score for score in self.scores if score.flagged)


class FlagReport(Result):
    """Texts scored for each risk, in input order.

    Attributes:
        noun: what the texts are, for people.
        threshold: least score that is flagged, of risks that have none of their own.
        titles: of the risks, by id.
        thresholds: of risks that have one of their own, by id.
        suggestions: thresholds that fit the labels of the input; empty without labels.
        few_signs: number of signs of the risks that have fewer than ten, by id.
    """

    noun: str
    threshold: float
    titles: dict[str, str]
    thresholds: dict[str, float] = Field(default_factory=dict)
    items: tuple[FlaggedText, ...]
    suggestions: tuple[SuggestedThreshold, ...] = ()
    few_signs: dict[str, int] = Field(default_factory=dict)

    @property
    def flagged(self) -> list[FlaggedText]:
        """Texts with at least one flag, highest score first."""
        flagged = [item for item in self.items if item.flags]
        return sorted(flagged, key=lambda item: (-item.flags[0].score, item.id))

    def title(self) -> str:
        return f"{self.noun[:1].upper()}{self.noun[1:]} by risk"

    def headline(self) -> str:
        own = ", unless a risk has a threshold of its own" if self.thresholds else ""
        return (
            f"{len(self.flagged)} of {len(self.items)} {self.noun} flagged "
            f"(score at least {self.threshold:g}{own})"
        )

    def notes(self) -> list[str]:
        notes = [suggestion.note for suggestion in self.suggestions if suggestion.note]
        if self.few_signs:
            named = ", ".join(f"{self.titles[risk]} ({n})" for risk, n in self.few_signs.items())
            notes.append(
                f"Few signs: {named}. A risk with fewer than {FEWEST_SIGNS} sentences that show it "
                "is flagged for what only sounds like it, and missed where it is said otherwise."
            )
        return [*super().notes(), *notes]

    def tables(self) -> list[Table]:
        pairs = [(item, flag) for item in self.flagged for flag in item.flags]
        by_score = sorted(self.items, key=lambda item: (-item.scores[0].score, item.id))
        highest = [(item, item.scores[0]) for item in by_score]
        tables = [self._summary()]
        if self.suggestions:
            tables.append(suggestions_table(self.suggestions, self.titles))
        if pairs:
            tables.append(self._scores_table(f"Flagged {self.noun}, highest first", pairs))
        if any(score.ruled_out for item in self.items for score in item.scores):
            tables.append(self._ruled_out_table())
        if highest:
            tables.append(self._scores_table(f"All {self.noun}", highest, with_flag=True))
        return tables

    def _summary(self) -> Table:
        counts = Counter(flag.risk for item in self.items for flag in item.flags)
        ruled_out = Counter(
            score.risk for item in self.items for score in item.scores for _ in score.ruled_out
        )
        columns = (
            Column("risk", "label"),
            Column("flagged", "count"),
            Column("sentences ruled out", "count"),
            Column("threshold", "number"),
            Column("id in the taxonomy", hidden=True),
        )
        rows = [
            (title, counts[risk], ruled_out[risk], self.thresholds.get(risk, self.threshold), risk)
            for risk, title in self.titles.items()
        ]
        return Table("Flags per risk", columns, rows, head=len(self.titles))

    def _scores_table(
        self,
        title: str,
        scored: Sequence[tuple[FlaggedText, RiskScore]],
        *,
        with_flag: bool = False,
    ) -> Table:
        """A row for each score; that of all texts says which are flagged, and is not for terminals.

        Args:
            title: of the table.
            scored: texts, each with a score.
            with_flag: whether these are all texts.
        """
        rows = [
            (
                (item.id, *([score.flagged] if with_flag else []), score.score),
                (item, score, score.evidence),
            )
            for item, score in scored
        ]
        columns = (
            Column("id"),
            *([Column("flagged", "label")] if with_flag else []),
            Column("score", "score"),
        )
        return self._evidence_table(
            title, columns, rows, head=0 if with_flag else 20, main=with_flag
        )

    def _ruled_out_table(self) -> Table:
        """Sentences that would have been flagged, with the words that say otherwise."""
        rows = [
            (
                (item.id, ruled_out.score),
                (item, score, ruled_out.evidence),
            )
            for item in self.items
            for score in item.scores
            for ruled_out in score.ruled_out
        ]
        columns = (Column("id"), Column("score", "score"))
        title = "Sentences ruled out: they would have been flagged"
        return self._evidence_table(title, columns, rows, head=10, ruled_out=True)

    def _evidence_table(
        self,
        title: str,
        columns: tuple[Column, ...],
        rows: Sequence[tuple[tuple[object, ...], tuple[FlaggedText, RiskScore, Evidence]]],
        *,
        head: int,
        ruled_out: bool = False,
        main: bool = False,
    ) -> Table:
        """A table with what every piece of evidence has after the columns of its own.

        Args:
            title: of the table.
            columns: of its own.
            rows: the cells under these, and the evidence.
            head: rows for a terminal.
            ruled_out: whether these are sentences that were ruled out, so that the status matters.
            main: whether the rows are all texts.
        """
        own = hidden_columns([item.fields for item in self.items])
        reranked = any(evidence.probability is not None for _, (_, _, evidence) in rows)
        shared = _shared_columns(ruled_out, reranked)
        cells = [
            (
                *first,
                self.titles[score.risk],
                evidence.status,
                ", ".join(evidence.words),
                evidence.sentence,
                *([evidence.probability] if reranked else []),
                *_example(evidence.sign),
                *_example(evidence.contrast),
                *([] if ruled_out else ["\n".join(_ruled_out_texts(score))]),
                Excerpt(item.text, ((evidence.start, evidence.end),)),
                *hidden_cells(item.fields, own),
            )
            for first, (item, score, evidence) in rows
        ]
        return Table(title, (*columns, *shared, *own), cells, head=head, main=main)

    def columns_by_group(self) -> dict[str, list[Mapping[str, Any]]]:
        texts: dict[str, list[Mapping[str, Any]]] = {title: [] for title in self.titles.values()}
        rest = []
        for item in self.items:
            if item.flags:
                texts[self.titles[item.flags[0].risk]].append(item.fields)
            else:
                rest.append(item.fields)
        return texts | ({"not flagged": rest} if rest else {})

    def rows(self) -> list[dict[str, Any]]:
        scored = [(item, score) for item in self.items for score in item.scores]
        rows = [_row(item, score) for item, score in scored]
        return rows_beside(rows, [item.fields for item, _ in scored])

    def _parts_note(self, texts: int, parts: int) -> str:
        which = "1 sentence was" if texts == 1 else f"{texts} sentences were"
        return (
            f"{which} longer than the model reads: read in parts ({parts} in all), the highest of "
            "which counts."
        )


def _shared_columns(ruled_out: bool, reranked: bool) -> tuple[Column, ...]:
    """What every table of evidence has."""
    return (
        Column("risk", "label"),
        Column("status", "label", hidden=not ruled_out),
        Column("words", hidden=not ruled_out),
        Column("evidence"),
        *([Column("probability", "score")] if reranked else []),
        Column("sign", hidden=True),
        Column("sign_similarity", "number", hidden=True),
        Column("contrast", hidden=True),
        Column("contrast_similarity", "number", hidden=True),
        *([] if ruled_out else [Column("ruled_out", hidden=True)]),
        Column("text", hidden=True),
    )


def _row(item: FlaggedText, score: RiskScore) -> dict[str, Any]:
    """One risk of one text as flat columns."""
    evidence = score.evidence
    sign, sign_similarity = _example(evidence.sign)
    contrast, contrast_similarity = _example(evidence.contrast)
    return {
        "id": item.id,
        "text": item.text,
        "risk": score.risk,
        "score": score.score,
        "flagged": score.flagged,
        "evidence": evidence.sentence,
        "start": evidence.start,
        "end": evidence.end,
        "sign": sign,
        "sign_similarity": sign_similarity,
        "contrast": contrast,
        "contrast_similarity": contrast_similarity,
        "status": evidence.status,
        "words": ", ".join(evidence.words),
        "probability": evidence.probability,
        "ruled_out": _ruled_out_texts(score),
    }


def _ruled_out_texts(score: RiskScore) -> list[str]:
    """Sentences that were ruled out, each with its status and the words that decided it."""
    return [
        f"{ruled_out.evidence.sentence} "
        f"({ruled_out.evidence.status}: {', '.join(ruled_out.evidence.words)})"
        for ruled_out in score.ruled_out
    ]


def _example(example: NearestExample | None) -> tuple[str | None, float | None]:
    return (None, None) if example is None else (example.sentence, example.similarity)
