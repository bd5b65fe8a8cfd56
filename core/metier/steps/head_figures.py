"""Plots of a head that was fitted: what thresholds give, and whether probabilities come true."""

from __future__ import annotations

from metier.heads.head_report import HeadReport
from metier.heads.score_curve import CurvePosition, ScoreCurve
from metier.heads.thresholds import HeadThreshold
from metier.results.figure import Figure, Point, PointGroup


def head_figures(report: HeadReport, threshold: HeadThreshold | None) -> list[Figure]:
    """The ROC curve, precision and recall, and calibration of held-out texts."""
    curves = [_roc(report, threshold), _precision_recall(report, threshold)]
    return [*(curves if report.curves else []), _calibration(report)]


def _roc(report: HeadReport, threshold: HeadThreshold | None) -> Figure:
    lines = [
        PointGroup(
            curve.label, _points(curve.roc(), "recall {y:.2f}, of others {x:.2f}"), line=True
        )
        for curve in report.curves
    ]
    chance = PointGroup("by chance", _diagonal("by chance"), faint=True, line=True)
    chosen = []
    if threshold is not None:
        curve = report.curves[0]
        flagged_others = threshold.flagged - round(threshold.recall * curve.hits[-1])
        chosen = _chosen(threshold, flagged_others / (curve.misses[-1] or 1), threshold.recall)
    axes = ("share of the other texts at or above the threshold", "recall")
    return Figure("ROC curve", [*lines, *chosen, chance], axes)


def _precision_recall(report: HeadReport, threshold: HeadThreshold | None) -> Figure:
    label = "precision {y:.2f}, recall {x:.2f}"
    lines = [
        PointGroup(curve.label, _points(curve.precision_recall(), label), line=True)
        for curve in report.curves
    ]
    chosen = []
    if threshold is not None:
        chosen = _chosen(threshold, threshold.recall, threshold.precision)
    chance = [_base_rate(report.curves[0])] if len(report.curves) == 1 else []
    groups = [*lines, *chosen, *chance]
    return Figure("Precision and recall", groups, ("recall", "precision"))


def _calibration(report: HeadReport) -> Figure:
    what = report.positive or "the likeliest label"
    curve = [
        Point(point.score, point.share, f"{point.texts} texts, score {point.score:.2f}")
        for point in report.calibration_curve
    ]
    groups = [
        PointGroup("held-out texts", curve),
        PointGroup("as stated", _diagonal("as stated"), faint=True, line=True),
    ]
    axes = (f"mean probability of {what}", "share that is so")
    return Figure("Calibration", groups, axes)


def _points(positions: list[CurvePosition], label: str) -> list[Point]:
    return [
        Point(x, y, f"from {threshold:.3f} on: {label.format(x=x, y=y)}")
        for x, y, threshold in positions
    ]


def _chosen(threshold: HeadThreshold, x: float, y: float) -> list[PointGroup]:
    name = f"threshold {threshold.value:.3f}"
    return [PointGroup(name, [Point(x, y, f"{name}, for {threshold.goal}")])]


def _base_rate(curve: ScoreCurve) -> PointGroup:
    label = f"share of all texts: {curve.base_rate:.2f}"
    ends = [Point(x, curve.base_rate, label) for x in (0.0, 1.0)]
    return PointGroup("by chance", ends, faint=True, line=True)


def _diagonal(label: str) -> list[Point]:
    return [Point(0.0, 0.0, label), Point(1.0, 1.0, label)]
