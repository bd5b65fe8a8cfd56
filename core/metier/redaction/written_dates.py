"""Dates as people write them: moved by days, in the form in which they were written."""

from __future__ import annotations

import itertools
import re
from datetime import date, timedelta

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]{3,9}")
_NO_YEAR = 2001
"""Stands for the year of dates without one, which may be any that is no leap year."""


def is_day_first(text: str) -> bool:
    """Whether numbers of dates in a text are a day and a month, rather than a month and a day."""
    pairs = re.findall(r"(?<![\d./-])(\d{1,2})[./-](\d{1,2})[./-](?:\d{4}|\d\d)(?!\d)", text)
    first = sum(int(number) > 12 for number, _ in pairs)
    second = sum(int(number) > 12 for _, number in pairs)
    return first > second or (first == second and bool(re.search(r"\d\.\d{1,2}\.\d{2,4}", text)))


def shifted(written: str, days: int, *, day_first: bool = False) -> str | None:
    """A date moved by days, in its form; None where it is no date that can be read.

    A month without a day is that of its middle, and a year that of its own. The day of the week
    is changed with the date.

    Args:
        written: such as `03/04/2019`, `4-Mar-58`, `the 5th of May` or `20190304`.
        days: how many; less than 0 for the past.
        day_first: whether 03/04 is the 3rd of April.
    """
    fields = _Fields(written, day_first)
    moved = fields.moved(days)
    return None if moved is None else fields.written(moved)


