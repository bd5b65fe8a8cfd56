"""Frames and columns of pandas, Arrow and polars as texts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from metier.errors import InputError
from metier.texts.texts import Texts

ROWS = {"id": ["a", None, "c"], "text": ["one", "two", "three"], "price": [1.5, None, 3.0]}


class PolarsFrame:
    """Stands in for a polars frame, which says its rows by this method."""

    columns = ("id", "text", "price")

    def to_dicts(self):
        return [dict(zip(ROWS, row, strict=True)) for row in zip(*ROWS.values(), strict=True)]


@pytest.mark.parametrize(
    "frame", [pd.DataFrame(ROWS), pa.table(ROWS), PolarsFrame()], ids=["pandas", "arrow", "polars"]
)
def test_a_frame_gives_its_rows_with_gaps_as_none(frame):
    texts = Texts.of(frame)
    assert texts.strings == ["one", "two", "three"]
    assert [item.id for item in texts] == ["a", "2", "c"]
    assert [item.fields["price"] for item in texts] == [1.5, None, 3.0]


@pytest.mark.parametrize("gap", [None, np.nan, pd.NA, pd.NaT])
def test_a_gap_in_a_text_column_is_a_missing_text(gap):
    frame = pd.DataFrame({"text": pd.Series(["one", gap], dtype=object)})
    with pytest.raises(InputError, match="row 2 is missing"):
        Texts.of(frame)


def test_ids_that_became_floats_beside_a_gap_are_whole_numbers_again():
    frame = pd.DataFrame({"id": [1, None, 3], "text": ["x", "y", "z"]})
    assert [item.id for item in Texts.of(frame)] == ["1", "2", "3"]


def test_the_named_index_of_a_frame_is_a_field_of_its_rows():
    frame = pd.DataFrame({"id": ["007", "x"], "day": [1, 2], "text": ["one", "two"]})
    texts = Texts.of(frame.set_index(["day", "id"]))
    assert [(item.id, item.fields) for item in texts] == [("007", {"day": 1}), ("x", {"day": 2})]
    assert [item.id for item in Texts.of(frame.set_index("id", drop=False))] == ["007", "x"]
    assert Texts.of(frame[["text"]])[0].fields == {}


def test_categories_dates_and_odd_columns_are_kept_as_fields():
    day = pd.Timestamp("2026-01-02")
    frame = pd.DataFrame({"text": ["x"], "kind": pd.Categorical(["a"]), "day": [day], 7: [1]})
    assert Texts.of(frame)[0].fields == {"kind": "a", "day": day, "7": 1}


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(["one", "two"]),
        pd.Series(["one", "two"], dtype="category"),
        pa.array(["one", "two"]),
        pa.chunked_array([["one"], ["two"]]),
        np.array(["one", "two"]),
        np.array(["one", "two"], dtype=object),
    ],
    ids=lambda column: type(column).__module__.partition(".")[0],
)
def test_a_column_of_strings_is_texts(column):
    assert Texts.of(column).strings == ["one", "two"]


@pytest.mark.parametrize("column", [pd.Series(["one", None]), pa.array(["one", None])])
def test_a_gap_in_a_bare_column_is_a_missing_text(column):
    with pytest.raises(InputError, match="row 2 is missing"):
        Texts.of(column)
    assert Texts.of(column, skip_invalid=True).skipped == ("row 2",)


def test_a_table_of_numbers_is_refused():
    with pytest.raises(InputError, match="Which field"):
        Texts.of(pd.DataFrame(np.eye(3)))
    with pytest.raises(InputError, match="Row 1 of the input is of type ndarray"):
        Texts.of(np.eye(3))


def test_an_empty_frame_is_refused():
    with pytest.raises(InputError, match="There is no text"):
        Texts.of(pd.DataFrame({"text": []}))
