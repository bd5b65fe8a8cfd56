"""Columns as features."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from metier import HeadInputs
from metier.heads.column_features import ColumnFeatures
from metier.heads.features import NoFeaturesError


def fitted(*cells: object) -> ColumnFeatures:
    return ColumnFeatures.fit(HeadInputs(columns={"x": cells}))


def features(learned: ColumnFeatures, *cells: object) -> np.ndarray:
    return learned.transform(HeadInputs(columns={"x": cells}))


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([1, 2.5, 3], "number"),
        (["$12,000", "(500)", "36 %", None], "number"),
        ([True, False, True], "category"),
        (["2024-02-29", "2023-01-01T10:00:00"], "date"),
        (["Dec-2011", "Jan-2012"], "date"),
        ([datetime.date(2024, 1, 1), datetime.datetime(2024, 1, 2, 3)], "date"),
        (["A", "B", "A"], "category"),
        (["1", "2", "three", "four"], "category"),
    ],
)
def test_the_kind_of_a_column_is_that_of_its_values(cells, kind):
    assert [column.kind for column in fitted(*cells).columns] == [kind]


def test_a_number_counts_by_its_rank_so_that_extreme_values_do_not():
    learned = fitted(*range(1, 101))
    rows = features(learned, 1, 50.5, 100, 10**9, -(10**9))
    assert rows[:, 0] == pytest.approx([-1, 0, 1, 1, -1])
    assert rows[:, 1:6].sum(axis=1) == pytest.approx(1.0)


@pytest.mark.parametrize("missing", [None, "", "  ", float("nan"), "n/a"])
def test_a_missing_number_is_in_the_middle_and_said_to_be_missing(missing):
    row = features(fitted(*range(100)), missing)[0]
    assert row.tolist() == [0, 0, 0, 0, 0, 0, 1]


def test_rare_and_unknown_categories_count_as_one_and_missing_ones_apart():
    learned = fitted(*["own"] * 8, *["rent"] * 8, "boat", None)
    rows = features(learned, "own", " own ", "boat", "castle", None)
    assert rows.tolist() == [[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]]


def test_dates_are_ordered_whatever_way_they_are_written():
    learned = fitted("2020-01-01", "2021-01-01", "2022-01-01", "2023-01-01")
    ranks = features(learned, "2020-06-01", "06/01/2021", "01.06.2022", "Jun-2022")[:, 0]
    assert (np.diff(ranks[:3]) > 0).all()
    assert ranks[3] == ranks[2]


def test_columns_are_the_same_when_they_are_restored():
    learned = ColumnFeatures.fit(
        HeadInputs(columns={"amount": [1, 5, None, 9], "home": ["a", "b", "a", None]})
    )
    restored = ColumnFeatures.restore(learned.arrays(), learned.settings())
    rows = HeadInputs(columns={"amount": [2, None], "home": ["b", "c"]})
    assert (restored.transform(rows) == learned.transform(rows)).all()


def test_a_column_without_values_is_left_out():
    learned = ColumnFeatures.fit(HeadInputs(columns={"x": [1, 2], "empty": [None, ""]}))
    assert [column.name for column in learned.columns] == ["x"]
    with pytest.raises(NoFeaturesError):
        fitted(None, None)


def test_dates_that_are_missing_and_numbers_without_end_are_missing_values():
    dates, numbers = fitted(datetime.date(2024, 1, 1), pd.NaT), fitted(1, 2)
    assert (features(dates, pd.NaT, None)[:, -1] == 1).all()
    assert (features(numbers, 10**400, None)[:, -1] == 1).all()


@pytest.mark.parametrize("written", [True, "True", np.True_])
def test_a_value_counts_alike_however_a_file_has_it(written):
    rows = features(fitted(*[True, False] * 6), True, written)
    assert (rows[0] == rows[1]).all()
