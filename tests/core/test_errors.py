"""The exception tree: one base, exit codes, close names, and a way through worker processes."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from pathlib import Path

import pytest

from metier import errors
from metier.errors import (
    CODES,
    ErrorPosition,
    InputError,
    MetierError,
    MetierWarning,
    MissingExtraError,
    PackError,
    Problem,
    UnknownNameError,
    UsageError,
)

EVERY = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, Exception) and not issubclass(kind, Warning)
]


@pytest.mark.parametrize("kind", EVERY)
def test_every_error_is_a_metier_error_with_an_exit_code(kind):
    assert issubclass(kind, MetierError)
    assert kind.exit_code == (2 if issubclass(kind, UsageError) else 1)


@pytest.mark.parametrize("kind", EVERY)
def test_the_tree_in_the_docs_has_every_error(kind):
    assert kind.__name__ in errors.__doc__


@pytest.mark.parametrize("kind", EVERY)
def test_every_error_has_a_code_of_its_own_that_is_documented(kind):
    assert kind.code in CODES
    assert [other.code for other in EVERY].count(kind.code) == 1


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_words_with_hyphens_and_has_a_sentence(code):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
    assert CODES[code].endswith(".")


_FAULTS = ("damaged", "mismatch", "not-found")
"""Of what is kept in a folder: the codes begin with what it is of."""


def test_every_code_that_is_raised_is_documented_and_the_other_way_round():
    package = Path(errors.__file__).parent
    sources = "\n".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    raised = set(re.findall(r"""\bcode(?:: str)? ?= ?"([a-z-]+)\"""", sources))
    saved = re.findall(r"""\bSavedFolder\("([a-z]+)\"""", sources)
    raised |= {f"{noun}-{fault}" for noun in saved for fault in _FAULTS}
    assert raised == set(CODES)


def test_a_raise_may_name_a_code_of_its_own():
    assert UsageError("It is no use.", code="no-use").code == "no-use"
    assert UsageError("It is no use.").code == "wrong-call"


def test_an_unknown_name_has_its_kind_in_its_code():
    assert UnknownNameError("kind of toy", "baer", []).code == "unknown-kind-of-toy"


@pytest.mark.parametrize(
    ("position", "shown"),
    [
        (ErrorPosition(source="toys.csv", line=3, column=4), "toys.csv, line 3, column 4"),
        (ErrorPosition(source="toys.csv", row=3), "toys.csv, row 3"),
        (ErrorPosition(index=0), "text 0"),
        (ErrorPosition(parameter="dim"), "parameter 'dim'"),
    ],
)
def test_a_position_is_shown_in_words(position, shown):
    assert str(position) == shown


def test_a_message_names_its_position_and_begins_with_a_capital():
    text = InputError("$position is empty.", position=ErrorPosition(index=3))
    assert str(text) == "Text 3 is empty."
    inside = InputError("No vector for $position.", position=ErrorPosition(index=3))
    assert str(inside) == "No vector for text 3."
    file = InputError("$position: no row.", position=ErrorPosition(source="toys.csv", line=2))
    assert str(file) == "toys.csv, line 2: no row."


def test_an_index_is_moved_from_a_part_to_the_whole():
    error = InputError(
        "$position is empty.", why="Text 3 is a toy.", position=ErrorPosition(index=3)
    )
    error.move(lambda index: 10 + index)
    assert str(error) == "Text 13 is empty.\nText 3 is a toy."
    assert repr(error) == "InputError('Text 13 is empty.\\nText 3 is a toy.')"
    assert error.position == ErrorPosition(index=13)


def test_moving_an_error_without_an_index_changes_nothing():
    for position in (None, ErrorPosition(source="toys.csv", line=3)):
        error = InputError("Text 3 is empty.", position=position)
        error.move(lambda index: 10 + index)
        assert (str(error), error.position) == ("Text 3 is empty.", position)


def test_parameters_are_spelled_for_those_who_read_the_message():
    error = UsageError(
        "$seed is not used.",
        fix="Build it again with $rebuild, $reranker or $dollar.",
        parameters={"rebuild": True, "reranker": "a/b", "seed": ...},
    )
    fix = "Build it again with rebuild=True, reranker='a/b' or $dollar."
    assert str(error) == f"seed=... is not used.\n{fix}"
    assert error.message(lambda name, value: f"--{name}").what == "--seed is not used."


def test_an_error_is_plain_data():
    error = InputError("$position is empty.", fix="Fill it.", position=ErrorPosition(index=3))
    assert error.to_dict() == {
        "code": "unusable-input",
        "message": "Text 3 is empty.",
        "why": None,
        "fix": "Fill it.",
        "position": {"index": 3},
        "problems": [],
    }


def test_several_problems_are_data_too():
    problems = [Problem("no title", ErrorPosition(source="toys.yaml", line=2)), Problem("no bear")]
    error = PackError.listing(problems)
    assert error.position == problems[0].position
    assert str(error) == "toys.yaml, line 2: no title\nno bear"
    assert error.to_dict()["problems"] == [
        {"message": "no title", "position": {"source": "toys.yaml", "line": 2}},
        {"message": "no bear", "position": None},
    ]


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
        MissingExtraError("A frame", "tables", "pandas"),
        InputError(
            "$position is empty.", position=ErrorPosition(index=3), problems=[Problem("No bear.")]
        ),
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
    message = str(UnknownNameError("toy", "zzz", [f"toy-{n:02}" for n in range(20)]))
    assert "Known: toy-00, toy-01," in message
    assert message.endswith("toy-11 and 8 more.")


def test_an_unknown_name_where_nothing_is_known_says_so():
    assert "None is registered" in str(UnknownNameError("toy", "bear", []))


def test_a_missing_extra_says_what_to_install():
    error = MissingExtraError("A frame", "tables", "pandas")
    assert str(error) == (
        "A frame needs the package 'pandas', which is not installed.\n"
        "Install it with: pip install 'metier[tables]'"
    )


def test_a_warning_spells_its_parameters():
    warning = MetierWarning("Build it again with $rebuild.", {"rebuild": True})
    assert str(warning) == "Build it again with rebuild=True."
    assert warning.message(lambda name, value: f"--{name}") == "Build it again with --rebuild."
    assert str(pickle.loads(pickle.dumps(warning))) == str(warning)
