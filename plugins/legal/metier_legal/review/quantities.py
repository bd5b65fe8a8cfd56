"""Quantities in sentences of contracts: periods, shares, amounts and counts, also in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Bound = Literal["", "at most", "at least"]

_UNITS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = (
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
_VALUES = {word: number for number, word in enumerate(_UNITS, start=1)}
_VALUES |= {word: 10 * number for number, word in enumerate(_TENS, start=2)}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_WORD = "|".join((*_VALUES, *_SCALES))
_DIGITS = r"\d[\d,]*(?:\.\d+)*(?:,\d{2}\b)?"
_NUMBER = rf"(?:{_DIGITS}|\b(?:{_WORD})\b(?:(?:[ -]|\s+and\s+)(?:{_WORD})\b)*)"
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3}){2,}|\d{1,3}(?:\.\d{3})+(?=,\d{2}\b)")
"""A number in groups of three digits that points may divide, as in Europe: `1.000.000`."""
_PERIODS = {
    "hour": 1 / 24,
    "day": 1.0,
    "week": 7.0,
    "month": 365 / 12,
    "quarter": 365 / 4,
    "year": 365.0,
}
_SIGNS = {"$": "dollars", "\u20ac": "euros", "\u00a3": "pounds", "usd": "dollars", "us$": "dollars"}
_SIGNS |= {"eur": "euros", "gbp": "pounds", "chf": "francs"}
_QUANTITY = re.compile(
    rf"""(?P<sign>US\$|[$\u20ac\u00a3]|\b(?:USD|EUR|GBP|CHF)\b)?\s?
    (?P<number>{_NUMBER})
    (?:\s?\(\s?(?P<sign2>US\$|[$\u20ac\u00a3])?(?P<digits>{_DIGITS})\s?(?P<inner>%)?\s?\)
      |\s?\(\s?(?:{_WORD})\b[a-z \n-]{{0,40}}\))?
    \s?(?P<scale>(?:thousand|million|billion)\b)?
    \s?-?(?P<unit>%|per\s?cent(?:um)?\b|percent\b|percentage\s+points?\b
      |(?P<working>(?:business|working|trading|banking)[\s-]+)?
       (?:calendar[\s-]+|consecutive[\s-]+)?(?P<period>hour|day|week|month|quarter|year)s?\b
      |times?\b|(?:US\s+)?(?P<currency>dollars|euros?|pounds|francs|ducats|USD|EUR|GBP|CHF)\b
      |(?P<sign3>[\u20ac\u00a3]))?""",
    re.IGNORECASE | re.VERBOSE,
)
_AT_MOST = re.compile(
    r"(?:not?\s+(?:more|later|longer|greater|higher)\s+than|at\s+(?:the\s+)?most|up\s+to|within"
    r"|(?:not\s+|never\s+)exceed(?:ing)?|maximum(?:\s+of)?|no\s+later\s+than|(?<!not\s)(?<!no\s)less\s+than|below"
    r"|limited\s+to|capped\s+at)\W*(?:\w+\W+){0,2}$",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(
    r"(?:not?\s+(?:less|fewer|earlier|sooner)\s+than|at\s+(?:the\s+)?least|minimum(?:\s+of)?"
    r"|(?<!not\s)(?<!no\s)more\s+than|(?<!not\s)(?<!never\s)exceed(?:s|ing)?|above|no\s+fewer\s+than)\W*(?:\w+\W+){0,2}$",
    re.IGNORECASE,
)
_BEFORE = 48
_COUNTS = rf"""(?:\s?-?(?:%|per\s?cent|percentage\s+points?\b|[\u20ac\u00a3]
    |(?:(?:business|working|trading|banking|calendar|consecutive)[\s-]+)*(?:{"|".join(_PERIODS)})s?\b
    |(?:thousand|million|billion|times|dollars|euros?|pounds|francs|ducats|USD|EUR|GBP|CHF)\b))"""
"""What stands after a number that is a quantity, and no number of a clause."""
_REFERENCE = re.compile(
    rf"""\b((?:sub-?)?(?:clause|section|article|paragraph|schedule|annex|appendix|exhibit)s?)
    \s+\d++(?:\.\d++)*+(?:\s?\((?:[a-z]{{1,4}}|\d{{1,2}})\))*(?!\w|,\d{{3}}\b|{_COUNTS})""",
    re.IGNORECASE | re.VERBOSE,
)
"""The name of a part of a contract, with its number."""


CURRENCIES = frozenset({*_SIGNS.values(), "ducats"})


class Quantity(NamedTuple):
    """A number with what it counts.

    Attributes:
        value: periods in days.
        kind: `period`, `working days`, `percent`, `times`, a currency, or empty for a bare number.
        text: as it is written.
        bound: whether it is the least or the most that holds.
    """

    value: float
    kind: str
    text: str
    bound: Bound


def find_quantities(text: str) -> list[Quantity]:
    """The quantities of a text in order; numbers of clauses and years are none."""
    return list(_quantities(without_references(text)))


def without_references(text: str) -> str:
    """A text without numbers of clauses: `this clause` for `this clause 4`."""
    return _REFERENCE.sub(r"\1", text)


def _quantities(text: str) -> Iterator[Quantity]:
    for match in _QUANTITY.finditer(text):
        kind = _kind(match)
        if not kind:
            continue
        value = number_value(match["digits"] or match["number"])
        value *= _SCALES.get((match["scale"] or "").lower(), 1)
        period = (match["period"] or "").lower()
        if kind == "period":
            value *= _PERIODS[period]
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        bound: Bound = "at least" if _AT_LEAST.search(before) else ""
        bound = "at most" if not bound and _AT_MOST.search(before) else bound
        yield Quantity(value, kind, match.group().strip(), bound)


def _kind(match: re.Match[str]) -> str:
    """What a number counts; empty where it does not say."""
    unit = (match["unit"] or "").lower()
    if match["working"] and match["period"]:
        return "working days"
    if match["period"]:
        return "period"
    if match["inner"] or unit.startswith(("%", "per")):
        return "percent"
    if unit.startswith("time"):
        return "times"
    if match["currency"] and match["currency"].lower() not in _SIGNS:
        currency = match["currency"].lower()
        return currency if currency.endswith("s") else f"{currency}s"
    sign = (match["sign"] or match["sign2"] or match["currency"] or match["sign3"] or "").lower()
    return _SIGNS.get(sign, "")


def number_value(written: str) -> float:
    """The number that digits or words state; 0 for words that are none of those known here."""
    if written[:1].isdigit():
        return _digits_value(written)
    total = current = 0
    for word in re.findall(r"[a-z]+", written.lower()):
        if word in _VALUES:
            current += _VALUES[word]
        elif word == "hundred":
            current = max(current, 1) * 100
        elif word in _SCALES:
            total += max(current, 1) * _SCALES[word]
            current = 0
    return float(total + current)


def _digits_value(written: str) -> float:
    """The number that digits state; points divide its groups where they cannot do anything else."""
    grouped = _GROUPED.match(written)
    if grouped is None:
        plain = written.replace(",", "").split(".")
        return float(".".join(plain[:2]).rstrip("."))
    decimals = re.sub(r"\D", "", written[grouped.end() :])
    return float(f"{re.sub('[.,]', '', grouped[0])}.{decimals or 0}")
