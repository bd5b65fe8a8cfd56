"""Scores that are learned, measured on texts whose labels were held out."""

from __future__ import annotations

import pytest
from tests.core.evaluation.folders import jsonl, write_labeled

from metier.errors import InputError, ParameterError, UsageError
from metier.evaluation.folder_evaluation import evaluate
from metier.evaluation.measurement import Measurement

FIT = {"kind": "flagging", "workflow": "core/fit", "instruction": "core/text-classification"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Texts that say nothing of their label, and a field that mostly does."""
    rows = [
        {
            "text": f"Letter {number} of a customer to the shop.",
            "label": "late" if number % 3 == 0 else "paid",
            "facts": {"amount": 100 * (number % 3 == 0 and number % 15 > 0) + number % 7},
        }
        for number in range(60)
    ]
    path = tmp_path_factory.mktemp("letters")
    jsonl(path / "items.jsonl", rows)
    return path


@pytest.fixture(scope="module")
def with_amount(words, folder) -> Measurement:
    return evaluate(words, folder, "core", **FIT, columns=["facts.amount"], level=0.8)


def test_a_fitted_score_is_measured_on_texts_that_were_held_out(with_amount):
    assert (with_amount.kind, with_amount.config["workflow"]) == ("flagging", "core/fit")
    assert with_amount.config["columns"] == ["facts.amount"]
    assert (with_amount.config["positive"], with_amount.config["folds"]) == ("late", 5)
    metrics, report = with_amount.metrics, with_amount.report
    assert metrics["base_rate"] == pytest.approx(1 / 3)
    assert metrics["roc_auc"] > 0.8
    assert metrics["brier"] < 2 / 9  # of the base rate for every text
    assert report.texts == 60
    for name in ("roc_auc", "pr_auc", "brier", "calibration_error"):
        estimate = report.metrics[name]
        assert estimate.value == pytest.approx(metrics[name], abs=1e-4)
        assert estimate.low <= estimate.value <= estimate.high


def test_it_says_of_each_label_how_often_its_set_held_it(with_amount):
    report = with_amount.report
    assert (report.conformal.level, with_amount.config["level"]) == (0.8, 0.8)
    covered = sum(round(quality.coverage * quality.count) for quality in report.classes)
    assert covered / 60 == pytest.approx(report.conformal.coverage, abs=0.01)
    assert [quality.label for quality in report.classes] == ["late", "paid"]
    assert all(quality.coverage >= 0.7 for quality in report.classes)


def test_what_texts_do_not_say_is_not_learned_without_the_column(words, folder):
    measured = evaluate(words, folder, "core", **FIT)
    assert measured.report.metrics["roc_auc"].low < 0.6
    assert "columns" not in measured.config
    with pytest.raises(InputError, match=r"field 'amount'.*\n.*'facts.amount'"):
        evaluate(words, folder, "core", **FIT, columns=["amount"])


def test_what_a_workflow_has_no_use_for_is_refused(words, folder, tmp_path):
    sentences = write_labeled(tmp_path)
    with pytest.raises(
        UsageError, match=r"core/classify does not learn from columns.*\n.*core/fit"
    ):
        evaluate(words, folder, "core", kind="classification", columns=["facts.amount"])
    with pytest.raises(UsageError, match="is of what was learned, and core/flag is run"):
        evaluate(words, sentences, "core", kind="flagging", positive="sport", level=0.8)
    with pytest.raises(ParameterError, match="above 0 and below 1, not 1"):
        evaluate(words, folder, "core", **FIT, level=1.0)
    with pytest.raises(UsageError, match="core/fit is not for clustering"):
        evaluate(words, folder, "core", kind="clustering", workflow="core/fit")
    with pytest.raises(UsageError, match="core/search is not for flagging"):
        evaluate(words, folder, "core", kind="flagging", workflow="core/search")
