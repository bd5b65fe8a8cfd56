"""Classifying texts: the steps of every classifying workflow, and their report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from metier.engine.long_texts import LongTextMode
from metier.errors import ParameterError
from metier.progress import working
from metier.registry.instruction import Instruction
from metier.results.own_columns import OwnFields, hidden_cells, hidden_columns, rows_beside
from metier.results.result import Result
from metier.results.table import Column, Excerpt, Table, counted
from metier.steps.learning import head_inputs
from metier.steps.nearness import near_cosine
from metier.texts.texts import Texts

if TYPE_CHECKING:
    from metier.heads.inputs import HeadInputs
    from metier.runtime.runtime import Runtime


class LabelScore(BaseModel):
    """The score of one label, in [0, 1]; the scores of a text sum to 1."""

    model_config = ConfigDict(frozen=True)

    label: str
    score: float


class ClassifiedText(BaseModel):
    """One text with all its labels, highest score first.

    Attributes:
        fields: the other fields of its row in the input.
        label: the highest; None where its score did not reach the threshold.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    text: str
    fields: OwnFields = Field(default_factory=dict)
    label: str | None
    scores: tuple[LabelScore, ...]


class ClassificationReport(Result):
    """Texts with their labels, in input order.

    Attributes:
        noun: what the texts are, for people.
        learned_from: with `examples` a score is a calibrated probability, and with `checklist`
            one of texts that read like those of the checklist; with `labels` it is a share that
            orders the labels of a text, not a probability.
        labels: all labels, in the order of the call or, of examples, sorted.
        only_named: labels that nothing is known of but their name, beside others with examples.
        threshold: least score a label was given for.
        examples: number of examples.
        held_out: number of them that were held out in turn: not the only one of a label.
        accuracy: share of these that were labeled right; None without any.
        items: in input order.
    """

    noun: str
    learned_from: Literal["labels", "checklist", "examples"]
    labels: tuple[str, ...]
    only_named: tuple[str, ...] = ()
    threshold: float
    examples: int = 0
    held_out: int = 0
    accuracy: float | None = None
    items: tuple[ClassifiedText, ...]

    @property
    def undecided(self) -> list[ClassifiedText]:
        """Texts without a label, in input order."""
        return [item for item in self.items if item.label is None]

    def title(self) -> str:
        return f"{self.noun[:1].upper()}{self.noun[1:]} by label"

    def headline(self) -> str:
        used = len({item.label for item in self.items} - {None})
        texts = counted(len(self.items), self.noun.removesuffix("s"))
        return f"{texts} in {used} of {len(self.labels)} labels, {len(self.undecided)} undecided"

    def tables(self) -> list[Table]:
        counts = Counter(item.label for item in self.items)
        summary = Table(
            "Texts per label",
            (Column("label", "label"), Column(self.noun, "count")),
            [(label, counts[label]) for label in self.labels]
            + ([("undecided", len(self.undecided))] if self.undecided else []),
            head=len(self.labels) + 1,
        )
        own = hidden_columns([item.fields for item in self.items])
        detail = Table(
            f"Labels of the {self.noun}",
            (Column("id"), Column("label", "label"), Column("score", "score"), "text", *own),
            [
                (
                    item.id,
                    item.label or "undecided",
                    item.scores[0].score,
                    Excerpt(item.text),
                    *hidden_cells(item.fields, own),
                )
                for item in self.items
            ],
            main=True,
        )
        return [summary, detail]

    def rows(self) -> list[dict[str, Any]]:
        rows = [
            {
                "id": item.id,
                "text": item.text,
                "label": item.label,
                "score": item.scores[0].score,
                **{f"score of {score.label}": score.score for score in self._in_order(item)},
            }
            for item in self.items
        ]
        return rows_beside(rows, [item.fields for item in self.items])

    def columns_by_group(self) -> dict[str, list[Mapping[str, Any]]]:
        texts = {
            label: [item.fields for item in self.items if item.label == label]
            for label in self.labels
        }
        undecided = [item.fields for item in self.undecided]
        return texts | ({"undecided": undecided} if undecided else {})

    def notes(self) -> list[str]:
        notes = []
        if self.only_named:
            names = ", ".join(map(repr, self.only_named))
            notes.append(
                f"Of {names} only the name is known, and it is chosen less often than it is right: "
                f"say what belongs to it, as in '{self.only_named[0]}: ...'."
            )
        if self.accuracy is not None:
            right = round(self.accuracy * self.held_out)
            low, high = _likely_shares(right, self.held_out)
            notes.append(
                f"{right} of {counted(self.held_out, 'example')} are labeled right when held out: "
                f"{self.accuracy:.0%}, with a 95% interval of {low:.0%} to {high:.0%}."
            )
        return [*notes, *super().notes()]

    def _in_order(self, item: ClassifiedText) -> list[LabelScore]:
        return sorted(item.scores, key=lambda score: self.labels.index(score.label))


