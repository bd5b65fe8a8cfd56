"""Classification of vectors: shares of labels, contrast scores, and a classifier of examples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator
from tests.core.analysis.vectors import around, scattered, unit

from metier.analysis.classification import ExampleClassifier, contrast_scores, label_shares


def test_the_nearest_label_has_the_largest_share():
    vectors, labels = around(3, 30)
    shares = label_shares(vectors, np.eye(24, dtype=np.float32)[:3])
    assert shares.shape == (30, 3)
    assert shares.sum(axis=1) == pytest.approx(1.0)
    cosines = vectors[:, :3]
    assert (shares.argmax(axis=1) == cosines.argmax(axis=1)).all()
    assert (shares.argmax(axis=1) == labels).mean() > 0.9


def test_equal_labels_have_equal_shares():
    label = np.eye(4, dtype=np.float32)[[0, 0]]
    assert label_shares(label[:1], label).tolist() == [[0.5, 0.5]]


def test_a_sign_scores_high_a_contrast_low_and_an_ordinary_text_below_a_half():
    signs, contrasts, neutral = np.split(scattered(9, dim=64), 3)
    scores = contrast_scores(np.concatenate([signs, contrasts, neutral]), signs, contrasts, neutral)
    assert (scores[:3] > 0.9).all()
    assert (scores[3:6] < 0.1).all()
    assert scores[6:].mean() < 0.6


def test_a_text_as_near_to_the_contrast_as_to_the_sign_is_undecided():
    signs, contrasts = unit([[1, 0.1, 0]]), unit([[1, -0.1, 0]])
    neutral = unit([[0, 0, 1], [0, 0.01, 1]])
    assert contrast_scores(unit([[1, 0, 0]]), signs, contrasts, neutral) == pytest.approx([0.5])


@given(st.integers(0, 1000), *[st.integers(1, 6)] * 3, st.integers(2, 6))
def test_scores_lie_between_0_and_1_and_do_not_depend_on_the_other_texts(seed, n, p, c, m):
    rows = scattered(n + p + c + m, seed=seed)
    texts, signs, contrasts, neutral = np.split(rows, [n, n + p, n + p + c])
    scores = contrast_scores(texts, signs, contrasts, neutral)
    assert scores.shape == (n,)
    assert scores.dtype == np.float64
    assert ((scores >= 0) & (scores <= 1)).all()
    alone = contrast_scores(texts[:1], signs, contrasts, neutral)
    assert scores[0] == pytest.approx(alone[0], abs=1e-4)


def test_scores_are_finite_when_all_neutral_texts_are_equal():
    neutral = np.repeat(scattered(1), 5, axis=0)
    signs, contrasts = scattered(2, seed=1), scattered(2, seed=2)
    assert np.isfinite(contrast_scores(signs, signs, contrasts, neutral)).all()


def test_the_classifier_follows_the_conventions_of_scikit_learn():
    checks = check_estimator(ExampleClassifier(), on_skip=None)
    assert {check["check_name"] for check in checks if check["status"] == "passed"} > {
        "check_classifiers_train",
        "check_estimators_pickle",
        "check_n_features_in_after_fitting",
    }


def test_labels_of_new_rows_follow_the_examples():
    examples, known = around(3, 45)
    vectors, labels = around(3, 60, seed=1)
    fitted = ExampleClassifier().fit(examples, [f"kind {number}" for number in known])
    assert fitted.classes_.tolist() == ["kind 0", "kind 1", "kind 2"]
    probabilities = fitted.predict_proba(vectors)
    assert probabilities.sum(axis=1) == pytest.approx(1.0)
    assert (probabilities.argmax(axis=1) == labels).mean() > 0.9
    assert (fitted.predict(vectors) == fitted.classes_[probabilities.argmax(axis=1)]).all()
    assert fitted.accuracy_ > 0.8


def test_examples_with_random_labels_give_no_confident_prediction():
    """Held-out accuracy is at chance level, and no probability is near 1."""
    examples, _ = around(1, 80, noise=3.0)
    drawn = np.random.default_rng(3).choice(["a", "b"], 80).tolist()
    fitted = ExampleClassifier().fit(examples, drawn)
    assert fitted.accuracy_ < 0.7
    assert fitted.predict_proba(examples).max() < 0.9


def test_the_same_rows_and_seed_give_the_same_result():
    examples, known = around(2, 20, noise=0.8)
    labels = [str(number) for number in known]
    first, second = (ExampleClassifier(random_state=5).fit(examples, labels) for _ in range(2))
    assert (first.accuracy_, first.C_) == (second.accuracy_, second.C_)
    assert (first.predict_proba(examples) == second.predict_proba(examples)).all()


@pytest.mark.parametrize("labels", [["a", "b"], ["a", "a", "b"], ["a", "b", "c", "c"]])
def test_a_label_with_a_single_example_is_fitted_without_cross_validation(labels):
    examples = np.eye(24, dtype=np.float32)[: len(labels)]
    fitted = ExampleClassifier().fit(examples, labels)
    assert fitted.accuracy_ is None
    assert fitted.predict(examples).tolist() == labels


def test_predicting_before_fitting_is_an_error():
    with pytest.raises(NotFittedError):
        ExampleClassifier().predict(np.eye(2))
