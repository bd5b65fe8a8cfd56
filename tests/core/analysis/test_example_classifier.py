"""The classifier that learns from examples: as scikit-learn wants it, and the same every time."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator
from tests.core.analysis.vectors import around

from metier.analysis.classification import ExampleClassifier


def test_it_keeps_all_conventions_of_scikit_learn():
    checks = check_estimator(ExampleClassifier(), on_skip=None)
    assert {one["check_name"] for one in checks if one["status"] == "passed"} > {
        "check_classifiers_train",
        "check_estimators_pickle",
        "check_n_features_in_after_fitting",
    }


def test_what_examples_show_is_found_in_other_rows():
    examples, known = around(3, 45)
    vectors, places = around(3, 60, seed=1)
    fitted = ExampleClassifier().fit(examples, [f"kind {place}" for place in known])
    assert fitted.classes_.tolist() == ["kind 0", "kind 1", "kind 2"]
    probabilities = fitted.predict_proba(vectors)
    assert probabilities.sum(axis=1) == pytest.approx(1.0)
    assert (probabilities.argmax(axis=1) == places).mean() > 0.9
    assert (fitted.predict(vectors) == fitted.classes_[probabilities.argmax(axis=1)]).all()
    assert fitted.accuracy_ > 0.8


def test_examples_that_say_nothing_are_not_believed():
    """Labels drawn by lot: held out, no more are right than by chance, and no row is certain."""
    examples, _ = around(1, 80, noise=3.0)
    lots = np.random.default_rng(3).choice(["a", "b"], 80).tolist()
    fitted = ExampleClassifier().fit(examples, lots)
    assert fitted.accuracy_ < 0.7
    assert fitted.predict_proba(examples).max() < 0.9


def test_the_same_rows_and_seed_give_the_same_result():
    examples, known = around(2, 20, noise=0.8)
    labels = [str(place) for place in known]
    one, other = (ExampleClassifier(random_state=5).fit(examples, labels) for _ in range(2))
    assert (one.accuracy_, one.C_) == (other.accuracy_, other.C_)
    assert (one.predict_proba(examples) == other.predict_proba(examples)).all()


@pytest.mark.parametrize("labels", [["a", "b"], ["a", "a", "b"], ["a", "b", "c", "c"]])
def test_a_label_with_one_example_is_learned_and_not_held_out(labels):
    examples = np.eye(24, dtype=np.float32)[: len(labels)]
    fitted = ExampleClassifier().fit(examples, labels)
    assert fitted.accuracy_ is None
    assert fitted.predict(examples).tolist() == labels


def test_before_it_has_learned_it_says_so():
    with pytest.raises(NotFittedError):
        ExampleClassifier().predict(np.eye(2))
