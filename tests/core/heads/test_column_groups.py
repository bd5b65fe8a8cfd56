"""Groups of columns: values, and quarters of numbers."""

from __future__ import annotations

from collections import Counter

import pytest

from metier.heads.column_groups import column_groups, group_order


def test_numbers_are_cut_into_quarters():
    ages = [*range(20, 60), None, ""]
    groups = column_groups(ages)
    assert Counter(groups) == {
        "29 or less": 10,
        "29 to 39": 10,
        "39 to 49": 10,
        "more than 49": 10,
        None: 2,
    }
    assert groups[:10] == ["29 or less"] * 10
    assert groups[10] == "29 to 39"


def test_amounts_are_read_as_people_write_them_and_sorted_by_size():
    amounts = [f"${thousands},500" for thousands in (1, 2, 4, 8, 9, 12, 20, 100)]
    groups = column_groups(amounts)
    assert list(dict.fromkeys(groups)) == [
        "2,500 or less",
        "2,500 to 8,500",
        "8,500 to 12,500",
        "more than 12,500",
    ]
    assert sorted([None, *reversed(groups)], key=group_order) == [*groups, None]


def test_equal_numbers_are_in_one_group():
    inquiries = [0] * 60 + [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] * 2
    assert Counter(column_groups(inquiries)) == {"0 or less": 60, "more than 0": 20}
    shares = [0.001 * count for count in range(1, 9)]
    assert column_groups(shares)[0] == "0.002 or less"


@pytest.mark.parametrize("cells", [[36, 60, None] * 9, ["RENT", "OWN", "10", "12"] * 9])
def test_few_numbers_and_names_stay_as_they_are(cells):
    assert column_groups(cells) == [None if cell is None else str(cell) for cell in cells]
