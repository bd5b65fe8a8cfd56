"""What values of fields are compared as: numbers, dates, times of day, durations or texts.

An index keeps JSON values: strings, numbers and booleans. What a string spells is compared as what
it is, so that a date in a CSV file and one in a data frame compare alike. The value that a
condition compares with decides what the values of the field are read as.

Every kind has a sort key: a string whose order is that of the values. A store on disk compares
these keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import total_ordering
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metier.indexing.field_values import Value

TRUTHS: Mapping[str, bool] = {"true": True, "false": False}
"""Strings that spell a boolean, in lower case; compare without regard to case."""

MAX_EXACT_INTEGER = 2**53
"""Largest integer up to which floats hold every integer."""

MAX_CHARACTERS = 400
"""Length of the longest string that is read as something else than a text."""

SECOND = 10**9
"""Nanoseconds."""
DAY = 86_400 * SECOND

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-][0-9]{1,3})?")
_LONGEST_TRUTH = max(map(len, TRUTHS))
_CLOCK = (
    r"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)"
    r"(?::(?P<second>[0-5]\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
)
_OFFSET = (
    r"(?:[zZ]|(?P<sign>[+-])(?P<hours>[01]\d|2[0-3])"
    r"(?::?(?P<minutes>[0-5]\d)(?::?(?P<seconds>[0-5]\d)(?:\.(?P<parts>\d{1,9}))?)?)?)?"
)
_DATE = re.compile(
    rf"(?P<date>\d{{4}}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?:[Tt ]{_CLOCK} ?{_OFFSET})?",
    re.ASCII,
)
_TIME = re.compile(_CLOCK + _OFFSET, re.ASCII)
_DURATION = re.compile(
    r"(?P<sign>[+-])?P(?=.*\d)(?:(?P<weeks>\d{1,12})W)?(?:(?P<days>-?\d{1,12})D)?"
    r"(?:T(?=.)(?:(?P<hours>-?\d{1,15})H)?(?:(?P<minutes>-?\d{1,15})M)?"
    r"(?:(?P<seconds>-?\d{1,18}(?:\.\d{1,9})?)S)?)?",
    re.ASCII,
)
_ELAPSED = re.compile(
    r"(?:(?P<days>-?\d{1,12}) days?,? )?(?P<sign>[+-])?(?P<hours>\d{1,12}):(?P<minutes>[0-5]\d)"
    r":(?P<seconds>[0-5]\d(?:\.\d{1,9})?)",
    re.ASCII,
)
_LARGEST = 10**24  # nanoseconds of a duration
_EXPONENTS = 2000  # more than the exponent of any number that a float can hold, and its digits


@total_ordering
@dataclass(frozen=True, slots=True)
class Number:
    """A number, compared exactly. A float is the number that it is printed as.

    Attributes:
        nearest: the float that is nearest to it.
        exact: the number, where it is not the one that `nearest` is printed as; else None.
    """

    nearest: float
    exact: Decimal | None = None

    @property
    def decimal(self) -> Decimal:
        """The number without rounding."""
        return Decimal(repr(self.nearest)) if self.exact is None else self.exact

    @property
    def sort_key(self) -> str:
        """Return a string that sorts as the number does."""
        sign, digits, exponent = self.decimal.as_tuple()
        assert isinstance(exponent, int)  # it is finite
        text = "".join(map(str, digits)).lstrip("0")
        if not text:
            return "1"
        magnitude = f"{len(text) + exponent + _EXPONENTS:04d}{text.rstrip('0')}"
        if not sign:
            return "2" + magnitude
        return "0" + "".join(str(9 - int(digit)) for digit in magnitude) + "~"

    def __lt__(self, other: Number) -> bool:
        if self.nearest != other.nearest or (self.exact is None and other.exact is None):
            return self.nearest < other.nearest
        return self.decimal < other.decimal


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, or a date with a time.

    Attributes:
        day: the calendar day as it is written, numbered as `datetime.date.toordinal` does.
        instant: nanoseconds since the beginning of the year 1 in UTC; None for a date. A time
            without an offset is taken for one in UTC.
    """

    day: int
    instant: int | None = None

    @property
    def day_key(self) -> str:
        """Return a string that sorts as the days do."""
        return f"{self.day:07d}"

    @property
    def instant_key(self) -> str | None:
        """Return a string that sorts as the instants do; None for a date."""
        return None if self.instant is None else f"{self.instant + 2 * DAY:021d}"


