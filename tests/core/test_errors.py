"""The exception tree: one base, exit codes, close names, and a way through worker processes."""

from __future__ import annotations

import copy
import inspect
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier import errors
from metier.errors import (
    InputError,
    MetierError,
    MissingExtraError,
    UnknownNameError,
    UsageError,
    close_names,
)

EVERY = [
    one
    for _, one in inspect.getmembers(errors, inspect.isclass)
    if issubclass(one, Exception) and not issubclass(one, Warning)
]


@pytest.mark.parametrize("kind", EVERY)
def test_every_error_is_a_metier_error_with_an_exit_code(kind):
    assert issubclass(kind, MetierError)
    assert kind.exit_code == (2 if issubclass(kind, UsageError) else 1)


@pytest.mark.parametrize("kind", EVERY)
def test_the_tree_in_the_docs_has_every_error(kind):
    assert kind.__name__ in errors.__doc__


def test_an_error_says_what_why_and_what_to_do():
    error = InputError("It failed.", why="It was wet.", fix="Dry it.")
    assert str(error) == "It failed.\nIt was wet.\nDry it."
    assert (error.what, error.why, error.fix) == ("It failed.", "It was wet.", "Dry it.")
    assert str(InputError("It failed.", fix="Dry it.")) == "It failed.\nDry it."


@pytest.mark.parametrize(
    "error",
    [
        InputError("It failed.", why="It was wet."),
        UnknownNameError("toy", "baer", ["bear", "train"], fix="List them."),
        MissingExtraError("A map", "viz", "plotly"),
    ],
)
def test_an_error_comes_back_whole_from_another_process(error):
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert vars(again) == vars(error)


def test_an_unknown_name_comes_with_close_ones():
    error = UnknownNameError("toy", "baer", ["train", "bear"])
    assert str(error) == "There is no toy 'baer'.\nDid you mean 'bear'?"
    assert (error.name, error.known) == ("baer", ("bear", "train"))


def test_an_unknown_name_far_from_all_comes_with_the_first_known():
    said = str(UnknownNameError("toy", "zzz", [f"toy-{n:02}" for n in range(20)]))
    assert "Known: toy-00, toy-01," in said
    assert said.endswith("toy-11 and 8 more.")


def test_an_unknown_name_where_nothing_is_known_says_so():
    assert "None is registered" in str(UnknownNameError("toy", "bear", []))


def test_close_names_see_past_the_domain():
    known = ["finance/delinquency-risk", "legal/termination"]
    assert close_names("delinquency-risks", known) == ["finance/delinquency-risk"]
    assert close_names("code/termination", known)[0] == "legal/termination"


@given(st.text(), st.lists(st.text()))
def test_close_names_are_known_ones_and_few(name, known):
    found = close_names(name, known)
    assert len(found) <= 3
    assert set(found) <= set(known)


def test_a_missing_extra_says_what_to_install():
    error = MissingExtraError("A map", "viz", "plotly")
    assert str(error) == (
        "A map needs the package 'plotly', which is not installed.\n"
        "Install it with: pip install 'metier[viz]'"
    )
