from __future__ import annotations

import pytest

from metier import Runtime, Texts
from metier.errors import InputError
from metier.plugin import BatchFlags, BatchScores, DriftReport, compare_batches

TASK = "core/text-classification"
THINGS = ("car", "roof", "kitchen", "boat", "garden", "fence", "stove", "window", "floor", "shed")


def batch(sentence: str, count: int = 24) -> Texts:
    return Texts.of(
        [
            {"id": f"{n}", "text": sentence.format(THINGS[n % 10], n + 3), "branch": n % 2}
            for n in range(count)
        ]
    )


HOME = batch("I need a loan for a new {} and work as a clerk for {} years.")
ALIKE = batch("I need a loan for a new {} and work as a clerk for {} years now.")
OTHER = batch("Wire transfer of {} tokens to wallet number {} failed on the exchange.")


def test_batches_that_are_alike_show_no_drift(rt: Runtime) -> None:
    report = compare_batches(
        rt,
        HOME,
        HOME,
        instruction=TASK,
        scores={"risk": BatchScores([0.1, 0.2, 0.3] * 8, [0.3, 0.1, 0.2] * 8)},
        flags={"late": BatchFlags([True, False] * 12, [False, True] * 12)},
        noun="loans",
    )

    assert not report.seen
    assert report.headline() == "No drift seen: 24 new loans against 24 earlier"
    assert report.vectors.low <= 0.5
    assert any("no proof that there is none" in note for note in report.notes())


def test_a_batch_of_other_texts_is_told_apart_and_its_texts_come_first(rt: Runtime) -> None:
    same = [{"id": item.id, "text": item.text} for item in HOME][:12]
    others = [{"id": f"x{item.id}", "text": item.text} for item in OTHER][:12]
    mixed = Texts.of([*same, *others])

    report = compare_batches(rt, mixed, HOME, instruction=TASK)

    assert report.seen
    assert report.vectors_differ
    assert report.vectors.low > 0.5
    assert "texts differ (AUC" in report.headline()
    first = [str(row[0]) for row in report.tables()[-1].rows[:10]]
    assert all(name.startswith("x") for name in first)


def test_scores_and_rates_that_moved_are_named(rt: Runtime) -> None:
    report = compare_batches(
        rt,
        ALIKE,
        HOME,
        instruction=TASK,
        scores={"risk": BatchScores([0.1, 0.2] * 12, [0.7, 0.8] * 12)},
        flags={
            "late": BatchFlags([False] * 22 + [True] * 2, [True] * 20 + [False] * 4),
            "fraud": BatchFlags([False] * 24, [True] + [False] * 23),
        },
    )

    (risk,), (late, fraud) = report.scores, report.rates
    assert risk.seen
    assert (risk.mean_before, risk.mean_now, risk.largest_gap) == (0.15, 0.75, 1.0)
    assert risk.stability.low > 0.25
    assert (late.before, late.now, late.seen) == (0.0833, 0.8333, True)
    assert late.difference.low > 0
    assert not fraud.seen
    assert fraud.difference.low < 0 < fraud.difference.high
    assert "late rose from 8% to 83%" in report.headline()
    compared = {row[0]: row[1:] for row in report.tables()[0].rows}
    assert compared["risk: mean"] == ("0.750, before 0.150", "")
    assert compared["risk: distribution"][1] == "seen"
    assert "fraud" not in report.headline()
    assert report.items[0].flags == ("late", "fraud")
    assert report.items[0].scores == {"risk": 0.7}


def test_rows_have_the_columns_of_the_batch(rt: Runtime) -> None:
    scores = {"risk": BatchScores([0.5] * 24, [0.5] * 24)}

    report = compare_batches(rt, ALIKE, HOME, instruction=TASK, scores=scores)

    first = report.rows()[0]
    assert first["id"] == "0"
    assert first["branch"] == 0
    assert first["score of risk"] == 0.5
    assert 0.0 <= first["novelty"] <= 1.0
    assert DriftReport.model_validate_json(report.to_json()) == report


def test_few_texts_are_refused(rt: Runtime) -> None:
    with pytest.raises(InputError, match="19 texts") as caught:
        compare_batches(rt, HOME, batch("A {} of {}.", 19), instruction=TASK)

    assert caught.value.code == "too-few-texts"
