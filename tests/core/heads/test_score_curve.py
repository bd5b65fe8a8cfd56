"""Curves of what thresholds give, against those of scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import auc, precision_recall_curve, roc_auc_score, roc_curve

from metier.heads.score_curve import score_curve


def drawn(count: int, digits: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(count)
    truth = generator.random(count) < 0.3
    return truth, np.round(np.clip(0.2 * truth + generator.random(count) * 0.8, 0, 1), digits)


def test_the_points_are_those_of_scikit_learn():
    truth, scores = drawn(150, digits=2)
    curve = score_curve("late", truth, scores)
    misses, hits, _ = roc_curve(truth, scores, drop_intermediate=False)
    assert [position.x for position in curve.roc()] == pytest.approx(misses)
    assert [position.y for position in curve.roc()] == pytest.approx(hits)
    precision, recall, thresholds = precision_recall_curve(truth, scores)
    positions = curve.precision_recall()[::-1]
    assert [position.threshold for position in positions] == pytest.approx(thresholds)
    assert [position.x for position in positions] == pytest.approx(recall[:-1])
    assert [position.y for position in positions] == pytest.approx(precision[:-1])
    assert curve.base_rate == pytest.approx(truth.mean())


def test_a_curve_of_many_scores_is_short_and_has_their_area():
    truth, scores = drawn(5000, digits=9)
    curve = score_curve("late", truth, scores)
    assert len(curve.thresholds) == 200
    x, y, _ = zip(*curve.roc(), strict=True)
    assert auc(x, y) == pytest.approx(roc_auc_score(truth, scores), abs=1e-3)
    assert (curve.hits[-1], curve.misses[-1]) == (truth.sum(), (~truth).sum())
