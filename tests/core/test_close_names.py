"""Names that may have been meant where an unknown one was given."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from metier.close_names import close_names, did_you_mean, known_names, suggest


def test_close_names_see_past_the_domain():
    known = ["finance/delinquency-risk", "legal/termination"]
    assert close_names("delinquency-risks", known) == ["finance/delinquency-risk"]
    assert close_names("code/termination", known)[0] == "legal/termination"


@given(st.text(), st.lists(st.text()))
def test_close_names_are_known_ones_and_few(name, known):
    close = close_names(name, known)
    assert len(close) <= 3
    assert set(close) <= set(known)


def test_a_hint_names_close_names_or_is_none():
    assert did_you_mean("baer", ["train", "bear"]) == "Did you mean 'bear'?"
    assert did_you_mean("toi", ["toy", "toil"], limit=2) == "Did you mean 'toil' or 'toy'?"
    assert did_you_mean("zzz", ["train", "bear"]) is None
    assert suggest(["cuda", "mps"]) == "Did you mean 'cuda' or 'mps'?"
    assert suggest([]) is None


def test_known_names_are_listed_in_their_order():
    assert known_names(["train", "bear"]) == "Known: train, bear."
    assert known_names(["train", "bear"], limit=1) == "Known: train and 1 more."
    assert known_names([]) == "Known: none."


def test_names_much_less_similar_than_the_best_are_left_out():
    known = ["trade/flag-loans", "trade/flag-leases", "trade/similar-applications", "trade/mail"]
    assert close_names("trade/flag-lones", known) == ["trade/flag-loans", "trade/flag-leases"]
