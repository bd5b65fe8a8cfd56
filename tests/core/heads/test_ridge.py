"""Ridge regression of many rows against the exact solution."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse
from tests.core.analysis.vectors import around

from metier.heads.members import ridge


@pytest.fixture
def many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ridge, "MOST_PAIRED", 100)
    monkeypatch.setattr(ridge, "LANDMARKS", 120)


def test_many_rows_are_solved_as_few_are(many_rows, monkeypatch):
    vectors, numbers = around(3, 240, noise=0.15)
    features, targets = vectors.astype(np.float64), np.asarray(numbers)
    sparse = scipy.sparse.csr_matrix(np.abs(features))
    new, expected = around(3, 60, noise=0.15, seed=1)
    landmarks = ridge.radial_ridge(1.0, 0.3)(features, targets, 3)
    iterated = ridge.linear_ridge(1.0)(sparse, targets, 3).scores(sparse)
    assert landmarks.rows.shape == (120, 24)
    assert landmarks.scores(new.astype(np.float64)).argmax(axis=1).tolist() == list(expected)
    monkeypatch.setattr(ridge, "MOST_PAIRED", 10_000)
    exact = ridge.linear_ridge(1.0)(sparse, targets, 3).scores(sparse)
    assert iterated == pytest.approx(exact, abs=1e-4)


def test_every_row_as_landmark_is_the_exact_solution(many_rows, monkeypatch):
    vectors, numbers = around(2, 150, noise=0.6)
    features, targets = vectors.astype(np.float64), np.asarray(numbers)
    monkeypatch.setattr(ridge, "LANDMARKS", 150)
    landmarks = ridge.radial_ridge(1.0, 0.3)(features, targets, 2)
    monkeypatch.setattr(ridge, "MOST_PAIRED", 10_000)
    exact = ridge.radial_ridge(1.0, 0.3)(features, targets, 2)
    assert landmarks.scores(features) == pytest.approx(exact.scores(features), abs=1e-3)