@dataclass(frozen=True, slots=True, order=True)
class TimeOfDay:
    """A time of day in nanoseconds, in UTC; one without an offset is taken for one in UTC."""

    nanoseconds: int

    @property
    def sort_key(self) -> str:
        """Return a string that sorts as the times do."""
        return f"{self.nanoseconds + 2 * DAY:015d}"


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A duration in nanoseconds, which may be negative."""

    nanoseconds: int

    @property
    def sort_key(self) -> str:
        """Return a string that sorts as the durations do."""
        return f"{self.nanoseconds + _LARGEST:025d}"

    def __str__(self) -> str:
        """Return the duration in ISO 8601, such as `P1DT2H0.5S`."""
        days, rest = divmod(abs(self.nanoseconds), DAY)
        minutes, rest = divmod(rest, 60 * SECOND)
        hours, minutes = divmod(minutes, 60)
        seconds = f"{rest // SECOND}.{rest % SECOND:09d}".rstrip("0").rstrip(".")
        units = ((hours, "H"), (minutes, "M"), (seconds if rest else 0, "S"))
        clock = "".join(f"{count}{unit}" for count, unit in units if count)
        text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
        return f"{'-' if self.nanoseconds < 0 else ''}P{text or 'T0S'}"


Operand = str | Number | Moment | TimeOfDay | Duration
"""What a condition compares with."""


def number_of(value: Value | Decimal) -> Number | None:
    """Return the number that a value is or that a string spells; None for other strings.

    Strings that spell a boolean are 1 and 0. A number with leading zeros is taken for a code, and
    so is one with an exponent that has no sign. Numbers that are too large for a float are None.
    """
    if isinstance(value, str):
        return _spelled_number(value)
    if isinstance(value, float) or (isinstance(value, int) and abs(value) <= MAX_EXACT_INTEGER):
        return Number(value + 0.0)  # no negative zero
    return _from_decimal(Decimal(value))


def moment_of(text: str) -> Moment | None:
    """Return the date, with or without a time, that a string in ISO 8601 spells, else None."""
    match = _DATE.fullmatch(text) if len(text) <= MAX_CHARACTERS else None
    if match is None:
        return None
    try:
        day = date.fromisoformat(match["date"]).toordinal()
    except ValueError:
        return None  # such as the 30th of February
    if match["hour"] is None:
        return Moment(day)
    return Moment(day, day * DAY + _nanoseconds_in_utc(match))


def time_of(text: str) -> TimeOfDay | None:
    """Return the time of day that a string in ISO 8601 spells, else None."""
    match = _TIME.fullmatch(text) if len(text) <= MAX_CHARACTERS else None
    return None if match is None else TimeOfDay(_nanoseconds_in_utc(match))


def duration_of(text: str) -> Duration | None:
    """Return the duration that a string spells, else None.

    It is spelled in ISO 8601 without years and months (`P1DT2H`), or as Python and pandas print it
    (`1 day, 2:00:00`).
    """
    if len(text) > MAX_CHARACTERS:
        return None
    match = _DURATION.fullmatch(text)
    if match is not None:
        days = 7 * int(match["weeks"] or 0) + int(match["days"] or 0)
        total = days * DAY + _clock(match)
        total = -total if match["sign"] == "-" else total
    elif (match := _ELAPSED.fullmatch(text)) is not None:
        clock = _clock(match)
        total = int(match["days"] or 0) * DAY + (-clock if match["sign"] == "-" else clock)
    return None if match is None or abs(total) >= _LARGEST else Duration(total)


def order(value: Value, operand: Operand) -> int | None:
    """Compare a value of a field with what a condition compares it with.

    Returns:
        -1 where the value is less, 0 where they are equal, 1 where it is greater, and None where
        the value is of another kind.
    """
    if isinstance(operand, Moment):
        return _order_of_moments(moment_of(value) if isinstance(value, str) else None, operand)
    left = _read_as(value, operand)
    if left is None:
        return None
    return int(left > operand) - int(left < operand)  # type: ignore[operator]  # of one type


def _read_as(value: Value, operand: Operand) -> Operand | None:
    """Return a value as one of the type of the operand; None where it is no such value."""
    if isinstance(operand, Number):
        return number_of(value)
    if not isinstance(value, str) or isinstance(operand, str):
        return value if isinstance(value, str) else None
    return time_of(value) if isinstance(operand, TimeOfDay) else duration_of(value)


def _order_of_moments(left: Moment | None, right: Moment) -> int | None:
    """Compare two moments: by their days where one of them is a date."""
    if left is None:
        return None
    if left.instant is None or right.instant is None:
        return int(left.day > right.day) - int(left.day < right.day)
    return int(left.instant > right.instant) - int(left.instant < right.instant)


def _spelled_number(text: str) -> Number | None:
    if len(text) <= _LONGEST_TRUTH and text.lower() in TRUTHS:
        return Number(float(TRUTHS[text.lower()]))
    if len(text) > MAX_CHARACTERS or _NUMBER.fullmatch(text) is None:
        return None
    return _from_decimal(Decimal(text))


def _from_decimal(exact: Decimal) -> Number | None:
    nearest = float(exact) + 0.0  # no negative zero
    if abs(nearest) == float("inf") or exact.adjusted() < -MAX_CHARACTERS:
        return None
    return Number(nearest, None if Decimal(repr(nearest)) == exact else exact)


def _nanoseconds_in_utc(match: re.Match[str]) -> int:
    """Return the nanoseconds since midnight in UTC of a time with an offset."""
    local = 60 * int(match["hour"]) + int(match["minute"])
    nanoseconds = (60 * local + int(match["second"] or 0)) * SECOND
    nanoseconds += int((match["fraction"] or "").ljust(9, "0"))
    if match["sign"] is None:
        return nanoseconds
    minutes = 60 * int(match["hours"]) + int(match["minutes"] or 0)
    offset = (60 * minutes + int(match["seconds"] or 0)) * SECOND
    offset += int((match["parts"] or "").ljust(9, "0"))
    return nanoseconds - (-offset if match["sign"] == "-" else offset)


def _clock(match: re.Match[str]) -> int:
    """Return the nanoseconds of the hours, minutes and seconds of a duration."""
    minutes = 60 * int(match["hours"] or 0) + int(match["minutes"] or 0)
    return 60 * minutes * SECOND + int(Decimal(match["seconds"] or 0) * SECOND)
