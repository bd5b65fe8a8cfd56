"""Columns of the input beside what was found."""

from __future__ import annotations

import datetime
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel, ConfigDict, Field
from tests.core.results.test_result import Toys

from metier.errors import ParameterError, PluginError
from metier.results.own_columns import OwnFields, row_beside, rows_beside
from metier.results.table import Column, Table, result_name
from metier.texts.texts import Texts


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


def test_no_value_is_lost_where_the_result_has_the_name_with_the_prefix_already():
    found = [{"score": 1, "metier_score": 2}]
    expected = {"metier_metier_score": 1, "metier_score": 2, "score": 3}
    assert rows_beside(found, [{"score": 3}]) == [expected]
    assert row_beside(found[0], {"score": 3}) == expected
    table = Table("", ("score", "metier_score", Column("score", own=True)), [(1, 2, 3)])
    assert [column.name for column in table.fields] == list(expected)


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
        (b"ab", "YWI="),
        (b"\xff\x00", "/wA="),
        (memoryview(b"ab"), "YWI="),
        (np.array([[1.5, float("nan")], [2, float("inf")]]), [[1.5, None], [2.0, "inf"]]),
        ({"a": [float("nan"), {"b": float("-inf")}]}, {"a": [None, {"b": "-inf"}]}),
        (np.datetime64("2024-05-06T07:08:09.123456789"), "2024-05-06T07:08:09.123456"),
        (np.datetime64("NaT"), None),
        (Decimal("1e400"), "1E+400"),
        (Decimal("NaN"), None),
        (np.uint64(2**64 - 1), 2**64 - 1),
        (10**400, 10**400),
        ("broken \ud800 text", "broken \ufffd text"),
        ("\ud83d\ude00", "\U0001f600"),
        ({"\ud800": "\udfff"}, {"\ufffd": "\ufffd"}),
        (True, True),
    ],
)
def test_own_values_of_every_type_are_written_as_json(value, plain):
    written = json.loads(Labeled(fields={"own": value}).to_json())
    assert written["fields"] == {"own": plain}


class Row(BaseModel):
    id: str = "1"
    fields: OwnFields = Field(default_factory=dict)


@dataclass(frozen=True)
class Frozen:
    fields: Mapping[str, Any]


class Named(NamedTuple):
    row: Row
    number: int


class Everywhere(Toys):
    """Rows in every container that a plugin may choose."""

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="allow")

    listed: list[Row]
    tupled: tuple[Row, ...]
    mapped: dict[str, list[Row]]
    frozen: list[Frozen]
    named: Named

    def rows(self):
        return rows_beside([{"id": row.id} for row in self.all], [row.fields for row in self.all])

    @cached_property
    def all(self) -> list[Any]:
        return [*self.listed, *self.tupled, *self.mapped["a"], self.named.row, self.extra[0]]


@pytest.mark.parametrize("options", [{"drop": ["ssn"]}, {"keep": ["fields"]}, {"keep": "fields"}])
def test_a_column_that_is_left_out_is_nowhere_in_the_result(options):
    def row():
        return Row(fields={"ssn": "123-45", "fields": "kept"})

    result = Everywhere(
        listed=[row()],
        tupled=(row(),),
        mapped={"a": [row()]},
        frozen=[Frozen(row().fields)],
        named=Named(row(), 7),
        extra=[row()],
    )
    assert "123-45" in str(result.rows())  # what is computed once must not be kept
    selected = result.select_columns(**options)
    assert "123-45" not in str(selected.rows())
    assert "123-45" not in selected.to_json()
    assert "123-45" not in repr(selected.frozen)
    assert [row["fields"] for row in selected.rows()] == ["kept"] * 5
    assert selected.named.number == 7
    assert "123-45" in result.to_json()  # the result itself stays as it was


def test_a_result_that_hides_its_columns_is_not_returned_as_if_they_were_left_out():
    class Queue(Toys):
        model_config = ConfigDict(arbitrary_types_allowed=True)

        waiting: Any

    queue = Queue(waiting=deque([Row(fields={"ssn": "123-45"})]))
    with pytest.raises(PluginError, match="ssn cannot be left out of a Queue"):
        queue.select_columns(drop=["ssn"])


def test_one_name_is_a_name_and_no_list_of_letters():
    labeled = Labeled(fields={"ab": 1, "a": 2, "b": 3})
    assert labeled.select_columns(keep="ab").fields == {"ab": 1}
    assert labeled.select_columns(drop="ab").fields == {"a": 2, "b": 3}
    with pytest.raises(ParameterError, match="no column 'abc'"):
        labeled.select_columns(keep="abc")


def test_rows_with_lone_surrogates_in_other_columns_are_read_and_written(tmp_path):
    texts = Texts.of([{"text": "a bear", "note": "cut \ud83d", "\udc00": 1}])
    assert texts[0].fields == {"note": "cut \ufffd", "\ufffd": 1}
