"""Rows that are like no label."""

from __future__ import annotations

import numpy as np
import pytest
from tests.core.analysis.vectors import around
from tests.core.heads.letters import letters

from metier import Head, HeadInputs, HeadOptions
from metier.heads.novelty import Novelty


def test_texts_of_no_label_are_unknown_and_few_of_the_known_ones_are():
    vectors, numbers = around(4, 400, noise=0.15)
    known = numbers < 3
    labels = [f"label {number}" for number in numbers[known]]
    head = Head.fit(HeadInputs(vectors[known]), labels)
    rows, numbers = around(4, 2000, noise=0.15, seed=1)
    predicted = head.predict(HeadInputs(rows))
    assert predicted.unknown[numbers == 3].mean() > 0.9
    assert predicted.unknown[numbers < 3].mean() == pytest.approx(0.05, abs=0.03)
    decisions = np.array(predicted.decisions)
    assert (decisions[predicted.unknown] == "none of the known").all()


def test_the_share_of_unknown_texts_is_stated():
    inputs, labels = letters(90)
    rows, _ = letters(600, seed=1)
    shares = [
        Head.fit(inputs, labels, HeadOptions(unknown=share)).predict(rows).unknown.mean()
        for share in (0.0, 0.05, 0.3)
    ]
    assert shares[0] == 0.0
    assert shares[0] < shares[1] < shares[2]
    assert shares[2] == pytest.approx(0.3, abs=0.15)


def test_without_vectors_nothing_is_unknown():
    inputs, labels = letters(60)
    head = Head.fit(HeadInputs(texts=inputs.texts), labels)
    assert not head.predict(HeadInputs(texts=["something else"])).unknown.any()


def test_p_values_are_ranks_among_the_held_out_rows():
    inputs = HeadInputs(np.eye(4)[np.arange(40) % 4])
    targets, rows = np.arange(40) % 4, np.arange(40)
    fitted = Novelty.fit(inputs, targets, rows, np.arange(40) // 8)
    values = fitted.p_values(HeadInputs(np.array([[1.0, 0, 0, 0], [1.0, 1, 1, 1]])))
    assert values.tolist() == pytest.approx([1.0, 1 / 41])