def _likely_shares(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), which holds for few examples, too."""
    squared = 1.96**2
    middle = (right + squared / 2) / (count + squared)
    half = 1.96 * (right * (count - right) / count + squared / 4) ** 0.5 / (count + squared)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def classify_by_labels(
    rt: Runtime,
    texts: Texts,
    labels: Mapping[str, str],
    *,
    instruction: str | Instruction,
    noun: str = "texts",
    threshold: float = 0.0,
    only_near: bool = False,
    margin: float = 0.0,
    dim: int | None = None,
    long_texts: LongTextMode = "pool",
) -> ClassificationReport:
    """Give each text the label whose description is nearest; nothing is learned.

    Texts are embedded as queries under the instruction, descriptions as documents.

    Args:
        rt: the Runtime.
        texts: what to classify.
        labels: the name of each label, and the text that is compared.
        instruction: id or `Instruction`.
        noun: what the texts are, for people.
        threshold: least score a label is given for; texts below it stay undecided.
        only_near: whether texts stay undecided whose nearest description is no nearer than
            unrelated texts are, see `near_cosine`.
        margin: how much higher the cosine of the nearest description has to be than that of the
            next one; where it is not, a text stays undecided between the two.
        dim: vector size; None for the instruction's default.
        long_texts: of texts and descriptions longer than the model reads, `pool` takes the mean of
            the vectors of their parts, weighted by tokens, and `cut` the vector of their beginning.

    Raises:
        ParameterError: there are fewer than two labels.
    """
    from metier.analysis.comparison_scores import label_shares

    require_two_labels(labels, "labels")
    described = rt.embed_documents(
        list(labels.values()), instruction=instruction, dim=dim, long_texts=long_texts
    )
    vectors = rt.embed_queries(texts, instruction=instruction, dim=dim, long_texts=long_texts)
    shares, names = label_shares(vectors, described), tuple(labels)
    least = near_cosine(rt, instruction, described.shape[1]) if only_near else -1.0
    decided = _decided(np.asarray(vectors) @ np.asarray(described).T, least, margin)
    items = classified_texts(texts, names, shares, threshold, decided)
    return ClassificationReport(
        noun=noun, learned_from="labels", labels=names, threshold=threshold, items=items
    )


def _decided(cosines: npt.NDArray[np.float32], least: float, margin: float) -> list[bool]:
    """Of cosines (texts, labels) whether the highest is high enough, and above the next one."""
    ranked = np.sort(cosines, axis=1)
    is_ahead = ranked[:, -1] - ranked[:, -2] >= margin
    decided: list[bool] = (is_ahead & (ranked[:, -1] >= least)).tolist()
    return decided


def classify_by_examples(
    rt: Runtime,
    texts: Texts,
    examples: Texts,
    labels: Sequence[str],
    *,
    instruction: str | Instruction,
    noun: str = "texts",
    threshold: float = 0.0,
    only_near: bool = False,
    seed: int = 0,
    dim: int | None = None,
    long_texts: LongTextMode = "pool",
) -> ClassificationReport:
    """Learn labels from examples, as a `Head` does: from their vectors as queries and their terms.

    Args:
        texts: what to classify.
        examples: texts whose label is known.
        labels: the label of each example.
        instruction: id or `Instruction`.
        noun: what the texts are, for people.
        threshold: least probability a label is given for; texts below it stay undecided.
        only_near: as for `classify_by_labels`, by the nearest example.
        seed: the same inputs and seed give the same result.

    Raises:
        InputError: the examples have fewer than two different labels.
    """
    from metier.heads.classes import classes_of
    from metier.heads.learning import learn

    names, targets = classes_of(labels, examples.source)
    inputs = partial(head_inputs, rt, instruction=instruction, dim=dim, long_texts=long_texts)
    read, unread = inputs(examples, labels), inputs(texts)
    with working(rt.engine.progress, "fitting", 1) as bar:
        learned = learn(read, targets, len(names), seed=seed)
        probabilities = learned.probabilities(unread)
        bar.advance()
    near = _near_examples(rt, instruction, unread, read) if only_near else None
    return ClassificationReport(
        noun=noun,
        learned_from="examples",
        labels=names,
        threshold=threshold,
        examples=len(examples),
        held_out=len(learned.rows),
        accuracy=None if learned.accuracy is None else round(learned.accuracy, 4),
        items=classified_texts(texts, names, probabilities, threshold, near),
    )


def _near_examples(
    rt: Runtime, instruction: str | Instruction, texts: HeadInputs, examples: HeadInputs
) -> list[bool]:
    """Whether the nearest example of each text is nearer than unrelated texts are."""
    vectors, known = np.asarray(texts.vectors), np.asarray(examples.vectors)
    least = near_cosine(rt, instruction, known.shape[1])
    near: list[bool] = ((vectors @ known.T).max(axis=1) >= least).tolist()
    return near


def classified_texts(
    texts: Texts,
    labels: tuple[str, ...],
    scores: npt.NDArray[np.float64],
    threshold: float,
    may_have: Sequence[bool] | None = None,
) -> tuple[ClassifiedText, ...]:
    """Scores (texts, labels) as one `ClassifiedText` a text.

    Args:
        texts: n of them.
        labels: k of them.
        scores: (n, k).
        threshold: least score that a label is given for.
        may_have: n times whether a text may have a label at all; None where all may.
    """
    classified = []
    allowed = [True] * len(texts) if may_have is None else may_have
    for item, row, may in zip(texts, scores, allowed, strict=True):
        # a stable sort: of two that are equal the first label stays first
        order = np.argsort(-row, kind="stable")
        ranked = [
            LabelScore(label=labels[index], score=round(float(row[index]), 4)) for index in order
        ]
        decided = may and ranked[0].score >= threshold  # as it is shown
        classified.append(
            ClassifiedText(
                id=item.id,
                text=item.text,
                fields=dict(item.fields),
                label=ranked[0].label if decided else None,
                scores=tuple(ranked),
            )
        )
    return tuple(classified)


def require_two_labels(labels: Mapping[str, str], parameter: str) -> None:
    """Refuse fewer than two labels.

    Raises:
        ParameterError: see above; it names the parameter.
    """
    if len(labels) < 2:
        raise ParameterError(
            f"{parameter} names {counted(len(labels), 'label')}; two are the "
            "fewest a text can be told apart by.",
            fix="Name another, such as one for everything else.",
        )
