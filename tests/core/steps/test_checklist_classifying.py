"""Texts that get the question of a checklist: from its examples, and from those of the user."""

from __future__ import annotations

import pytest

from metier import Texts
from metier.errors import InputError, ParameterError
from metier.registry.checklist import Checklist, ChecklistQuestion
from metier.registry.instruction import Instruction
from metier.steps.checklist_classifying import classify_by_checklist

TASK = Instruction(id="sort", task="Classify a toy by its kind", kind="classification")
COLORS = ("red", "white", "grey", "blue")
TOYS = Checklist(
    questions=(
        ChecklistQuestion(id="bear", title="Bear", description="A soft animal to hug.",
                          aliases=("Teddy Bear",),
                          examples=tuple(f"A {color} teddy with soft fur" for color in COLORS)),
        ChecklistQuestion(id="train", title="Train", description="A railway with carriages.",
                          examples=tuple(f"A {color} train on iron rails" for color in COLORS)),
    ),
    neutral=("Cook the soup slowly.", "Cut the onions.", "Add salt to the soup.", "Peel carrots.",
             "Stir the soup with a spoon."),
)  # fmt: skip
TEXTS = Texts.of(["A brown teddy with soft fur", "A steam train on rails", "Salt the soup slowly"])


def labels_of_texts(rt, texts=TEXTS, **options):
    report = classify_by_checklist(rt, texts, TOYS, instruction=TASK, **options)
    return report, [item.label for item in report.items]


def test_each_text_gets_its_question_and_what_is_neutral_none(rt):
    report, labels = labels_of_texts(rt)
    assert labels == ["Bear", "Train", None]
    assert report.labels == ("Bear", "Train")
    assert report.learned_from == "checklist"
    assert (report.examples, report.accuracy) == (0, None)


def test_of_labels_that_are_named_each_text_gets_one(rt):
    """By an alias, however it is written; what the checklist does not know reads as it is named."""
    texts = Texts.of(["A brown teddy with soft fur", "Salt the soup slowly"])
    names = ["teddy_bear", "soup: Soup is cooked slowly with salt."]
    report, labels = labels_of_texts(rt, texts, labels=names)
    assert labels == ["teddy_bear", "soup"]
    assert report.learned_from == "checklist"


def test_labels_that_the_checklist_does_not_know_are_compared_with_the_texts(rt):
    texts = Texts.of(["Add salt to the soup", "Cut the wood with a saw"])
    report, labels = labels_of_texts(rt, texts, labels=["cooking", "carpentry"])
    assert labels == ["cooking", "carpentry"]
    assert report.learned_from == "labels"


def test_examples_of_the_user_are_learned_beside_those_of_the_checklist(rt):
    """One example each would be little: the checklist says what its questions read like."""
    rows = {"Boil the soup": "soup", "Freeze the soup": "soup", "My old teddy": "Teddy Bear"}
    examples = Texts.of([{"text": text, "label": label} for text, label in rows.items()])
    report, labels = labels_of_texts(rt, examples=examples)
    assert labels[0] == "Teddy Bear"
    assert labels[2] == "soup"
    assert (report.learned_from, report.labels) == ("examples", ("Teddy Bear", "soup"))
    assert (report.examples, report.held_out) == (3, 3)
    assert report.accuracy in (0.3333, 0.6667, 1.0)


def scores_of(report):
    return [{score.label: score.score for score in item.scores} for item in report.items]


def test_scores_depend_on_the_order_neither_of_labels_nor_of_examples(rt):
    names = ["Train", "soup: Soup is cooked slowly with salt.", "teddy_bear"]
    report, reverse = (labels_of_texts(rt, labels=order)[0] for order in (names, names[::-1]))
    assert report.labels == ("Train", "soup", "teddy_bear")
    for scores, reversed_scores in zip(scores_of(report), scores_of(reverse), strict=True):
        assert scores == pytest.approx(reversed_scores, abs=1e-3)
    rows = [{"text": f"{verb} the soup", "label": "soup"} for verb in ("Boil", "Freeze", "Taste")]
    rows += [{"text": f"My {age} teddy", "label": "Bear"} for age in ("old", "worn", "torn")]
    report, reverse = (
        labels_of_texts(rt, examples=Texts.of(order))[0] for order in (rows, rows[3:] + rows[:3])
    )
    assert report.accuracy == reverse.accuracy
    for scores, reversed_scores in zip(scores_of(report), scores_of(reverse), strict=True):
        assert scores == pytest.approx(reversed_scores, abs=1e-3)


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        (["bear", "Train", "Teddy Bear"], "'bear' and 'Teddy Bear' are one question .*: 'Bear'"),
        (["bear", "Bear"], "'bear' and 'Bear' differ in capitals only"),
        (["Bear", "Train", "Bear"], "The label 'Bear' is given twice"),
        (["Bear", "Undecided: hard to say"], "'Undecided' cannot be a label"),
    ],
)
def test_labels_that_people_could_not_tell_apart_are_refused(rt, labels, problem):
    with pytest.raises(ParameterError, match=problem):
        labels_of_texts(rt, labels=labels)


def test_labels_of_examples_that_are_one_question_are_refused(rt):
    rows = [{"text": "A bear.", "label": "bear"}, {"text": "A teddy.", "label": "Teddy Bear"}]
    with pytest.raises(ParameterError, match="Give the examples of both the same label"):
        labels_of_texts(rt, examples=Texts.of(rows))


def test_below_the_threshold_a_text_stays_undecided(rt):
    assert labels_of_texts(rt, threshold=1.0)[1] == [None, None, None]


def test_labels_that_cannot_be_told_apart_are_refused(rt):
    with pytest.raises(ParameterError, match="labels names 1 label"):
        labels_of_texts(rt, labels=["Bear"])
    examples = Texts.of([{"text": text, "toy": "Bear"} for text in ("A bear.", "A teddy.")])
    with pytest.raises(InputError, match="All 2 examples of the input have the label 'Bear'"):
        labels_of_texts(rt, examples=examples, label_field="toy")
    different = Texts.of([{"text": text, "label": text} for text in ("A bear.", "A train.")])
    with pytest.raises(ParameterError, match="both labels and labeled examples"):
        labels_of_texts(rt, labels=["a", "b"], examples=different)
