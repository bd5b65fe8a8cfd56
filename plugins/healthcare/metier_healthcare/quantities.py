"""Numbers with units as they stand after what was measured: `130/85 mmHg`, `8.2 %`, `<0.5`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

Comparator = Literal["", "<", "<=", ">", ">=", "~"]

NUMBER = (
    r"(?:\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?"
    r"|\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?=\s?/(?:mm|[u\u00b5\u03bc]))"
    r"|\d{1,3},\d{1,2}(?![\d,])|\d{1,9}(?:\.\d{1,6})?|\.\d{1,6})"
)
"""With a decimal comma where fewer than three digits follow it: `7,5`, but `85,000`."""

TIMES_LIMIT = "x ULN"
"""The unit of multiples of the upper limit of normal, which laboratories set."""

UNIT = (
    r"(?:(?:x|times|\u00d7|-?fold)\s?(?:the\s)?(?:ULN|upper limits? of (?:the )?normal)|ULN"
    r"|%|percent|per cent|mm\s?Hg|m[lL]/min(?:/1\.73\s?m(?:2|\u00b2|\^2))?|mg/d[lL]|mmol/mol"
    r"|mmol/[lL]|[u\u00b5\u03bc]mol/[lL]|g/d[lL]|g/[lL]|ng/m[lL]|pg/m[lL]|ng/d[lL]|ng/[lL]"
    r"|m?IU/m?[lL]|mEq/[lL]|U/[lL]|kg/m(?:2|\u00b2|\^2)|(?:x\s?)?10(?:\^|\*|e)?9/[lL]"
    r"|K/[u\u00b5\u03bc][lL]|/(?:[u\u00b5\u03bc][lL]|mm3|mm\u00b3)|kg|lbs?|pounds?|cm|mm|bpm"
    r"|beats per minute|beats/min|/min|\u00b0\s?[CF]|[CF](?![a-z])|mcg|[\u00b5\u03bc]g|mg|units?"
    r"|pack[- ]years?|years?(?: old| of age)?|yrs?|months?|weeks?|days?|m[lL]|[gLm])(?![\w/])"
)
_WORDS_OF: dict[Comparator, str] = {
    "<=": "<=|\u2264|less than or equal to|equal to or less than|no more than|not more than|at most"
    "|up to|no greater than|not greater than|no higher than|not higher than|not above|not over"
    "|at or below|not exceeding|not to exceed|does not exceed|do not exceed|no older than"
    "|not older than",
    ">=": ">=|\u2265|greater than or equal to|equal to or greater than|no less than|not less than"
    "|at least|no lower than|not lower than|not below|not under|at or above|no younger than"
    "|not younger than",
    "<": "<|less than|lower than|fewer than|below|under|younger than",
    ">": ">|more than|greater than|higher than|above|over|exceeding|exceeds|in excess of"
    "|older than",
    "~": "~|about|approximately|around",
}
_MEANINGS = {
    words: comparator for comparator, listed in _WORDS_OF.items() for words in listed.split("|")
}
_COMPARISON = "|".join(map(re.escape, sorted(_MEANINGS, key=len, reverse=True)))
_QUANTITY = (
    rf"(?:(?P<comparison>{_COMPARISON})\s*)?(?P<value>{NUMBER})(?:\s?(?P<first_unit>{UNIT}))?"
    rf"(?:\s?(?P<join>/|-|\u2013|to|and)\s?(?P<other>{NUMBER}))?(?:\s?(?P<unit>{UNIT}))?"
)
_BETWEEN = (
    r"(?:\s{0,3}(?:[:=,(]|\([^()\d]{0,20}\)|(?:on\s)?\d{1,2}[/.]\d{1,2}[/.]\d{2,4}"
    r"|(?:is|was|were|of|at|has|been|measured|levels?|values?|today|now|currently|last|latest"
    r"|most|recent|the|a|an|to|results?|came|back|as|from|in|counts?|scores?|readings?|rate"
    r"|ratio|serum|this|morning|repeat|remains|stable|up|down|between|daily|once|dose|twice)"
    r"(?![\w-]))){0,7}\s{0,3}"
)
_AFTER = re.compile(_BETWEEN + _QUANTITY, re.IGNORECASE)
_PLAIN = re.compile(_QUANTITY, re.IGNORECASE)
_AFTER_BETWEEN = re.compile(r"between\s+(?:the\s)?(?:ages?\s(?:of\s)?)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit.

    Attributes:
        comparator: `<` of `<0.5`; empty where the number stands alone.
        value: the number, the lower of a range, or the first of two.
        high: the upper of a range; None where there is none.
        second: the second of two numbers, such as the diastolic pressure.
        unit: as `canonical_unit` writes it; empty where none is stated.
        start: offset of the first character.
        end: offset after the last one.
    """

    comparator: Comparator
    value: float
    high: float | None
    second: float | None
    unit: str
    start: int
    end: int