class _Fields:
    """Where a written date has its day, its month and its year."""

    def __init__(self, text: str, day_first: bool) -> None:
        self._text = text
        self._parts: dict[str, tuple[int, int]] = {}  # day, month, year, name, weekday to offsets
        for word in _WORD.finditer(text):
            lowered = word[0].lower()
            if _index(lowered, WEEKDAYS) is not None:
                self._parts["weekday"] = word.span()
            elif _index(lowered, MONTHS) is not None:
                self._parts["name"] = word.span()
        numbers = [number.span() for number in _NUMBER.finditer(text)]
        if len(numbers) == 1 and "name" not in self._parts:
            numbers = self._split(*numbers[0], day_first)
        self._assign(numbers, day_first)

    def _split(self, start: int, end: int, day_first: bool) -> list[tuple[int, int]]:
        """The parts of digits without anything between them: 20190304, 03041958, 030458."""
        if end - start == 8 and "1900" <= self._text[start : start + 4] <= "2100":
            cuts = (4, 6)
        else:
            cuts = (2, 4)
        if end - start not in (6, 8):
            return [(start, end)]
        edges = [start, start + cuts[0], start + cuts[1], end]
        return list(itertools.pairwise(edges))

    def _assign(self, numbers: list[tuple[int, int]], day_first: bool) -> None:
        values = [int(self._text[start:end]) for start, end in numbers]
        if len(numbers) > (2 if "name" in self._parts else 3):
            self._parts.clear()  # two days of a month, which are no one date
            return
        if "name" in self._parts:
            if not numbers:
                return
            is_year = [
                end - start == 4 or value > 31
                for (start, end), value in zip(numbers, values, strict=True)
            ]
            if len(numbers) == 1:
                quoted = self._text[: numbers[0][0]].endswith(("'", "\u2019"))
                self._parts["year" if is_year[0] or quoted else "day"] = numbers[0]
            else:
                year = 0 if is_year[0] else 1
                self._parts["year"], self._parts["day"] = numbers[year], numbers[1 - year]
        elif len(numbers) == 1:
            self._parts["year"] = numbers[0]
        elif len(numbers) == 2:
            years = [index for index, (start, end) in enumerate(numbers) if end - start == 4]
            if years:
                self._parts["year"], self._parts["month"] = numbers[years[0]], numbers[1 - years[0]]
            else:
                self._order(numbers, values, day_first)
        elif len(numbers) == 3:
            if numbers[0][1] - numbers[0][0] == 4 or values[0] > 31:
                self._parts["year"] = numbers[0]
                self._order([numbers[2], numbers[1]], [values[2], values[1]], True)
            else:
                self._parts["year"] = numbers[2]
                self._order(numbers[:2], values[:2], day_first)

    def _order(self, numbers: list[tuple[int, int]], values: list[int], day_first: bool) -> None:
        is_day_first = values[0] > 12 or (day_first and values[1] <= 12)
        names = ("day", "month") if is_day_first else ("month", "day")
        self._parts |= dict(zip(names, numbers, strict=True))

    def moved(self, days: int) -> date | None:
        """The date, moved; None where it is none."""
        year = self._value("year")
        if year is None:
            year = _NO_YEAR
        elif year < 100:
            year += 1900 if year > 40 else 2000
        month = self._value("month") or self._month_of_name() or 7
        day = self._value("day") or 15
        if "month" not in self._parts and "name" not in self._parts and "year" not in self._parts:
            return None
        try:
            if year == _NO_YEAR and month == 2 and day == 29:
                year = 2000
            return date(year, month, day) + timedelta(days=days)
        except (ValueError, OverflowError):
            return None

    def written(self, moved: date) -> str:
        """Another date in the form of this one."""
        values = {"day": moved.day, "month": moved.month, "year": moved.year}
        parts: list[tuple[int, int, str]] = []
        in_words = " of " in self._text or self._text.lower() == "may"
        for name, (start, end) in self._parts.items():
            old = self._text[start:end]
            if name in values:
                value = values[name] % 10 ** (end - start) if name == "year" else values[name]
                parts.append((start, end, self._number(name, old, value)))
            elif name == "name":
                parts.append((start, end, _like(old, MONTHS[moved.month - 1], in_words=in_words)))
            elif "year" in self._parts:
                parts.append((start, end, _like(old, WEEKDAYS[moved.weekday()], in_words=in_words)))
        text = self._text
        for start, end, new in sorted(parts, reverse=True):
            text = text[:start] + new + text[end:]
        return re.sub(
            r"(\d{1,2})(st|nd|rd|th)(?![a-z])",
            lambda match: match[1] + _ordinal(int(match[1]), match[2]),
            text,
            flags=re.IGNORECASE,
        )

    def _number(self, name: str, old: str, value: int) -> str:
        """A number with as many digits as dates of this form have."""
        numbers = [self._parts[part] for part in ("day", "month") if part in self._parts]
        is_padded = any(
            self._text[start] == "0" or (end - start == 2 and len(self._text) in (6, 8))
            for start, end in numbers
        )
        # 31.12.2020 and 2020-12-31 say nothing of padding, and are taken to have it
        is_padded = is_padded or (
            len(numbers) == 2 and all(end - start == 2 for start, end in numbers)
        )
        return (
            f"{value:0{len(old)}}"
            if name == "year" or (is_padded and len(old) == 2)
            else str(value)
        )

    def _value(self, name: str) -> int | None:
        span = self._parts.get(name)
        return None if span is None else int(self._text[span[0] : span[1]])

    def _month_of_name(self) -> int | None:
        span = self._parts.get("name")
        if span is None:
            return None
        index = _index(self._text[span[0] : span[1]].lower(), MONTHS)
        return None if index is None else index + 1


def _index(word: str, names: tuple[str, ...]) -> int | None:
    """Which of the names a word is, or the beginning of."""
    for index, name in enumerate(names):
        if name == word or (3 <= len(word) <= 5 and name.startswith(word)):
            return index
    return None


def _like(old: str, name: str, *, in_words: bool) -> str:
    """A name as long as the old one where that was short, with its capitals.

    Args:
        old: of a month or a day of the week.
        name: the new one, in small letters.
        in_words: whether `May` is the name of a month rather than its abbreviation.
    """
    lowered = old.lower()
    is_full = lowered in (*MONTHS, *WEEKDAYS) and (lowered != "may" or in_words)
    new = name if is_full or len(old) > 4 else name[:3]
    return new.upper() if old.isupper() else new.capitalize() if old[0].isupper() else new


def _ordinal(day: int, old: str) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(0 if day in (11, 12, 13) else day % 10, "th")
    return ending.upper() if old.isupper() else ending
