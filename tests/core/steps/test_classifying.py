"""Classification of texts: by descriptions, by examples, and left open where it is unsure."""

from __future__ import annotations

import pytest

from metier import Texts
from metier.errors import InputError, ParameterError
from metier.registry.instruction import Instruction
from metier.steps.classifying import (
    ClassificationReport,
    classify_by_examples,
    classify_by_labels,
)

TASK = Instruction(id="sort", task="Classify a toy by its kind", kind="classification")
KINDS = {"bear": "a soft animal to hug", "train": "a railway with carriages and rails"}
TOYS = ["A brown teddy with soft fur", "A steam locomotive for small tracks"]
BEARS = [f"A {color} teddy bear with soft fur" for color in ("red", "white", "grey", "blue")]
TRAINS = [f"A {kind} train that runs on rails" for kind in ("fast", "slow", "long", "toy")]
EXAMPLES = Texts.of([{"id": f"e{n}", "text": text} for n, text in enumerate(BEARS + TRAINS)])
LABELS = ["bear"] * 4 + ["train"] * 4


def by_examples(rt, texts=TOYS, **options) -> ClassificationReport:
    return classify_by_examples(rt, Texts.of(texts), EXAMPLES, LABELS, instruction=TASK, **options)


def by_labels(rt, texts=TOYS, **options) -> ClassificationReport:
    return classify_by_labels(rt, Texts.of(texts), KINDS, instruction=TASK, **options)


@pytest.mark.parametrize("classify", [by_labels, by_examples])
def test_each_text_gets_the_label_that_fits(rt, classify):
    report = classify(rt, noun="toys")
    assert [item.label for item in report.items] == ["bear", "train"]
    assert report.headline() == "2 toys in 2 of 2 labels, 0 undecided"
    for item in report.items:
        assert sum(one.score for one in item.scores) == pytest.approx(1.0, abs=1e-3)
        assert item.scores[0].score > item.scores[1].score


@pytest.mark.parametrize("classify", [by_labels, by_examples])
def test_below_the_threshold_a_text_stays_undecided_and_keeps_its_scores(rt, classify):
    surest = max(item.scores[0].score for item in classify(rt).items)
    report = classify(rt, threshold=surest)
    assert len(report.undecided) == 1
    (undecided,) = report.undecided
    assert undecided.label is None
    assert undecided.scores == next(
        item.scores for item in classify(rt).items if item.id == undecided.id
    )
    assert report.tables()[0].rows[-1] == ("undecided", 1)


def test_a_description_decides_and_not_the_name_of_its_label(rt):
    renamed = dict(zip(("train", "bear"), KINDS.values(), strict=True))
    report = classify_by_labels(rt, Texts.of(TOYS), renamed, instruction=TASK)
    assert [item.label for item in report.items] == ["train", "bear"]


def test_texts_are_instructed_and_descriptions_stay_bare(qwen3_rt):
    """A tiny model follows the instruction: the vectors say which side had it."""
    from metier.analysis.comparison_scores import label_shares

    report = classify_by_labels(qwen3_rt, Texts.of(TOYS), KINDS, instruction=TASK)
    by_hand = label_shares(
        qwen3_rt.embed_queries(TOYS, instruction=TASK),
        qwen3_rt.embed_documents(list(KINDS.values())),
    )
    for item, shares in zip(report.items, by_hand, strict=True):
        assert {one.label: one.score for one in item.scores} == pytest.approx(
            dict(zip(KINDS, shares, strict=True)), abs=1e-4
        )


def test_a_report_of_examples_says_how_well_they_are_learned(rt):
    report = by_examples(rt)
    assert report.accuracy == 1.0
    assert report.notes() == [
        "8 of 8 examples are labeled right when held out: 100%, with a 95% interval of 68% to 100%."
    ]
    assert "labeled right when held out" in report.to_html()
    assert by_labels(rt).notes() == []


def test_the_same_texts_and_seed_give_the_same_report(rt):
    assert by_examples(rt, seed=3) == by_examples(rt, seed=3)


def test_a_report_has_one_row_a_text_with_every_score_and_goes_through_json(rt):
    report = by_labels(rt, ["=A teddy <b>bear</b>", *TOYS])
    rows = report.rows()
    assert [row["id"] for row in rows] == ["1", "2", "3"]
    assert list(rows[0]) == ["id", "text", "label", "score", "score of bear", "score of train"]
    assert rows[2]["score"] == rows[2]["score of train"]
    assert "<b>bear</b>" not in report.to_html()
    assert report.to_frame()["label"].tolist() == [row["label"] for row in rows]
    assert ClassificationReport.model_validate_json(report.to_json()) == report


def test_tables_have_all_texts(rt):
    report = by_labels(rt, [f"{number}. {TOYS[0]}" for number in range(25)])
    counts, detail = report.tables()
    assert counts.rows == [("bear", 25), ("train", 0)]
    assert [row[0] for row in detail.rows] == [item.id for item in report.items]


@pytest.mark.parametrize("labels", [{}, {"bear": "a bear"}])
def test_fewer_than_two_labels_are_refused(rt, labels):
    with pytest.raises(ParameterError, match="two are the fewest"):
        classify_by_labels(rt, Texts.of(TOYS), labels, instruction=TASK)


def test_examples_of_one_label_are_refused(rt):
    with pytest.raises(InputError, match="have the label 'bear'"):
        classify_by_examples(rt, Texts.of(TOYS), EXAMPLES, ["bear"] * 8, instruction=TASK)