def quantity_after(text: str, end: int, limit: int) -> Quantity | None:
    """The number that is stated of what ends at an offset; None where none follows.

    Args:
        text: a sentence.
        end: offset after what was measured.
        limit: offset where the number has to have begun, such as that of the next thing measured.
    """
    match = _AFTER.match(text, end)
    if match is None or match.start("value") >= limit:
        return None
    return _quantity(match, text)


def quantities_in(text: str) -> list[Quantity]:
    """All numbers of a text with their units."""
    return [
        quantity
        for match in _PLAIN.finditer(text)
        if (quantity := _quantity(match, text)) is not None
    ]


def canonical_unit(unit: str) -> str:
    """A unit in one of its spellings."""
    if re.search(r"ULN|upper limit", unit, re.IGNORECASE):
        return TIMES_LIMIT
    name = re.sub(r"\s+", "", unit).replace("\u03bc", "\u00b5")
    name = name.replace("\u00b2", "2").replace("^2", "2").replace("\u00b3", "3")
    return _SPELLINGS.get(name.lower(), name)


_SPELLINGS = {
    spelling: unit
    for unit, spellings in {
        "%": "% percent",
        "mmHg": "mmhg",
        "mL/min": "ml/min ml/min/1.73m2",
        "mg/dL": "mg/dl",
        "mmol/L": "mmol/l",
        "\u00b5mol/L": "umol/l \u00b5mol/l",
        "g/dL": "g/dl",
        "g/L": "g/l",
        "mEq/L": "meq/l",
        "U/L": "u/l",
        "kg/m2": "kg/m2",
        "/min": "bpm beatsperminute beats/min /min",
        "lb": "lb lbs pound pounds",
        "\u00b0C": "\u00b0c c",
        "\u00b0F": "\u00b0f f",
        "10^9/L": "k/ul k/\u00b5l x109/l 109/l 10^9/l x10^9/l 10e9/l x10e9/l 10*9/l x10*9/l",
        "/\u00b5L": "/ul /\u00b5l /mm3",
        "\u00b5g": "mcg \u00b5g",
        "years": "year years yr yrs yearold yearsold yearofage yearsofage",
        "months": "month months",
        "weeks": "week weeks",
        "days": "day days",
        "units": "unit units",
    }.items()
    for spelling in spellings.split()
}

_FACTORS = {
    ("lb", "kg"): 0.45359237,
    ("g/L", "g/dL"): 0.1,
    ("10^9/L", "/\u00b5L"): 1000.0,
    ("months", "years"): 1 / 12,
    ("cm", "m"): 0.01,
    ("mm", "cm"): 0.1,
    ("mg", "g"): 0.001,
    ("\u00b5g", "mg"): 0.001,
}

_SUBSTANCES = {
    "creatinine": ("mg/dL", "\u00b5mol/L", 88.42),
    "glucose": ("mg/dL", "mmol/L", 1 / 18.016),
    "cholesterol": ("mg/dL", "mmol/L", 1 / 38.67),
    "ldl": ("mg/dL", "mmol/L", 1 / 38.67),
    "triglyceride": ("mg/dL", "mmol/L", 1 / 88.57),
    "bilirubin": ("mg/dL", "\u00b5mol/L", 17.104),
    "hemoglobin": ("g/dL", "mmol/L", 1 / 1.6114),
    "potassium": ("mEq/L", "mmol/L", 1.0),
    "sodium": ("mEq/L", "mmol/L", 1.0),
}  # fmt: skip
"""Molar masses decide what a concentration is in other units."""


