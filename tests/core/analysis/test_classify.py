"""Classes of vectors: shares that order labels."""

from __future__ import annotations

import numpy as np
import pytest
from tests.core.analysis.vectors import around

from metier.analysis.classification import label_shares


def test_the_nearest_label_has_the_largest_share():
    vectors, places = around(3, 30)
    shares = label_shares(vectors, np.eye(24, dtype=np.float32)[:3])
    assert shares.shape == (30, 3)
    assert shares.sum(axis=1) == pytest.approx(1.0)
    cosines = vectors[:, :3]
    assert (shares.argmax(axis=1) == cosines.argmax(axis=1)).all()
    assert (shares.argmax(axis=1) == places).mean() > 0.9


def test_labels_that_are_the_same_share_alike():
    label = np.eye(4, dtype=np.float32)[[0, 0]]
    assert label_shares(label[:1], label).tolist() == [[0.5, 0.5]]
