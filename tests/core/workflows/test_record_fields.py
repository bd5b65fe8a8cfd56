"""What a record keeps of a result: enough to compare two runs, and no text."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from metier.workflows.record import outcome_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


class Wood(Enum):
    OAK = "oak wood"


@dataclass
class Place:
    line: int


class Box(BaseModel):
    value: Any
    record: Any = None


def of(value):
    return outcome_of(Box(value=value))


def test_fields_are_named_by_their_path():
    found = of([{"a": Box(value=1.5)}, {"b": Place(3)}])
    assert set(found) == {
        "value",
        "value[]",
        "value[]{}.value",
        "value[]{}.record",
        "value[]{}.line",
    }


def test_numbers_are_kept_by_how_they_lie():
    numbers = of([0.5, 0.25, None, 0.75])["value[]"].numbers
    assert (numbers.count, numbers.mean, numbers.low, numbers.high) == (3, 0.5, 0.25, 0.75)
    assert of([1, 2])["value[]"].numbers is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([0.1, 0.2], [0.2, 0.1]),
        ([0.1], [0.1 + 1e-16]),
        (["a", "b"], ["ab"]),
        (["1"], [1]),
        ([1], [True]),
        ([1], [1.0]),
        ([None], ["None"]),
        ({"a": 1}, {"b": 1}),
        ([[1], [2]], [[1, 2]]),
        (math.nan, math.inf),
        (Wood.OAK, "OAK"),
        (date(2026, 1, 2), date(2026, 1, 3)),
    ],
)
def test_what_is_not_the_same_is_told_apart(one, other):
    assert of(one) != of(other)


def test_a_set_has_no_order():
    assert of({"a", "b", "c"}) == of({"c", "b", "a"})


def test_the_form_is_the_same_whatever_the_numbers_are():
    one, other = of([0.1, "a", 0.2])["value[]"], of([0.3, "a", 0.4])["value[]"]
    assert one.numbers.form == other.numbers.form
    assert one.digest != other.digest
    assert of(["a", 0.1, 0.2])["value[]"].numbers.form != one.numbers.form
    assert of([math.nan, "a", 0.2])["value[]"].numbers.form != one.numbers.form


def test_the_record_of_a_result_is_no_part_of_it():
    assert outcome_of(Box(value=1, record="one")) == outcome_of(Box(value=1, record="other"))


@given(JSON)
def test_every_result_is_described_twice_alike_and_without_its_words(value):
    found = of(value)
    assert found == of(value)
    assert all(set(path) <= set("value[]{}") for path in found)
    assert all(len(used.digest) == 16 for used in found.values())
