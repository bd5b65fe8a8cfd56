"""The report of a head: figures of held-out examples, and of groups."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    f1_score,
    log_loss,
    roc_auc_score,
)
from tests.core.heads.letters import letters, noisy

from metier import Head, HeadOptions, HeadReport, ThresholdGoal


def report_of(*args, **options) -> HeadReport:
    report = Head.fit(*args, **options).report
    assert report is not None
    return report


def test_the_figures_are_of_examples_that_were_not_learned():
    """New examples come to the same figures; examples as they were learned come to better ones."""
    head = Head.fit(*noisy(400))
    assert head.report is not None
    inputs, labels = noisy(4000, seed=7)
    scores = head.predict(inputs).scores
    fresh = roc_auc_score(np.array(labels) == "late", scores)
    reported = head.report.metrics["roc_auc"]
    assert reported.low < fresh < reported.high
    assert reported.low < reported.value < reported.high


def test_random_labels_are_reported_as_random():
    inputs, _ = noisy(200)
    drawn = np.random.default_rng(1).choice(["a", "b"], 200).tolist()
    metrics = report_of(inputs, drawn).metrics
    assert metrics["roc_auc"].value == pytest.approx(0.5, abs=0.12)
    assert metrics["accuracy"].value < 0.62


def test_counts_of_the_report_agree():
    report = report_of(*letters(61, noise=1.5))
    confusion = np.array(report.confusion)
    assert confusion.sum(axis=1).tolist() == list(report.labels.values())
    assert report.texts == sum(report.labels.values()) == 61
    assert sum(point.texts for point in report.calibration_curve) == 61
    assert report.metrics["accuracy"].value == pytest.approx(np.trace(confusion) / 61, abs=1e-4)
    for number, quality in enumerate(report.classes):
        assert quality.recall == pytest.approx(confusion[number, number] / quality.count, abs=1e-4)
    sets = report.conformal
    assert sets.sure + sets.not_sure + sets.none_known == pytest.approx(1.0, abs=1e-3)
    assert HeadReport.model_validate_json(report.model_dump_json()) == report


def test_the_baseline_is_that_of_the_most_frequent_label_and_of_shares():
    inputs, _ = noisy(120)
    report = report_of(inputs, ["late"] * 30 + ["paid"] * 90)
    truth = np.array([1] * 30 + [0] * 90)
    shares = np.full(120, 0.25)
    assert report.positive == "late"
    baseline = report.frequency_metrics
    assert report.metrics.keys() - baseline.keys() == {"calibration_error"}
    assert baseline["brier"] == brier_score_loss(truth, shares)
    assert baseline["accuracy"] == 0.75
    assert baseline["macro_f1"] == round(f1_score(truth, truth * 0, average="macro"), 4)
    assert baseline["log_loss"] == round(log_loss(truth, shares), 4)
    assert baseline["roc_auc"] == roc_auc_score(truth, shares)
    assert baseline["pr_auc"] == average_precision_score(truth, shares)
    several = report_of(inputs, ["a", "b", "c"] * 40)
    assert several.frequency_metrics["pr_auc"] == round(1 / 3, 4)
    assert several.frequency_metrics["macro_f1"] == round(0.5 / 3, 4)


def test_being_sure_of_a_rare_label_is_counted_with_how_often_it_is_right():
    report = report_of(*noisy(1500))
    for quality in report.classes:
        assert quality.sure_right is not None
        assert quality.sure_right * quality.sure <= quality.coverage * quality.count + 0.1
    assert sum(quality.sure for quality in report.classes) == round(report.conformal.sure * 1500)


def test_calibrated_scores_have_a_small_error_and_sets_their_coverage():
    report = report_of(*noisy(1500))
    assert report.metrics["calibration_error"].value < 0.05
    for quality in report.classes:
        assert quality.coverage == pytest.approx(0.9, abs=0.02)


def test_groups_are_compared_by_how_many_of_them_are_flagged():
    inputs, labels = noisy(600)
    offices = [
        ("north" if label == "late" else "south") if row % 2 else ("south", "north")[row % 4 // 2]
        for row, label in enumerate(labels)
    ]
    offices[0] = "island"
    options = HeadOptions(goal=ThresholdGoal(recall=0.7))
    report = report_of(inputs, labels, options, groups={"office": [*offices[:-1], None]})
    groups = {group.group: group for group in report.groups}
    assert list(groups) == ["island", "north", "south", None]
    assert sum(group.count for group in report.groups) == 600
    assert groups["north"].ratio == 1.0  # of one text, the island is no yardstick
    assert groups["south"].below_four_fifths
    assert groups["south"].selection_rate.value < groups["north"].selection_rate.value
    assert [groups[name].small for name in ("island", "north")] == [True, False]
    assert groups["north"].positives > groups["south"].positives
    spared = dict(zip(groups, report.spared_ratios, strict=True))
    rates = {name: 1 - group.selection_rate.value for name, group in groups.items()}
    assert spared["north"] == pytest.approx(rates["north"] / rates["south"], abs=1e-4)
    assert spared["south"] == 1.0


def test_without_a_positive_label_groups_are_not_compared():
    inputs, labels = letters(30)
    assert report_of(inputs, labels, groups={"x": ["a"] * 30}).groups == ()


def test_a_small_group_is_no_yardstick_for_others():
    inputs, labels = noisy(203)
    groups = {"office": ["north", "south"] * 100 + ["tiny"] * 3}
    flagged = [*labels[:200], *["late"] * 3]
    report = Head.fit(inputs, flagged, groups=groups).report
    assert report is not None
    by_name = {group.group: group for group in report.groups}
    large = [by_name[name] for name in ("north", "south")]
    assert max(group.ratio or 0.0 for group in large) == 1.0
    assert max(ratio or 0.0 for ratio in report.spared_ratios[:2]) == 1.0
    assert by_name["tiny"].small
