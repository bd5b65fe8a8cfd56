"""Classifying texts by a checklist: its own examples are learned, with those of the user."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from metier.engine.long_texts import LongTextMode
from metier.errors import ParameterError
from metier.progress import working
from metier.registry.checklist import Checklist
from metier.registry.instruction import Instruction
from metier.steps.classifying import (
    ClassificationReport,
    ClassifiedText,
    classified_texts,
    classify_by_labels,
    require_two_labels,
)
from metier.steps.described_labels import add_described_labels
from metier.steps.labeled_examples import labels_of, named_labels
from metier.steps.learning import head_inputs
from metier.texts.rows import Item
from metier.texts.texts import Texts

if TYPE_CHECKING:
    from metier.heads.inputs import Floats, HeadInputs
    from metier.heads.learning import LearningResult
    from metier.runtime.runtime import Runtime

_NEUTRAL = ""
"""Stands for no label at all: no label is empty."""


class LabeledPassage(NamedTuple):
    """A passage to learn from, with its label; `_NEUTRAL` where it is of none."""

    text: str
    label: str


def classify_by_checklist(
    rt: Runtime,
    texts: Texts,
    checklist: Checklist,
    *,
    labels: Sequence[str] = (),
    examples: Texts | None = None,
    label_field: str = "label",
    instruction: str | Instruction,
    noun: str = "texts",
    threshold: float = 0.0,
    allow_none: bool | None = None,
    seed: int = 0,
    dim: int | None = None,
    long_texts: LongTextMode = "pool",
) -> ClassificationReport:
    """Give each text the question of a checklist that it answers, by its examples and the user's.

    Args:
        checklist: its questions are known by titles, aliases and ids.
        labels: each a name, or `name: description`; of none all titles. One that the checklist does
            not know is compared with its description (`add_described_labels`). If it knows none of
            them, they are compared as by `classify_by_labels`.
        examples: labeled rows to learn from as well; their labels take the place of `labels`.
        label_field: of the examples; the rest is as for `classify_by_examples`.
        allow_none: whether texts stay undecided that are likelier neutral passages of the checklist
            than of a label; None: if there are neither labels nor examples.

    Raises:
        ParameterError, InputError: fewer than two labels, two of one question, or examples beside.
    """
    own = _labeled(examples, label_field, labels)
    names = _named(checklist, labels, own)
    options: dict[str, Any] = {"instruction": instruction, "dim": dim, "long_texts": long_texts}
    shown: dict[str, Any] = {"noun": noun, "threshold": threshold}
    may_be_none = not (labels or own) if allow_none is None else allow_none
    described = {} if own else _unknown(checklist, names)
    if described and (len(described) == len(names) or len(checklist.questions) == 1):
        return classify_by_labels(rt, texts, names, only_near=may_be_none, **shown, **options)
    passages = [*own, *_shown(checklist, names, described, with_neutral=may_be_none)]
    read = head_inputs(rt, texts, **options)
    known, shares, measured = _probabilities(rt, passages, read, len(own), seed, options)
    shares = add_described_labels(rt, checklist, read, shares, known, described, options)
    only_named = tuple(name for name, text in described.items() if text == name)
    items = _items(texts, tuple(names), shares, (*known, *described), threshold)
    source: Literal["examples", "checklist"] = "examples" if own else "checklist"
    labeled: dict[str, Any] = {"labels": tuple(names), "only_named": only_named, "items": items}
    return ClassificationReport(
        learned_from=source, examples=len(own), **measured, **labeled, **shown
    )


def _items(
    texts: Texts,
    names: tuple[str, ...],
    probabilities: Floats,
    known: Sequence[str],
    threshold: float,
) -> tuple[ClassifiedText, ...]:
    """The texts with their labels; none where they are likelier neutral than of any."""
    scores = probabilities[:, [known.index(name) for name in names]]
    least = probabilities[:, known.index(_NEUTRAL)] if _NEUTRAL in known else 0.0
    return classified_texts(texts, names, scores, threshold, (scores.max(axis=1) >= least).tolist())


def _probabilities(
    rt: Runtime,
    passages: Sequence[LabeledPassage],
    texts: HeadInputs,
    examples: int,
    seed: int,
    options: Mapping[str, Any],
) -> tuple[tuple[str, ...], Floats, dict[str, Any]]:
    """The labels of passages, probabilities of texts for these, and how right examples are."""
    from metier.heads.classes import classes_of
    from metier.heads.learning import learn

    labels = [passage.label for passage in passages]
    if len(set(labels)) == 1:  # beside labels that are only described
        return (labels[0],), np.ones((len(texts), 1)), {}
    items = [Item(str(row), passage.text) for row, passage in enumerate(passages, start=1)]
    known, targets = classes_of(labels)
    read = head_inputs(rt, Texts(items), **options)
    with working(rt.engine.progress, "fitting", 1) as bar:
        learned = learn(read, targets, len(known), seed=seed)
        bar.advance()
    return known, learned.probabilities(texts), _accuracy(learned, examples)


def _labeled(
    examples: Texts | None, label_field: str, labels: Sequence[str]
) -> list[LabeledPassage]:
    """The examples of the user with their labels, in an order that does not depend on theirs."""
    from metier.heads.classes import classes_of

    if examples is None:
        return []
    known = labels_of(examples, label_field)
    classes_of(known, examples.source)  # refuses fewer than two
    if labels:
        raise ParameterError(
            "There are both labels and labeled examples.",
            fix="Leave $labels out: the labels are those of the examples.",
            parameters={"labels": ...},
            parameter="labels",
        )
    pairs = zip(examples.strings, known, strict=True)
    # the folds that are held out depend on the order of rows
    return sorted(LabeledPassage(text, label) for text, label in pairs)


def _named(
    checklist: Checklist, labels: Sequence[str], own: Sequence[LabeledPassage]
) -> Mapping[str, str]:
    """The labels, each with a description of the user's, else its name."""
    if own:
        names = {label: label for label in sorted({passage.label for passage in own})}
        _require_own_questions(checklist, names, "examples")
        return names
    titles = [question.title for question in checklist.questions]
    names = named_labels(labels) if labels else dict(zip(titles, titles, strict=True))
    _require_own_questions(checklist, names, "labels")
    require_two_labels(names, "labels" if labels else "the checklist")
    return names


