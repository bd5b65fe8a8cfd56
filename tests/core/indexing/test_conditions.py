"""Conditions: when they hold for the fields of a document, and how they are joined."""

from __future__ import annotations

import datetime
import functools
import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier import field
from metier.errors import ParameterError
from metier.indexing.conditions import require_condition
from metier.indexing.field_values import fields_of, value_of

DEED = {"year": 2020, "court": "Lyon", "share": 0.5, "final": True}


@pytest.mark.parametrize(
    "met",
    [
        field("year") == 2020,
        field("year") == 2020.0,
        field("year") != 2021,
        field("year") >= 2020,
        field("year") > 2019.5,
        field("court") < "Paris",
        field("court").is_in(["Paris", "Lyon"]),
        field("year").is_in([2020]),
        field("final") == True,  # noqa: E712
        field("final") == 1,
        field("court").is_present(),
        (field("year") >= 2020) & (field("court") == "Lyon"),
        (field("year") > 2020) | (field("share") <= 0.5),
        ~(field("year") > 2020),
    ],
    ids=repr,
)
def test_a_condition_that_is_met_and_its_negation(met):
    assert met.holds(DEED)
    assert not (~met).holds(DEED)


@pytest.mark.parametrize("name", ["judge", "court"])
def test_no_comparison_holds_without_the_field_or_with_another_type(name):
    for condition in (field(name) == 1, field(name) < 1, field(name) >= 1, field(name).is_in([1])):
        assert not condition.holds(DEED)
        assert (~condition).holds(DEED)
    assert (field(name) != 1).holds(DEED)


def test_a_condition_names_the_fields_that_it_tests():
    joined = (field("a") == 1) & ~(field("b").is_in([2]) | field("c").is_present())
    assert joined.names() == {"a", "b", "c"}


def test_is_in_without_values_never_holds():
    assert not field("year").is_in([]).holds(DEED)


@given(
    st.lists(st.booleans(), min_size=3, max_size=3),
    st.sampled_from(["a & b | c", "~a & (b | c)", "~(a | ~b) & c", "~~a | b & ~c"]),
)
def test_conditions_are_joined_by_boolean_logic(facts, formula):
    names = dict(zip("abc", facts, strict=True))
    a, b, c = (field(name) == 1 for name in "abc")
    met = {
        "a & b | c": a & b | c,
        "~a & (b | c)": ~a & (b | c),
        "~(a | ~b) & c": ~(a | ~b) & c,
        "~~a | b & ~c": ~~a | b & ~c,
    }[formula].holds(names)
    x, y, z = facts
    expected = {
        "a & b | c": (x and y) or z,
        "~a & (b | c)": not x and (y or z),
        "~(a | ~b) & c": not (x or not y) and z,
        "~~a | b & ~c": x or (y and not z),
    }[formula]
    assert met == expected


def test_and_or_and_chains_of_comparisons_are_refused():
    with pytest.raises(ParameterError, match="Join conditions with &"):
        assert 2000 < field("year") < 2020
    with pytest.raises(ParameterError, match="neither true nor false"):
        _ = (field("year") > 1) and (field("court") == "Lyon")


def test_a_string_is_not_a_condition():
    with pytest.raises(ParameterError, match="is of type str, not a condition"):
        require_condition("year >= 2020; DROP TABLE chunks")
    with pytest.raises(ParameterError, match="not a condition"):
        (field("year") > 1) & "1 = 1"


@pytest.mark.parametrize("value", [None, float("nan"), np.float32("nan")])
def test_a_field_cannot_be_compared_with_a_missing_value(value):
    with pytest.raises(ParameterError, match="use is_present"):
        field("year") == value  # noqa: B015


def test_a_field_cannot_be_compared_with_invalid_unicode():
    for compare in (lambda: field("court") == "\udce9", lambda: field("court").is_in(["\ud800"])):
        with pytest.raises(ParameterError, match="not valid Unicode"):
            compare()


def test_a_field_needs_a_name_and_is_in_needs_a_list():
    with pytest.raises(ParameterError, match="names no field"):
        field("")
    with pytest.raises(ParameterError, match="Put it in a list"):
        field("court").is_in("Lyon")


def test_values_are_kept_unchanged_or_as_strings():
    record = {
        "day": datetime.date(2020, 1, 2),
        "count": np.int64(3),
        "share": np.float32(0.5),
        "large": 2**60,
        "tags": ["a", "b"],
        "gap": None,
        "nan": float("nan"),
        "flag": np.True_,
        "text": "as it is",
    }
    assert fields_of(record) == {
        "day": "2020-01-02",
        "count": 3,
        "share": 0.5,
        "large": str(2**60),
        "tags": '["a", "b"]',
        "flag": True,
        "text": "as it is",
    }
    assert (field("day") >= datetime.date(2020, 1, 1)).holds(fields_of(record))
    assert value_of(datetime.time(7)) == "07:00:00"


def test_any_number_of_conditions_can_be_joined():
    years = functools.reduce(operator.or_, [field("year") == year for year in range(3000)])
    assert years.holds({"year": 2999})
    assert not years.holds({"year": 3000})
    assert len(years.parts) == 3000
    negated = field("year") == 1
    for _ in range(1000):
        negated = ~negated
    assert negated == (field("year") == 1)


def test_conditions_that_are_nested_too_deep_are_refused():
    deep = field("a") == 0
    for number in range(10):
        deep = deep | (field("a") == number) if number % 2 else deep & (field("a") == number)
    with pytest.raises(ParameterError, match=r"nested 11 levels deep(.|\n)*is_in"):
        deep & (field("a") == 11)
