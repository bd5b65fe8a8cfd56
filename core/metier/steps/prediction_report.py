"""The result of applying a head: what it says about texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from metier.results.own_columns import OwnFields, hidden_cells, hidden_columns, rows_beside
from metier.results.result import Result
from metier.results.table import Column, Excerpt, Table
from metier.steps.classifying import LabelScore
from metier.texts.texts import Texts

if TYPE_CHECKING:
    from metier.heads.head import Head
    from metier.heads.head_prediction import HeadPrediction


_FEW = 5
"""Labels up to which a note says how often each is right."""


class PredictedText(BaseModel):
    """A text with its labels.

    Attributes:
        fields: the other fields of its row in the input.
        label: the likeliest.
        probability: of it, calibrated.
        decision: `sure` where the set holds one label, `not sure` where it holds several, and
            `none of the known` where the text is like no example.
        possible: the set of labels, the likeliest first, that holds the right one as often as the
            head states.
        flagged: whether it is flagged; None for a head without a label that is flagged.
        scores: the probability of each label, the likeliest first.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    text: str
    fields: OwnFields = Field(default_factory=dict)
    label: str
    probability: float
    decision: Literal["sure", "not sure", "none of the known"]
    possible: tuple[str, ...]
    flagged: bool | None
    scores: tuple[LabelScore, ...]


class PredictionReport(Result):
    """What a head says about texts, in input order.

    Attributes:
        noun: what the texts are, for people.
        labels: that the head knows, sorted.
        positive: the label that is flagged; None for none.
        threshold: of flags; None where the likeliest label decides.
        level: share of texts whose set of labels is to hold the right one.
        sure_right: of held-out examples that the head is sure of, the share that is right, by the
            label that it is sure of.
        unread: by column the number of values that are no numbers, or dates, as those of the
            examples are; they count as missing.
        items: in input order.
    """

    noun: str
    labels: tuple[str, ...]
    positive: str | None
    threshold: float | None
    level: float
    sure_right: dict[str, float] = Field(default_factory=dict)
    unread: dict[str, int] = Field(default_factory=dict)
    items: tuple[PredictedText, ...]

    @classmethod
    def of(
        cls, head: Head, prediction: HeadPrediction, texts: Texts, *, noun: str
    ) -> PredictionReport:
        """The result of a prediction.

        Args:
            head: that made it.
            prediction: for the texts.
            texts: in the order of the prediction.
            noun: what the texts are, for people.
        """
        return cls(
            noun=noun,
            labels=head.classes,
            positive=head.positive,
            threshold=None if head.threshold is None else head.threshold.value,
            level=head.level,
            sure_right=_sure_right(head),
            unread=dict(prediction.unread),
            items=_predicted(prediction, texts),
        )

    @property
    def flagged(self) -> list[PredictedText]:
        """Flagged texts, the highest score first."""
        flagged = [item for item in self.items if item.flagged]
        return sorted(flagged, key=lambda item: -self.score(item))

    def score(self, item: PredictedText) -> float:
        """The probability of the label that is flagged; of the likeliest one without it."""
        known = {score.label: score.score for score in item.scores}
        return known.get(self.positive or item.label, 0.0)

    def title(self) -> str:
        return f"{self.noun[:1].upper()}{self.noun[1:]} by label"

    def headline(self) -> str:
        sure = sum(item.decision == "sure" for item in self.items)
        unlike = sum(item.decision == "none of the known" for item in self.items)
        unsure = len(self.items) - sure - unlike
        flags = f", {len(self.flagged)} flagged {self.positive}" if self.positive else ""
        return (
            f"{len(self.items)} {self.noun}{flags}: {sure} sure, {unsure} not sure, "
            f"{unlike} like none of the known"
        )

    def tables(self) -> list[Table]:
        own = hidden_columns([item.fields for item in self.items])
        items = self.items
        if self.positive is not None:
            items = tuple(sorted(items, key=lambda item: -self.score(item)))
        likeliest = self.positive is None or len(self.labels) > 2
        rows = [
            (
                item.id,
                *([self.score(item), item.flagged] if self.positive else []),
                *([item.label, item.probability] if likeliest else []),
                item.decision,
                ", ".join(item.possible),
                Excerpt(item.text),
                *hidden_cells(item.fields, own),
            )
            for item in items
        ]
        flag = (Column(f"{self.positive}", "score"), "flagged") if self.positive else ()
        label = (Column("label", "label"), Column("probability", "score")) if likeliest else ()
        columns = (
            *("id", *flag, *label),
            *(Column("decision", "label"), "possible", Column("text", main=True), *own),
        )
        return [Table(f"Labels of the {self.noun}", columns, rows, main=True)]

    def notes(self) -> list[str]:
        share = f"{self.level:.0%}"
        stated = f"For {share} of texts like the examples the possible labels hold the right one."
        notes = [
            *(
                f"{column}: {count} of {len(self.items)} values are not written as those of the "
                "examples, and count as missing."
                for column, count in self.unread.items()
            ),
            stated,
        ]
        if self.sure_right and len(self.labels) <= _FEW:
            right = ", ".join(f"{share:.0%} of {name}" for name, share in self.sure_right.items())
            notes.append(
                f"Sure means that one label alone is possible at that level. Of held-out examples "
                f"that this was said of, it was right for: {right}."
            )
        return [*notes, *super().notes()]

    def rows(self) -> list[dict[str, Any]]:
        rows = [
            {
                "id": item.id,
                "text": item.text,
                **({"score": self.score(item), "flagged": item.flagged} if self.positive else {}),
                "label": item.label,
                "probability": item.probability,
                "decision": item.decision,
                "possible": ", ".join(item.possible),
                **{f"score of {name}": self._score_of(item, name) for name in self.labels},
            }
            for item in self.items
        ]
        return rows_beside(rows, [item.fields for item in self.items])

    def columns_by_group(self) -> dict[str, list[Mapping[str, Any]]]:
        return {
            label: [item.fields for item in self.items if item.label == label]
            for label in self.labels
        }

    @staticmethod
    def _score_of(item: PredictedText, label: str) -> float:
        return next(score.score for score in item.scores if score.label == label)


def _sure_right(head: Head) -> dict[str, float]:
    """Of each label how often it is right on held-out examples to be sure of it."""
    classes = () if head.report is None else head.report.classes
    known = {quality.label: quality.sure_right for quality in classes}
    return {label: share for label, share in known.items() if share is not None}


def _predicted(prediction: HeadPrediction, texts: Texts) -> tuple[PredictedText, ...]:
    """Each text with what the head says of it."""
    classes, decisions = prediction.classes, prediction.decisions
    items = []
    for row, item in enumerate(texts):
        probabilities = prediction.probabilities[row]
        order = (-probabilities).argsort(kind="stable").tolist()
        scores = [
            LabelScore(label=classes[label], score=round(float(probabilities[label]), 4))
            for label in order
        ]
        items.append(
            PredictedText(
                id=item.id,
                text=item.text,
                fields=dict(item.fields),
                label=scores[0].label,
                probability=scores[0].score,
                decision=decisions[row],
                possible=tuple(classes[label] for label in order if prediction.sets[row, label]),
                flagged=None if prediction.flags is None else bool(prediction.flags[row]),
                scores=tuple(scores),
            )
        )
    return tuple(items)