def _require_own_questions(checklist: Checklist, names: Iterable[str], parameter: str) -> None:
    """Refuse names of one question: they would have the same passages to learn from."""
    owners: dict[str, str] = {}
    for name in names:
        question = checklist.named(name)
        if question is not None and owners.setdefault(question.id, name) != name:
            first = owners[question.id]
            raise ParameterError(
                f"The labels {first!r} and {name!r} are one question of the checklist: "
                f"{question.title!r}.",
                why="An id, a title and an alias stand for the same question, however they are "
                "capitalized and punctuated.",
                fix="Leave one of them out."
                if parameter == "labels"
                else "Give the examples of both the same label.",
                parameter=parameter,
            )


def _unknown(checklist: Checklist, names: Mapping[str, str]) -> dict[str, str]:
    """Of the labels those that the checklist does not know, with what the user says of them."""
    return {name: text for name, text in names.items() if checklist.named(name) is None}


def _shown(
    checklist: Checklist, names: Mapping[str, str], without: Container[str], *, with_neutral: bool
) -> list[LabeledPassage]:
    """What labels read like: passages of their questions, and what the user says of them.

    They are in the order of the checklist, then in that of names, since the folds that are held out
    depend on it.
    """
    passages = []
    orders = {question.id: order for order, question in enumerate(checklist.questions)}
    known = [(checklist.named(name), name) for name in names if name not in without]
    known.sort(key=lambda pair: (orders[pair[0].id] if pair[0] else len(orders), pair[1]))
    for question, name in known:
        described = names[name]
        # different texts, so that a label can be both learned and held out
        texts = [described, name, described.partition(":")[2].strip()]
        if question is not None:
            of_user = texts if described != name else []
            own = f"{question.title}: {question.description}"
            texts = [*of_user, own, *question.examples]
        passages += [LabeledPassage(text, name) for text in dict.fromkeys(texts) if text]
    if with_neutral:
        passages += [LabeledPassage(text, _NEUTRAL) for text in checklist.neutral]
    return passages


def _accuracy(learned: LearningResult, examples: int) -> dict[str, Any]:
    """How many of the user's examples, which come first, were held out; the share that is right."""
    is_own = learned.rows < examples
    if not is_own.any():
        return {}
    is_right = (learned.held_out.argmax(axis=1) == learned.truth)[is_own]
    return {"held_out": len(is_right), "accuracy": round(float(is_right.mean()), 4)}
