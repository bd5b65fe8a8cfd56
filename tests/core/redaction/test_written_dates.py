"""Dates moved by days keep the form in which they are written."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.redaction.written_dates import is_day_first, shifted


@pytest.mark.parametrize(
    ("written", "moved"),
    [
        ("03/04/2019", "11/24/2018"),
        ("3/4/19", "11/24/18"),
        ("2019-03-04", "2018-11-24"),
        ("20190304", "20181124"),
        ("03041958", "11241957"),
        ("4-Mar-58", "24-Nov-57"),
        ("12JUL1949", "3APR1949"),
        ("March 4th, 2019", "November 24th, 2018"),
        ("Mar. 4 2019", "Nov. 24 2018"),
        ("the 5th of May", "the 25th of January"),
        ("Monday, March 4, 2019", "Saturday, November 24, 2018"),
        ("July of 1949", "April of 1949"),
        ("03/2019", "12/2018"),
        ("Mar '19", "Dec '18"),
        ("December", "September"),
        ("31.12.2020", "22.09.2020"),
        ("11/02/2020", "07/25/2020"),
    ],
)
def test_a_date_is_moved_in_its_own_form(written, moved):
    assert shifted(written, -100) == moved


def test_the_order_of_day_and_month_follows_from_the_other_dates_of_a_text():
    assert is_day_first("seen 25/12/2019 and 03/04/2019")
    assert not is_day_first("seen 12/25/2019 and 03/04/2019")
    assert is_day_first("am 3.4.2019")
    assert shifted("03/04/2019", 30, day_first=True) == "03/05/2019"
    assert shifted("03/04/2019", 30) == "04/03/2019"


def test_what_is_no_date_is_not_moved():
    assert shifted("99/99/9999", 10) is None
    assert shifted("31/02/2019", 10) is None


@settings(max_examples=60, deadline=None)
@given(
    st.dates(date(1930, 1, 1), date(2030, 1, 1)),
    st.integers(1, 400),
    st.sampled_from(["%m/%d/%Y", "%Y-%m-%d", "%d %B %Y", "%b %d, %Y", "%Y%m%d", "%d-%b-%Y"]),
    st.sampled_from([-365, -30, 17, 200]),
)
def test_the_days_between_two_dates_stay(first, apart, form, days):
    second = first + timedelta(days=apart)
    moved = [shifted(day.strftime(form), days) for day in (first, second)]
    expected = [(day + timedelta(days=days)).strftime(form) for day in (first, second)]
    assert [_parts(day) for day in moved] == [_parts(day) for day in expected]


def _parts(written):
    """Numbers without leading zeros, and the beginnings of names: May has no abbreviation."""
    return [
        part.lstrip("0")[:3] if part.isalpha() else part.lstrip("0")
        for part in re.findall(r"[a-zA-Z]+|\d+", written)
    ]
