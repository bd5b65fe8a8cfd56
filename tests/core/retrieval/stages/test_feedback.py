"""Feedback: what is like the best of what was found in its words."""

from __future__ import annotations

import numpy as np
import pytest

from metier.retrieval.stages.feedback import LEADING, feedback


def test_what_shares_the_rare_words_of_the_best_is_most_like_them():
    found = feedback([["storm", "delay"]] * LEADING + [["storm"], ["price"], ["storm", "delay"]])
    assert found[:LEADING] == pytest.approx([1.0] * LEADING)
    assert found[-1] == pytest.approx(1.0)
    assert 0 < found[-3] < 1
    assert found[-2] == 0.0


def test_a_word_that_all_have_says_little():
    common = [["party", name] for name in "abcde"] + [["party", "z"], ["party", "a"]]
    found = feedback(common)
    assert found[6] > 2 * found[5] > 0


def test_fewer_than_lead_stand_for_themselves():
    assert feedback([["storm"], ["storm"]]).tolist() == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize("terms", [[[]], [[], ["storm"]], [[], []]])
def test_without_terms_nothing_is_like_anything(terms):
    found = feedback(terms)
    assert np.isfinite(found).all()
    assert found[0] == 0.0