_LIMITS = {
    ("creatinine", "mg/dL"): 20.0,
    ("glucose", "mmol/L"): 35.0,
    ("cholesterol", "mmol/L"): 20.0,
    ("hemoglobin", "g/dL"): 25.0,
    ("a1c", "%"): 20.0,
    ("temperature", "\u00b0C"): 45.0,
    ("white blood cell", "10^9/L"): 500.0,
    ("platelet", "10^9/L"): 2_000.0,
}
"""Up to which number a value is one in the smaller of two units."""

_OTHER_UNITS = {
    "creatinine": "\u00b5mol/L",
    "glucose": "mg/dL",
    "cholesterol": "mg/dL",
    "hemoglobin": "g/L",
    "a1c": "mmol/mol",
    "temperature": "\u00b0F",
    "white blood cell": "/\u00b5L",
    "platelet": "/\u00b5L",
}


def usual_unit(value: float, name: str) -> str:
    """The unit that a number without one has by its size; empty where that does not tell.

    Args:
        value: the number.
        name: what was measured.
    """
    for (substance, small), limit in _LIMITS.items():
        if substance in name.lower():
            return small if value <= limit else _OTHER_UNITS[substance]
    return ""


def is_plausible(value: float, unit: str, name: str) -> bool:
    """Whether a number that stands without a unit can be one in this unit.

    Args:
        value: the number.
        unit: that it would have.
        name: what was measured.
    """
    known = {usual_unit(0.0, name), usual_unit(math.inf, name)}
    return unit not in known or usual_unit(value, name) == unit


def converted(value: float, unit: str, target: str, name: str = "") -> float | None:
    """A value in another unit; None where the two are no units of the same.

    Args:
        value: the number.
        unit: its unit; empty counts as the other one.
        target: the other unit; empty for any.
        name: what was measured, since the molar mass counts.
    """
    if unit == target:
        return value
    if TIMES_LIMIT in (unit, target):
        return None
    if not unit or not target:
        return value if unit or is_plausible(value, target, name) else None
    if {unit, target} == {"%", "mmol/mol"} and "a1c" in name.lower():  # NGSP and IFCC
        return value / 10.929 + 2.15 if target == "%" else (value - 2.15) * 10.929
    if {unit, target} == {"\u00b0C", "\u00b0F"}:
        return value * 1.8 + 32 if target == "\u00b0F" else (value - 32) / 1.8
    for substance, (mass, molar, factor) in _SUBSTANCES.items():
        if substance in name.lower() and {unit, target} == {mass, molar}:
            return value * factor if target == molar else value / factor
    if (unit, target) in _FACTORS:
        return value * _FACTORS[unit, target]
    if (target, unit) in _FACTORS:
        return value / _FACTORS[target, unit]
    return None


def _quantity(match: re.Match[str], text: str) -> Quantity | None:
    start, end = match.start("comparison"), match.end()
    start = match.start("value") if start < 0 else start
    before = text[match.start("value") - 1 : match.start("value")]
    if before.isalnum() or text[end : end + 1].isalnum():
        return None  # part of a word, such as T4 or 5th
    other = _number(match["other"]) if match["other"] else None
    unit = match["unit"] or match["first_unit"] or ""
    if match["join"] == "and" and not _AFTER_BETWEEN.search(
        text[max(0, match.start("value") - 40) : match.start("value")]
    ):
        other, unit = None, match["first_unit"] or ""
        end = match.end("first_unit") if unit else match.end("value")
    is_pair = match["join"] == "/"
    value = _number(match["value"])
    first, last = (canonical_unit(match[u]) if match[u] else "" for u in ("first_unit", "unit"))
    if other is not None and first and last and first != last:  # 6 months to 5 years
        low = converted(value, first, last)
        value, other = (value, None) if low is None else (low, other)
        unit = match["first_unit"] if low is None else unit
    words = re.sub(r"\s+", " ", (match["comparison"] or "").lower())
    return Quantity(
        comparator=_MEANINGS.get(words, ""),
        value=value,
        high=None if is_pair else other,
        second=other if is_pair else None,
        unit=canonical_unit(unit) if unit else "",
        start=start,
        end=end,
    )


def _number(digits: str) -> float:
    if re.fullmatch(r"\d{1,3},\d{1,2}", digits):
        return float(digits.replace(",", "."))
    return float(re.sub(r"[,\s]", "", digits))
