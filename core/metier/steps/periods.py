"""Dates of a column as periods, so that groups of texts can be set against time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from metier.close_names import did_you_mean
from metier.errors import InputError
from metier.indexing.comparable_values import moment_of
from metier.indexing.field_values import value_of
from metier.results.own_columns import own_names
from metier.texts.checks import is_missing
from metier.texts.texts import Texts

Period = Literal["month", "quarter", "year"]
"""How long a period is."""

_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:[ T].*)?")
"""A day and a month, in an order that the other dates of the column tell, and a year."""


def with_periods(texts: Texts, column: str, period: Period) -> tuple[Texts, str]:
    """Texts with another column: the period that the date of each lies in.

    Months are such as `2024-03`, quarters `2024-Q1` and years `2024`; a text without a date has
    None. Dates are `datetime` objects, ISO 8601, or `3/14/2024` and `14.3.2024`, where any date of
    the column has a day after the 12th.

    Args:
        texts: with a column of dates.
        column: its name.
        period: how long a period is.

    Returns:
        The texts, and the name of the new column, such as `received_month`.

    Raises:
        InputError: there is no such column, or what it holds is no date.
    """
    known = own_names(item.fields for item in texts)
    if column not in known:
        raise InputError(
            f"There is no column {column!r} in {texts.source}.",
            why=did_you_mean(column, known)
            or f"Its columns, besides text and id: {', '.join(known) or 'none'}.",
            fix="Name the column of the dates with $date_column",
            code="field-not-found",
            parameters={"date_column": ...},
        )
    name = f"{column}_{period}"
    days = _days([item.fields.get(column) for item in texts], column, texts)
    items = [
        replace(item, fields={**item.fields, name: None if day is None else _name(day, period)})
        for item, day in zip(texts, days, strict=True)
    ]
    return Texts(items, source=texts.source, skipped=texts.skipped, keys=texts.keys), name


def _name(day: date, period: Period) -> str:
    if period == "year":
        return f"{day.year:04d}"
    if period == "quarter":
        return f"{day.year:04d}-Q{(day.month + 2) // 3}"
    return f"{day.year:04d}-{day.month:02d}"


def _days(values: Sequence[Any], column: str, texts: Texts) -> list[date | None]:
    """The day of each value, None where there is none."""
    written = [
        None if is_missing(value) or value == "" else str(value_of(value)) for value in values
    ]
    slashed = [match for text in written if text and (match := _SLASHED.fullmatch(text.strip()))]
    order = _order(slashed)
    days: list[date | None] = []
    for item, text in zip(texts, written, strict=True):
        day = None if text is None else _day(text.strip(), order)
        if text is not None and day is None:
            raise InputError(
                f"{column}={text!r} of {item.id!r} is no date that can be read.",
                why="Whether the day or the month comes first is not to be seen."
                if order is None and _SLASHED.fullmatch(text.strip())
                else None,
                fix="Write dates as 2024-03-14.",
                code="value-not-readable",
            )
        days.append(day)
    return days


def _order(slashed: Sequence[re.Match[str]]) -> Literal["day", "month"] | None:
    """Which comes first in dates with slashes or dots, None where nothing tells."""
    day_first = any(int(match[1]) > 12 for match in slashed)
    month_first = any(int(match[2]) > 12 for match in slashed)
    if day_first == month_first:
        return None
    return "day" if day_first else "month"


def _day(text: str, order: Literal["day", "month"] | None) -> date | None:
    moment = moment_of(text)
    if moment is not None:
        return date.fromordinal(moment.day)
    match = _SLASHED.fullmatch(text)
    if match is None or order is None:
        return None
    first, second, year = (int(part) for part in match.groups())
    month, day = (first, second) if order == "month" else (second, first)
    try:
        return date(year, month, day)
    except ValueError:
        return None
