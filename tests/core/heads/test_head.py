"""A head: what it learns from, what it says, and what it refuses."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import threadpoolctl
from tests.core.heads.letters import letters, noisy

from metier import Head, HeadInputs, HeadOptions, Provenance, ThresholdGoal, Vectors
from metier.errors import InputError, ParameterError, UnknownNameError, UsageError
from metier.heads.term_features import TermFeatures


def test_labels_of_new_texts_follow_the_examples():
    head = Head.fit(*letters(60))
    inputs, labels = letters(30, seed=1)
    predicted = head.predict(inputs)
    assert head.classes == ("delivery", "payment", "return")
    assert predicted.labels == labels
    assert predicted.probabilities.sum(axis=1) == pytest.approx(1.0)
    assert predicted.flags is None


def test_what_a_head_learns_from_is_what_tells_the_labels_apart():
    inputs, labels = letters(60, noise=50.0)
    assert Head.fit(inputs, labels).sources == ("terms",)
    inputs, labels = letters(60)
    silent = HeadInputs(vectors=inputs.vectors, texts=[f"number {row}" for row in range(60)])
    assert Head.fit(silent, labels).sources == ("vectors",)


def test_a_column_that_decides_is_learned_and_one_that_does_not_is_left_out():
    inputs, labels = noisy(200)
    shuffled = np.random.default_rng(5).permutation(200)
    deciding = [
        f"$ {5000 + 90 * shuffled[row] * (label == 'late'):,}" for row, label in enumerate(labels)
    ]
    columns = {"amount": deciding, "color": [("red", "blue")[row % 2] for row in shuffled]}
    head = Head.fit(HeadInputs(vectors=inputs.vectors, columns=columns), labels)
    assert "columns" in head.sources
    assert head.columns == ("amount", "color")
    useless = {"color": columns["color"]}
    alone = Head.fit(HeadInputs(vectors=inputs.vectors, columns=useless), labels)
    assert alone.sources == ("vectors",)
    assert alone.columns == ()
    assert (head.unused_columns, alone.unused_columns) == ((), ("color",))


def test_the_same_examples_and_seed_give_the_same_head():
    first, second = (Head.fit(*noisy(120)) for _ in range(2))
    inputs, _ = noisy(20, seed=9)
    assert (first.predict(inputs).probabilities == second.predict(inputs).probabilities).all()
    assert first.card == second.card


def test_the_number_of_threads_decides_nothing():
    inputs, _ = noisy(20, seed=9)
    heads = []
    for threads in (1, 2):
        with threadpoolctl.threadpool_limits(threads):
            heads.append(Head.fit(*noisy(120)))
    first, second = (head.predict(inputs).probabilities for head in heads)
    assert first == pytest.approx(second, abs=1e-6)
    assert heads[0].card == heads[1].card


def test_equal_texts_are_held_out_together():
    """Random labels of texts that occur four times each: to know one is to know the others."""
    generator = np.random.default_rng(2)
    drawn = generator.choice(["a", "b"], 40)
    rows = np.repeat(np.arange(40), 4)
    inputs = HeadInputs(
        vectors=generator.standard_normal((40, 30))[rows],
        texts=[f"text number {row} of word{row}" for row in rows],
    )
    report = Head.fit(inputs, drawn[rows].tolist()).report
    assert report is not None
    assert report.texts == 160
    assert report.metrics["accuracy"].value < 0.75


def test_a_threshold_has_the_recall_that_is_stated():
    options = HeadOptions(positive="late", goal=ThresholdGoal(recall=0.8))
    head = Head.fit(*noisy(1500), options)
    assert head.threshold is not None
    assert head.threshold.recall >= 0.8
    inputs, labels = noisy(4000, seed=4)
    predicted = head.predict(inputs)
    is_late = np.array(labels) == "late"
    assert predicted.flags is not None
    assert predicted.scores is not None
    assert (predicted.flags == (predicted.scores >= head.threshold.value)).all()
    assert predicted.flags[is_late].mean() == pytest.approx(0.8, abs=0.08)


def test_the_rarer_of_two_labels_is_flagged_unless_another_is_named():
    assert Head.fit(*noisy(80)).positive == "late"
    assert Head.fit(*noisy(80), HeadOptions(positive="paid")).positive == "paid"
    assert Head.fit(*letters(30)).positive is None
    assert Head.fit(*letters(30), HeadOptions(positive="return")).positive == "return"


def test_a_goal_without_a_positive_label_and_an_unknown_label_are_refused():
    with pytest.raises(ParameterError, match="positive"):
        Head.fit(*letters(30), HeadOptions(goal=ThresholdGoal(recall=0.5)))
    with pytest.raises(UnknownNameError, match="Did you mean 'return'"):
        Head.fit(*letters(30), HeadOptions(positive="returns"))


@pytest.mark.parametrize("labels", [["a", "a", "a"], ["a", "b"]])
def test_one_label_and_another_number_of_labels_are_refused(labels):
    with pytest.raises((InputError, ParameterError), match="3 examples"):
        Head.fit(HeadInputs(vectors=np.eye(3)), labels)


def test_without_anything_to_hold_out_a_head_has_no_report_and_takes_no_goal():
    inputs = HeadInputs(vectors=np.eye(3), texts=["a red bear", "a steam train", "a wooden boat"])
    head = Head.fit(inputs, ["bear", "train", "boat"])
    assert head.report is None
    assert head.predict(inputs).labels == ["bear", "train", "boat"]
    options = HeadOptions(positive="bear", goal=ThresholdGoal(recall=1.0))
    with pytest.raises(InputError, match="no held-out examples"):
        Head.fit(inputs, ["bear", "train", "boat"], options)


def test_a_label_with_one_example_is_learned_beside_others():
    inputs, labels = letters(31)
    labels[-1] = "praise"
    head = Head.fit(inputs, labels)
    assert "praise" in head.classes
    assert head.report is not None
    assert head.report.labels["praise"] == 0
    assert head.predict(inputs).sets[:, head.classes.index("praise")].all()


@pytest.mark.parametrize(
    ("change", "name"),
    [({"fingerprint": "f" * 16}, "model"), ({"digest": "0" * 16}, "instruction")],
)
def test_vectors_of_another_model_or_instruction_are_refused(change, name):
    inputs, labels = letters(30, noise=0.1)
    own = Provenance("tiny", "a" * 16, 24, "toys/sort@1", "1" * 16)
    vectors = np.asarray(inputs.vectors, dtype=np.float32)
    head = Head.fit(HeadInputs(vectors=Vectors.of(vectors, own)), labels)
    other = HeadInputs(vectors=Vectors.of(vectors, dataclasses.replace(own, **change)))
    with pytest.raises(UsageError, match=name) as refused:
        head.predict(other)
    assert refused.value.code == "head-mismatch"
    assert head.predict(HeadInputs(vectors=vectors)).labels == labels


def test_inputs_that_lack_what_was_learned_are_refused():
    inputs, labels = letters(30, noise=50.0)
    head = Head.fit(inputs, labels)
    with pytest.raises(UsageError, match="texts"):
        head.predict(HeadInputs(vectors=inputs.vectors))
    plain = Head.fit(HeadInputs(vectors=letters(30)[0].vectors), labels)
    with pytest.raises(UsageError, match="24 dimensions; these have 3"):
        plain.predict(HeadInputs(vectors=np.eye(3)))


def test_inputs_are_of_the_same_rows_and_are_not_empty():
    with pytest.raises(ParameterError, match="empty"):
        HeadInputs()
    with pytest.raises(ParameterError, match="vectors 3, texts 1"):
        HeadInputs(vectors=np.eye(3), texts=["one"])


def test_a_set_says_whether_a_head_is_sure():
    head = Head.fit(*noisy(400), HeadOptions(level=0.9, unknown=0.0))
    predicted = head.predict(noisy(300, seed=3)[0])
    sizes = predicted.sets.sum(axis=1)
    assert {"sure", "not sure"} <= set(predicted.decisions)
    assert [decision == "sure" for decision in predicted.decisions] == (sizes == 1).tolist()


def test_a_term_of_fewer_texts_than_stated_is_not_kept():
    inputs, labels = letters(60, noise=50.0)
    head = Head.fit(inputs, labels, HeadOptions(min_texts=5))
    learned = head._fitted.members.features.values()
    kept = {term for fitted in learned if isinstance(fitted, TermFeatures) for term in fitted.terms}
    assert {"parcel", "parcel came"} <= kept
    assert "37" not in kept


def test_a_label_that_only_equal_texts_have_is_learned_and_not_held_out():
    """To hold these texts out is to hold the label out: nothing would have learned it."""
    generator = np.random.default_rng(3)
    texts = ["the same text"] * 9 + [f"number {row} of the apples" for row in range(24)]
    labels = ["sweet", *["rotten"] * 8, *["sweet", "sour"] * 12]
    inputs = HeadInputs(vectors=generator.standard_normal((33, 6)), texts=texts)
    head = Head.fit(inputs, labels)
    assert head.classes == ("rotten", "sour", "sweet")
    assert head.report is not None
    assert head.report.labels == {"rotten": 0, "sour": 12, "sweet": 12}


def test_figures_that_the_held_out_texts_do_not_have_are_left_out():
    inputs, labels = letters(31)
    labels[-1] = "praise"
    report = Head.fit(inputs, labels, HeadOptions(positive="praise")).report
    assert report is not None
    assert set(report.metrics) == {"accuracy", "macro_f1", "log_loss", "brier", "calibration_error"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"vectors": np.array([[0.1, np.nan], [0.2, 0.3]])}, "NaN or infinity in 1 rows"),
        ({"vectors": np.array([[0.1], [np.inf]])}, "the first of them 1"),
        ({"vectors": np.array([["a"]])}, "no array of"),
        ({"vectors": np.empty((0, 3))}, "no rows"),
        ({"texts": "a text"}, "single text"),
        ({"texts": ["a text", None]}, "Row 1 of texts is no text but of type NoneType"),
        ({"columns": {"amount": 3}}, "'amount' is no sequence"),
    ],
)
def test_inputs_that_are_no_texts_or_numbers_are_refused(given, message):
    with pytest.raises(ParameterError, match=message):
        HeadInputs(**given)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([1, 0, 1], "row 0 is no text but of type int"),
        (["a", None, "a"], "row 1 is no text but of type NoneType"),
        (["a", "b\ud800", "a"], "half of a character"),
    ],
)
def test_labels_are_texts(labels, message):
    with pytest.raises(ParameterError, match=message):
        Head.fit(HeadInputs(vectors=np.eye(3)), labels)


def test_a_column_of_names_is_no_column_of_groups():
    inputs, labels = noisy(120)
    names = [f"Ann Example {row}" for row in range(120)]
    with pytest.raises(InputError, match="120 different values") as refused:
        Head.fit(inputs, labels, groups={"name": names})
    assert refused.value.code == "too-many-groups"
    assert "Ann" not in str(refused.value)


def test_values_of_another_kind_are_counted_where_a_head_predicts():
    inputs, labels = noisy(60)
    amounts = [100.0 * (label == "late") + row for row, label in enumerate(labels)]
    head = Head.fit(HeadInputs(vectors=inputs.vectors, columns={"amount": amounts}), labels)
    assert head.columns == ("amount",)
    vectors = np.asarray(inputs.vectors)[:3]
    new = HeadInputs(vectors=vectors, columns={"amount": ["12.5", "a lot", None]})
    assert head.predict(new).unread == {"amount": 1}
