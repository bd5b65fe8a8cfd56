"""Columns of the input beside what was found."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from pydantic import Field
from tests.core.results.test_result import Toys

from metier.results.own_columns import OwnFields, rows_beside
from metier.results.table import result_name


def test_own_columns_keep_their_names_and_those_of_the_result_give_way():
    found = [{"id": "1", "label": "red", "score": 0.5}]
    own = [{"label": "truth", "amount": 7}]
    assert rows_beside(found, own) == [
        {"id": "1", "metier_label": "red", "score": 0.5, "label": "truth", "amount": 7}
    ]


def test_a_name_is_taken_in_all_rows_if_it_is_in_one():
    rows = rows_beside([{"score": 1}, {"score": 2}], [{"size": 3}, {"score": "own"}])
    assert rows == [
        {"metier_score": 1, "size": 3, "score": None},
        {"metier_score": 2, "size": None, "score": "own"},
    ]


def test_a_name_with_the_prefix_may_be_taken_too():
    assert result_name("label", ["label", "metier_label"]) == "metier_metier_label"
    assert result_name("label", ["name"]) == "label"


class Labeled(Toys):
    fields: OwnFields = Field(default_factory=dict)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (datetime.date(2024, 5, 6), "2024-05-06"),
        (pd.Timestamp("2024-05-06 07:08"), "2024-05-06T07:08:00"),
        (Decimal("19.90"), "19.90"),
        (np.float32(0.5), 0.5),
        (np.array([1, 2]), [1, 2]),
        (pd.NA, None),
        (float("nan"), None),
        (float("inf"), "inf"),
        ({"a": [1]}, {"a": [1]}),
        (b"ab", "ab"),
        (True, True),
    ],
)
def test_own_values_of_every_type_are_written_as_json(value, plain):
    written = json.loads(Labeled(fields={"own": value}).to_json())
    assert written["fields"] == {"own": plain}
