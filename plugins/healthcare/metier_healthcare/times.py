"""When something was, as far as a sentence says: `since 2019`, `three days ago`, `resolved`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

TimeKind = Literal["since", "ago", "for", "date", "resolved"]

_COUNTED = (
    *("one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_FEW = {"a": 1, "an": 1, "couple of": 2, "a couple of": 2, "few": 3, "a few": 3, "several": 4}
_NUMBERS = {word: number for number, word in enumerate(_COUNTED, start=1)} | _FEW
_COUNT = r"(?:\d{1,3}(?:\.\d)?|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + ")"
_UNIT = r"(?:days?|weeks?|wks?|months?|mos?|years?|yrs?)"
_MONTHS = {"d": 12 / 365.2425, "w": 12 / 52.1775, "m": 1.0, "y": 12.0}
"""Months by the first letter of a unit."""

_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH = rf"(?:{'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in _NAMES)})\.?"
_DATE = (
    r"(?:(?:19|20)\d\d-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}/\d{2,4}|\d{1,2}/(?:19|20)\d\d"
    rf"|(?:{_MONTH}\s(?:\d{{1,2}},?\s)?)?(?:19|20)\d\d|{_MONTH}(?![a-z]))"
)
_EXPRESSION = re.compile(
    rf"""\b(?:
      (?P<ago>(?:(?:about|approximately|over|some|almost|nearly)\s)?
        (?P<ago_count>{_COUNT})[\s-](?P<ago_unit>{_UNIT})
        \s(?:ago|prior|earlier|back|previously))
    | (?P<last>(?:last|the\spast|the\sprevious)\s(?P<last_unit>week|month|year)
        |yesterday|today|this\s(?:morning|week|month))
    | (?P<since>since\s(?:(?:the\s)?(?:last|age\sof)\s\S+
        |childhood|birth|adolescence|infancy|yesterday|{_DATE}))
    | (?P<for>(?:for|over|during|x|in)\s(?:the\s)?(?:last|past|about|approximately|over)?\s?
        (?P<for_count>{_COUNT})\s(?P<for_unit>{_UNIT}))(?!\s(?:ago|prior|earlier))
    | (?P<date>(?:in|on|from|of|dated|diagnosed)\s(?:early\s|late\s)?{_DATE}
        |(?<=\()\s?{_DATE}(?=\))
        |(?:19|20)\d\d(?=[\s,.;)]|$)(?!\s?(?:%|m[gmlL]|k|u|/)))
    | (?P<resolved>resolved|in\sremission|no\slonger|healed|cleared\sup)
    )(?![\w/])""",
    re.IGNORECASE | re.VERBOSE,
)
_CLAUSE_END = re.compile(r";|\bbut\b|\bhowever\b")
_AND = re.compile(r"[\s,/]*(?:and|or|&)?[\s,/]*")


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """Words that say when: `text == whole[start:end]`.

    Attributes:
        kind: `since` when, how long `ago`, `for` how long, a `date`, or `resolved`.
        text: the words.
        start: offset of the first character.
        end: offset after the last one.
        months: how many months it is ago or lasts, as far as the words say.
    """

    kind: TimeKind
    text: str
    start: int
    end: int
    months: float | None = None

    def months_before(self, reference: date | None) -> float | None:
        """How many months before a date it was or began; None where the words do not say."""
        if self.kind in ("ago", "for") or self.months is not None:
            return self.months
        if reference is None or self.kind == "resolved":
            return None
        when = _date_in(self.text, reference)
        if when is None:
            return None
        months = (reference - when).days * _MONTHS["d"]
        # the middle of this year may be ahead; a day that is ahead is no past
        return months if months >= 0 else 0.0 if when == date(reference.year, 7, 1) else None


def times_in(sentence: str) -> list[TimeExpression]:
    """All words of a sentence that say when."""
    expressions = []
    for match in _EXPRESSION.finditer(sentence):
        kind, months = _kind(match)
        expressions.append(
            TimeExpression(kind, match[0].strip(), match.start(), match.end(), months)
        )
    return expressions


def nearest_time(
    times: list[TimeExpression], start: int, end: int, others: list[tuple[int, int]], text: str
) -> TimeExpression | None:
    """The time that a part of a sentence has: the nearest of its clause.

    Args:
        times: of the sentence.
        start: offset of the part.
        end: offset after it.
        others: offsets of other parts, each of which may have the time instead.
        text: of the sentence.
    """
    best: tuple[int, TimeExpression] | None = None
    for time in times:
        is_after = time.start >= end
        first, last = (end, time.start) if is_after else (time.end, start)
        if first > last or _CLAUSE_END.search(text[first:last]):
            continue
        if not is_after and any(
            other[1] <= time.start and not _CLAUSE_END.search(text[other[1] : time.start])
            for other in others
        ):
            continue  # it says when something before it was
        between = [other for other in others if first <= other[0] and other[1] <= last]
        if not _is_list(text, first if not is_after else end, between, start):
            continue
        if best is None or last - first < best[0]:
            best = last - first, time
    return None if best is None else best[1]


def _is_list(text: str, first: int, between: list[tuple[int, int]], start: int) -> bool:
    """Whether all that is named between a time and a part is of one list with it."""
    if not between:
        return True
    starts = [other[0] for other in between]
    ends = [other[1] for other in between]
    # from the part to the time after it, or from the time before it to the part
    if first > start:
        ends = [first, *ends[:-1]]
    else:
        starts = [*starts[1:], start]
    steps = zip(ends, starts, strict=True)
    return all(_AND.fullmatch(text[end:begin]) for end, begin in steps)


def as_date(value: object) -> date | None:
    """A field of a row as a date; None where it is none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip()[:10])
        except ValueError:
            return None
    return None


def _kind(match: re.Match[str]) -> tuple[TimeKind, float | None]:
    if match["ago"]:
        return "ago", _months(match["ago_count"], match["ago_unit"])
    if match["last"]:
        unit = match["last_unit"]
        return "ago", _MONTHS[unit[0].lower()] if unit else 0.0
    if match["since"]:
        return "since", None
    if match["for"]:
        return "for", _months(match["for_count"], match["for_unit"])
    if match["date"]:
        return "date", None
    return "resolved", None


def _months(count: str, unit: str) -> float:
    number = _NUMBERS.get(" ".join(count.lower().split()))
    return (float(count) if number is None else number) * _MONTHS[unit[0].lower()]


def _date_in(text: str, reference: date) -> date | None:
    """The date that words name; a month without a year is the last one before the reference."""
    numbers = [int(digits) for digits in re.findall(r"\d+", text)]
    month = next(
        (
            position
            for position, name in enumerate(_NAMES, start=1)
            if re.search(rf"\b{name[:3]}(?:{name[3:]})?\b", text, re.IGNORECASE)
        ),
        None,
    )
    year = next((number for number in numbers if 1900 <= number < 2100), None)
    try:
        if re.search(r"\d{4}-\d", text):
            return date(*numbers[:3]) if len(numbers) > 2 else None
        if "/" in text:
            if len(numbers) == 2:
                return date(numbers[1], numbers[0], 1)
            short = numbers[2]
            if short < 100:
                short += 2000 if 2000 + short <= reference.year + 1 else 1900
            return date(short, numbers[0], numbers[1])
        if year is not None:
            return date(year, month or 7, 1)  # the middle of a year
        if month is not None:
            return date(reference.year - (month > reference.month), month, 1)
    except ValueError:
        return None
    return None
