"""Thresholds that fit the user's own labels, with the precision and the recall they give."""

from __future__ import annotations

import pytest

from metier.errors import InputError
from metier.steps.flag_report import Evidence, FlaggedText, RiskScore
from metier.steps.suggested_thresholds import suggested_thresholds

TITLES = {"torn": "Torn or broken", "lost": "Lost"}


def scored(*rows: tuple[float, float, object]) -> list[FlaggedText]:
    """Texts with a score for torn, one for lost, and a label."""
    evidence = Evidence(start=0, end=3, sentence="Toy")
    return [
        FlaggedText(
            id=str(number),
            text="Toy",
            fields={"label": label, "shop": "north"},
            scores=tuple(
                sorted(
                    (
                        RiskScore(risk=risk, score=score, flagged=False, evidence=evidence)
                        for risk, score in (("torn", torn), ("lost", lost))
                    ),
                    key=lambda score: -score.score,
                )
            ),
        )
        for number, (torn, lost, label) in enumerate(rows)
    ]


def test_a_column_of_yes_and_no_gives_one_threshold_for_any_risk():
    items = scored((0.9, 0.1, "yes"), (0.2, 0.7, "yes"), (0.4, 0.1, "no"), (0.1, 0.2, None))
    (suggestion,) = suggested_thresholds(items, TITLES, "label")
    assert suggestion.risk is None
    assert suggestion.threshold == pytest.approx(0.55)
    assert (suggestion.precision, suggestion.recall) == (1.0, 1.0)
    assert (suggestion.flagged, suggestion.labeled, suggestion.texts) == (2, 2, 4)


def test_a_column_that_names_risks_gives_one_for_each_of_them():
    items = scored(
        (0.9, 0.8, "torn; lost"), (0.6, 0.1, "Torn or broken"), (0.3, 0.7, "none"), (0.1, 0.2, "")
    )
    any_risk, torn, lost = suggested_thresholds(items, TITLES, "label")
    assert [suggestion.risk for suggestion in (any_risk, torn, lost)] == [None, "torn", "lost"]
    assert (torn.threshold, torn.precision, torn.recall) == (0.45, 1.0, 1.0)
    assert (lost.threshold, lost.labeled) == (0.75, 1)
    assert any_risk.recall == 1.0
    assert any_risk.precision == pytest.approx(2 / 3)


def test_of_two_other_words_the_rarer_is_the_one_to_flag_and_a_note_says_so():
    items = scored(*[(0.1, 0.1, "paid")] * 3, (0.8, 0.1, "Charged_Off"))
    (suggestion,) = suggested_thresholds(items, TITLES, "label")
    assert suggestion.labeled == 1
    assert "'charged_off' was taken for yes" in suggestion.note


def test_a_note_says_where_there_are_too_few_labels():
    few = scored((0.9, 0.1, 1.0), (0.1, 0.1, 0.0))
    many = scored(*[(0.9, 0.1, True)] * 20, *[(0.1, 0.1, False)] * 20)
    assert "1 text with the label" in suggested_thresholds(few, TITLES, "label")[0].note
    assert suggested_thresholds(many, TITLES, "label")[0].note == ""


def test_a_note_says_where_scores_do_not_tell_the_labels_apart():
    items = scored(*[(score / 100, 0.1, ["bad", "good", "good"][score % 3]) for score in range(60)])
    (suggestion,) = suggested_thresholds(items, TITLES, "label")
    assert suggestion.precision < 0.4
    assert "any risk does not tell these labels apart" in suggestion.note
    assert f"{suggestion.precision:.0%} have the label, and of all texts 33%" in suggestion.note


@pytest.mark.parametrize(
    ("labels", "column", "message"),
    [
        (["yes", "no"], "lable", "no column 'lable' with labels.\nDid you mean 'label'"),
        (["yes", "yes"], "label", "says the same of every text"),
        (["a", "b", "c"], "label", "3 different values, and none is a risk"),
        (
            ["torn", "lots"],
            "label",
            "'lots', which is no risk of the taxonomy.\nDid you mean 'lost'",
        ),
    ],
)
def test_labels_that_cannot_be_used_are_refused(labels, column, message):
    items = scored(*[(0.5, 0.1, label) for label in labels])
    with pytest.raises(InputError) as refused:
        suggested_thresholds(items, TITLES, column)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "label", [["Torn, or off", "lost"], "Torn, or off; lost", "Torn, or off | Lost"]
)
def test_titles_with_commas_stand_beside_others(label):
    items = scored((0.9, 0.8, label), (0.1, 0.1, ""))
    titles = {"torn": "Torn, or off", "lost": "Lost"}
    suggestions = suggested_thresholds(items, titles, "label")
    assert [suggestion.risk for suggestion in suggestions] == [None, "torn", "lost"]


def test_a_column_of_texts_stays_out_of_the_message():
    items = scored((0.9, 0.8, "torn"), (0.1, 0.1, "my name is Ann " * 3000))
    with pytest.raises(InputError, match="which is no risk") as refused:
        suggested_thresholds(items, TITLES, "label")
    assert len(str(refused.value)) < 400
