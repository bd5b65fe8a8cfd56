"""Flagging texts for risks: the step of every flagging workflow, and its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, computed_field, field_validator

from metier.datafiles.data_model import DataModel
from metier.engine.long_texts import LongTextMode
from metier.registry.ids import Name
from metier.results.own_columns import OwnFields, hidden_cells, hidden_columns, rows_beside
from metier.results.result import Result
from metier.results.table import Column, Excerpt, Table
from metier.texts.sentences import Span, sentences
from metier.texts.texts import Texts

if TYPE_CHECKING:
    from metier.runtime.runtime import Runtime


class Risk(DataModel):
    """A risk and how it reads.

    Attributes:
        id: unique in its taxonomy.
        title: for people.
        instruction: id of the instruction under which the sentences are embedded.
        signs: sentences that show it.
        contrasts: similar sentences that do not show it, such as denials.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Name
    title: str
    instruction: str
    signs: tuple[str, ...] = Field(min_length=1)
    contrasts: tuple[str, ...] = ()


class Taxonomy(DataModel):
    """The risks of a field, and ordinary sentences of the field that show none.

    Attributes:
        risks: at least one.
        neutral: at least five; they show how similar to a risk any sentence is in a model.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    risks: tuple[Risk, ...] = Field(min_length=1)
    neutral: tuple[str, ...] = Field(min_length=5)

    @field_validator("risks")
    @classmethod
    def _refuse_repeats(cls, risks: tuple[Risk, ...]) -> tuple[Risk, ...]:
        repeated = [name for name, times in Counter(risk.id for risk in risks).items() if times > 1]
        if repeated:
            raise ValueError(f"risk {', '.join(sorted(repeated))} is defined more than once")
        return risks


class Evidence(BaseModel):
    """The sentence with the highest score: `text[start:end]` of the item.

    Of a sentence longer than the model reads it is the part with the highest score.
    """

    model_config = ConfigDict(frozen=True)

    start: int
    end: int
    sentence: str


class RiskScore(BaseModel):
    """One risk of one text.

    Attributes:
        score: in [0, 1]; 0.5 means undecided. A ranking score, not a probability.
        flagged: whether the score reached the threshold.
        evidence: the sentence with the highest score.
    """

    model_config = ConfigDict(frozen=True)

    risk: str
    score: float
    flagged: bool
    evidence: Evidence


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
    """Texts scored for each risk, in input order."""

    noun: str
    threshold: float
    titles: dict[str, str]
    items: tuple[FlaggedText, ...]

    @property
    def flagged(self) -> list[FlaggedText]:
        """Texts with at least one flag, highest score first."""
        flagged = [item for item in self.items if item.flags]
        return sorted(flagged, key=lambda item: (-item.scores[0].score, item.id))

    def title(self) -> str:
        return f"{self.noun[:1].upper()}{self.noun[1:]} by risk"

    def headline(self) -> str:
        return (
            f"{len(self.flagged)} of {len(self.items)} {self.noun} flagged "
            f"(score at least {self.threshold:g})"
        )

    def tables(self) -> list[Table]:
        counts = Counter(flag.risk for item in self.items for flag in item.flags)
        summary = Table(
            "Flags per risk",
            (Column("risk", "label"), Column("flagged", "count")),
            [(self.titles[risk], counts[risk]) for risk in self.titles],
            head=len(self.titles),
        )
        pairs = [(item, flag) for item in self.flagged for flag in item.flags]
        by_score = sorted(self.items, key=lambda item: (-item.scores[0].score, item.id))
        highest = [(item, item.scores[0]) for item in by_score]
        flagged = self._scores_table(f"Flagged {self.noun}, highest first", pairs)
        everything = self._scores_table(f"All {self.noun}", highest, with_flag=True)
        return [summary, *([flagged] if pairs else []), *([everything] if highest else [])]

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
        own = hidden_columns([item.fields for item in self.items])
        columns = (
            Column("id"),
            *([Column("flagged", "label")] if with_flag else []),
            Column("score", "score"),
            Column("risk", "label"),
            Column("evidence"),
            Column("text", hidden=True),
            *own,
        )
        rows = [
            (
                item.id,
                *([score.flagged] if with_flag else []),
                score.score,
                self.titles[score.risk],
                score.evidence.sentence,
                Excerpt(item.text, ((score.evidence.start, score.evidence.end),)),
                *hidden_cells(item.fields, own),
            )
            for item, score in scored
        ]
        return Table(title, columns, rows, head=0 if with_flag else 20, main=with_flag)

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
        rows = [
            {
                "id": item.id,
                "text": item.text,
                "risk": score.risk,
                "score": score.score,
                "flagged": score.flagged,
                "evidence": score.evidence.sentence,
                "start": score.evidence.start,
                "end": score.evidence.end,
            }
            for item, score in scored
        ]
        return rows_beside(rows, [item.fields for item, _ in scored])

    def _parts_note(self, texts: int, parts: int) -> str:
        which = "1 sentence was" if texts == 1 else f"{texts} sentences were"
        return (
            f"{which} longer than the model reads: read in parts ({parts} in all), the highest of "
            "which counts."
        )


def flag_texts(
    rt: Runtime,
    texts: Texts,
    taxonomy: Taxonomy,
    *,
    threshold: float,
    noun: str = "texts",
    dim: int | None = None,
    long_texts: LongTextMode = "pool",
) -> FlagReport:
    """Score every sentence of every text for every risk; a text scores as its highest sentence.

    Sentences of the texts are embedded as documents, under an instruction only where it is for
    both sides. Sentences of the taxonomy are embedded as queries under the instruction of their
    risk, in the vector size of the first risk; the Runtime keeps their vectors for the next run.
    Each risk is contrasted with the contrasts of all risks and the neutral sentences, as a denial
    of one risk is no sign of another.

    Args:
        rt: the Runtime.
        texts: what to score.
        taxonomy: the risks and how they read.
        threshold: least score that is flagged, in [0, 1].
        noun: what the texts are, for people.
        dim: vector size; None for the default of the first risk's instruction.
        long_texts: of sentences longer than the model reads, `pool` scores every part, of which
            the highest counts, and `cut` only their beginning.
    """
    spans = [sentences(item.text) or [Span(0, len(item.text), item.text)] for item in texts]
    if long_texts == "pool":
        spans = _divided(rt, spans, taxonomy)
    scores = _risk_scores(rt, [span.text for part in spans for span in part], taxonomy, dim)
    starts = np.cumsum([0] + [len(part) for part in spans])
    return FlagReport(
        noun=noun,
        threshold=threshold,
        titles={risk.id: risk.title for risk in taxonomy.risks},
        items=tuple(
            FlaggedText(
                id=item.id,
                text=item.text,
                fields=dict(item.fields),
                scores=_scored(
                    taxonomy, scores[:, starts[index] : starts[index + 1]], spans[index], threshold
                ),
            )
            for index, item in enumerate(texts)
        ),
    )


def _divided(rt: Runtime, spans: list[list[Span]], taxonomy: Taxonomy) -> list[list[Span]]:
    """Sentences, those longer than the model reads in parts, with their offsets in the text."""
    instructions = [
        rt.instructions.resolve(risk.instruction).instruction for risk in taxonomy.risks
    ]
    contents = [span.text for of_text in spans for span in of_text]
    parts = iter(rt.engine.divide(contents, "document", instructions=instructions))
    return [
        [
            Span(span.start + part.start, span.start + part.end, part.text)
            for span in of_text
            for part in next(parts)
        ]
        for of_text in spans
    ]


def _risk_scores(
    rt: Runtime, contents: list[str], taxonomy: Taxonomy, dim: int | None
) -> npt.NDArray[np.float64]:
    """Scores of sentences, (risks, sentences)."""
    from metier.analysis.comparison_scores import contrast_scores

    embedded: dict[str, npt.NDArray[np.float32]] = {}
    contrasts = [sentence for risk in taxonomy.risks for sentence in risk.contrasts]
    backgrounds: dict[str, npt.NDArray[np.float32]] = {}
    rows = []
    for risk in taxonomy.risks:
        declared = rt.instructions.resolve(risk.instruction).instruction
        key = declared.full_id if declared.sides == "both" else ""
        if key not in embedded:
            embedded[key] = rt.embed_documents(contents, instruction=risk.instruction, dim=dim)
            dim = embedded[key].shape[1]  # vectors of different sizes cannot be compared
        if risk.instruction not in backgrounds:
            backgrounds[risk.instruction] = rt.engine.embed(
                [*contrasts, *taxonomy.neutral],
                "query",
                instruction=declared,
                dim=dim,
                memorize=True,
            )
        background = backgrounds[risk.instruction]
        signs = rt.engine.embed(risk.signs, "query", instruction=declared, dim=dim, memorize=True)
        neutral = background[len(contrasts) :]
        rows.append(contrast_scores(embedded[key], signs, background, neutral))
    return np.stack(rows)


def _scored(
    taxonomy: Taxonomy, scores: npt.NDArray[np.float64], spans: list[Span], threshold: float
) -> tuple[RiskScore, ...]:
    """Scores of one text, (risks, its sentences), as one `RiskScore` a risk, highest first."""
    risk_scores = []
    for risk, row in zip(taxonomy.risks, scores, strict=True):
        best = int(row.argmax())
        span = spans[best]
        score = round(float(row[best]), 4)
        risk_scores.append(
            RiskScore(
                risk=risk.id,
                score=score,
                flagged=score >= threshold,  # as it is shown
                evidence=Evidence(start=span.start, end=span.end, sentence=span.text),
            )
        )
    return tuple(sorted(risk_scores, key=lambda score: (-score.score, score.risk)))
