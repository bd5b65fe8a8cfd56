"""Classes of vectors: shares that order labels, and a regression that is the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from metier.analysis.classify import label_shares, regress


def around(centres: int, rows: int, *, noise: float = 0.3, dim: int = 24, seed: int = 0):
    """Unit rows round `centres` directions, and the number of the direction of each."""
    drawn = np.random.default_rng(seed)
    places = np.arange(rows) % centres
    found = np.eye(dim)[places] + noise * drawn.standard_normal((rows, dim))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32), places


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


def test_what_examples_show_is_found_in_other_rows():
    examples, known = around(3, 45)
    vectors, places = around(3, 60, seed=1)
    fitted = regress(examples, [f"kind {place}" for place in known], vectors)
    assert fitted.labels == ("kind 0", "kind 1", "kind 2")
    assert fitted.probabilities.sum(axis=1) == pytest.approx(1.0)
    assert (fitted.probabilities.argmax(axis=1) == places).mean() > 0.9
    assert fitted.accuracy is not None
    assert fitted.accuracy > 0.8


def test_examples_that_say_nothing_are_not_believed():
    """Labels drawn by lot: held out, no more are right than by chance, and no row is certain."""
    examples, _ = around(1, 80, noise=3.0)
    lots = np.random.default_rng(3).choice(["a", "b"], 80).tolist()
    fitted = regress(examples, lots, examples)
    assert fitted.accuracy is not None
    assert fitted.accuracy < 0.7
    assert fitted.probabilities.max() < 0.9


def test_the_same_rows_and_seed_give_the_same_result():
    examples, known = around(2, 20, noise=0.8)
    labels = [str(place) for place in known]
    one, other = (regress(examples, labels, examples, seed=5) for _ in range(2))
    assert one.accuracy == other.accuracy
    assert (one.probabilities == other.probabilities).all()


@pytest.mark.parametrize("labels", [["a", "b"], ["a", "a", "b"], ["a", "b", "c", "c"]])
def test_a_label_with_one_example_is_learned_and_not_held_out(labels):
    examples = np.eye(24, dtype=np.float32)[: len(labels)]
    fitted = regress(examples, labels, examples)
    assert fitted.accuracy is None
    assert [fitted.labels[at] for at in fitted.probabilities.argmax(axis=1)] == labels
