"""Flags, measured; by a workflow whose scores are known."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import Field
from tests.core.evaluation.folders import jsonl

from metier import Runtime, Texts, workflow
from metier.errors import InputError
from metier.evaluation.labeled_data import read_folder
from metier.evaluation.labeled_tasks import measure_flagging
from metier.evaluation.pipeline import Pipeline
from metier.steps.flag_report import Evidence, FlaggedText, FlagReport, RiskScore


@workflow("toys/flag")
def flag(rt: Runtime, texts: Annotated[Texts, Field(description="Numbers.")]) -> FlagReport:
    """Score each text by the number it is."""
    return FlagReport(
        noun="texts",
        threshold=0.5,
        titles={"size": "Size"},
        items=tuple(
            FlaggedText(
                id=item.id,
                text=item.text,
                scores=(
                    RiskScore(
                        risk="size",
                        score=float(item.text),
                        flagged=float(item.text) >= 0.5,
                        evidence=Evidence(start=0, end=len(item.text), sentence=item.text),
                    ),
                ),
            )
            for item in texts
        ),
    )


def measured(rt, folder, scores, labels, **options):
    rows = [{"text": str(one), "label": label} for one, label in zip(scores, labels, strict=True)]
    jsonl(folder / "items.jsonl", rows)
    pipeline = Pipeline("flagging", "toys", flag, None)
    return measure_flagging(rt, read_folder(folder), pipeline, **options)


def test_metrics_are_those_worked_out_by_hand(words, tmp_path):
    scores, labels = [0.95, 0.85, 0.75, 0.35, 0.15], ["bad", "good", "bad", "good", "good"]
    found = measured(words, tmp_path, scores, labels, precision=0.6).metrics
    assert found["roc_auc"] == pytest.approx(5 / 6)
    assert found["pr_auc"] == pytest.approx((1 + 2 / 3) / 2)
    assert found["base_rate"] == pytest.approx(0.4)
    assert found["recall_at_precision"] == 1.0
    distances = [1 - 0.95, 0.85, 1 - 0.75, 0.35, 0.15]
    assert found["calibration_error"] == pytest.approx(sum(distances) / 5)


def test_a_precision_out_of_reach_finds_only_what_reaches_it(words, tmp_path):
    scores, labels = [0.9, 0.8, 0.7], ["bad", "good", "bad"]
    found = measured(words, tmp_path, scores, labels, positive="bad", precision=0.9)
    assert found.metrics["recall_at_precision"] == 0.5
    found = measured(words, tmp_path, [0.1, 0.8, 0.2], labels, positive="bad", precision=0.99)
    assert found.metrics["recall_at_precision"] == 0.0


def test_the_rarer_label_is_the_one_to_be_flagged(words, tmp_path):
    found = measured(words, tmp_path, [0.1, 0.2, 0.9], ["a", "a", "b"])
    assert found.config["positive"] == "b"


def test_of_three_labels_one_has_to_be_named(words, tmp_path):
    with pytest.raises(InputError, match="Name it with positive="):
        measured(words, tmp_path, [0.1, 0.2, 0.9], ["a", "b", "c"])
    with pytest.raises(InputError, match="No text has the label 'd'"):
        measured(words, tmp_path, [0.1, 0.2, 0.9], ["a", "b", "c"], positive="d")


def test_of_two_labels_as_frequent_as_each_other_one_has_to_be_named(words, tmp_path):
    with pytest.raises(InputError, match="as many texts with the label 'bad' as with 'good'"):
        measured(words, tmp_path, [0.9, 0.1], ["bad", "good"])
    found = measured(words, tmp_path, [0.9, 0.1], ["bad", "good"], positive="bad")
    assert found.metrics["roc_auc"] == 1.0
