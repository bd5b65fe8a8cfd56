"""The classifier of labeled examples."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator
from tests.core.analysis.vectors import around

from metier.heads.example_classifier import ExampleClassifier


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
    assert (first.accuracy_, first.members_) == (second.accuracy_, second.members_)
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


def test_two_examples_of_each_of_many_labels_are_enough():
    examples, known = around(20, 40, noise=0.05)
    fitted = ExampleClassifier().fit(examples, known)
    assert fitted.accuracy_ > 0.9
    assert (fitted.predict(examples) == known).all()
