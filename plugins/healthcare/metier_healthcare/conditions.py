"""What a criterion asks for: terms, numbers with units, age, sex, and how long ago."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from metier_healthcare.findings import Finding, NoteReader
from metier_healthcare.quantities import NUMBER, UNIT, Quantity, quantities_in
from metier_healthcare.times import times_in

_WITHIN = re.compile(
    r"\b(?:(?:within|in|during)\s(?:the\s)?(?:last|past|previous|prior|preceding)?\s?"
    r"|over\s(?:the\s)?(?:last|past|previous|prior|preceding)\s)"
    r"(?P<span>[\w.]+\s(?:days?|weeks?|months?|years?))|(?P<before>[\w.]+\s(?:days?|weeks?|months?|years?))\s"
    r"(?:before|prior to|preceding)",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(
    r"\b(?:for|over)\s(?:at least|more than|longer than|a minimum of|over|>=?|\u2265)\s?"
    r"(?P<for>SPAN)"
    r"|(?:at least|more than|greater than|longer than|over|>=?|\u2265)\s?(?P<ago>SPAN)"
    r"\s(?:ago|before|prior|earlier|previously|preceding)".replace(
        "SPAN", r"[\w.]+\s(?:days?|weeks?|months?|years?)"
    ),
    re.IGNORECASE,
)
_ONE_OR_OTHER = re.compile(
    r"\bor\b(?!\s(?:above|below|older|younger|higher|lower|more|less|greater|equal|over|under|fewer|up))",
    re.IGNORECASE,
)
_SAME_VALUE = re.compile(
    rf"(?P<value>{NUMBER}\s?{UNIT})(?P<same>\s?\([^()]{{0,12}}\d[^()]{{0,24}}\))", re.IGNORECASE
)
_AGE = re.compile(
    r"\b(?:ages?|aged|years? old|years? of age|adults?|older|younger"
    r"|(?:patients|subjects|participants|people|individuals|men|women)\s(?:are\s)?"
    r"(?:over|under|above|below|at least|[<>]=?|\u2265|\u2264)\s?\d{1,3}\s?years?)\b",
    re.IGNORECASE,
)
_BEFORE_AGE = re.compile(
    r"\b(?:ages?|aged|adults?|older|younger)\W*(?:(?:of|is|are|between|from|range|years|group|and|or|who|the|must"
    r"|be|must)\W+){0,4}$",
    re.IGNORECASE,
)
_AFTER_AGE = re.compile(
    r"[\s-]*(?:y/?o\b|old\b|of age\b|(?:and|or|years? (?:and|or))\s(?:older|younger)\b)",
    re.IGNORECASE,
)
_COMPARES_AGE = re.compile(r"(?:no |not )?(?:older|younger) than\b", re.IGNORECASE)
_PARTS_OF_YEAR = {"": 1.0, "years": 1.0, "months": 12.0, "weeks": 52.1775, "days": 365.2425}
_GAP = re.compile(
    r"[\s,]*(?:years?(?: of age| old)?)?[\s,]*"
    r"(?:(?P<join>and|but|or|to|&|-|\u2013)[\s,]*(?:is\s)?)?",
    re.IGNORECASE,
)
_ADULT = re.compile(r"\badults?\b", re.IGNORECASE)
_OR_MORE = re.compile(
    r"\s*(?:years?)?\s*(?:or|and)\s(?:older|more|above|over|higher|greater|up)(?!\s*\d)",
    re.IGNORECASE,
)
_OR_LESS = re.compile(
    r"\s*(?:years?)?\s*(?:or|and)\s(?:younger|less|below|under|lower|fewer)(?!\s*\d)", re.IGNORECASE
)
_OLDER = re.compile(r"\b(?:older|greater|more|higher) than\s*$", re.IGNORECASE)
_YOUNGER = re.compile(r"\b(?:younger|less|lower|fewer) than\s*$", re.IGNORECASE)
_FEMALE = re.compile(
    r"^(?:adult |non-pregnant )?(?:wom[ae]n|females?)\b(?! of child)", re.IGNORECASE
)
_MALE = re.compile(r"^(?:adult )?(?:m[ae]n|males?)\b(?! (?:and|or) (?:wom|fem))", re.IGNORECASE)
_BOTH = re.compile(r"\b(?:and|or|/)\s?(?:m[ae]n|males?|wom[ae]n|females?)\b", re.IGNORECASE)
_HISTORY = re.compile(
    r"\b(?:history of|prior|previous|previously|ever|past|former)\b", re.IGNORECASE
)
_CURRENT = re.compile(r"\b(?:active|current|currently|ongoing|uncontrolled|acute)\b", re.IGNORECASE)
_OR = re.compile(r"\bor\b|/", re.IGNORECASE)
_AND = re.compile(r"\band\b|&", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Numbers that fit: from `low` to `high`, with or without these.

    Attributes:
        open_low: whether `low` itself does not fit.
        open_high: whether `high` itself does not fit.
        unit: of both; empty for any.
        outside: whether what is not between the two fits, rather than what is.
    """

    low: float
    high: float
    open_low: bool = False
    open_high: bool = False
    unit: str = ""
    outside: bool = False

    def hold(self, low: float, high: float) -> bool | None:
        """Whether what lies between two numbers fits; None where only a part of it does."""
        if self.outside:
            between = replace(self, outside=False).hold(low, high)
            return None if between is None else not between
        below = high < self.low or (high == self.low and self.open_low)
        above = low > self.high or (low == self.high and self.open_high)
        if below or above:
            return False
        inside = low > self.low or (low == self.low and not self.open_low)
        inside &= high < self.high or (high == self.high and not self.open_high)
        return True if inside else None


@dataclass(frozen=True, slots=True)
class TermCondition:
    """A term that a criterion asks for, or whose absence it asks for.

    Attributes:
        term: its name in the dictionary.
        kind: of the term.
        absent: whether the criterion says that it is not there.
        bounds: of its value; None where the term itself counts.
        second: whether the second of two numbers is meant, such as the diastolic pressure.
        second_bounds: of the second of two numbers where the criterion has two.
    """

    term: str
    kind: str
    absent: bool = False
    bounds: Bounds | None = None
    second: bool = False
    second_bounds: Bounds | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a criterion asks for; all empty where none of it is known.

    Attributes:
        terms: named in it.
        any_term: whether one of the terms is enough.
        any_value: whether that is so of measurements, too.
        age: in years; None where it says nothing of age.
        sex: `female` or `male`; empty where it says nothing of it.
        within: months before the visit in which it has to have been; None for no limit.
        least: months that it has to be ago, or to have lasted; None for no limit.
        history: whether what is past counts.
        current: whether only what is there now counts.
    """

    terms: tuple[TermCondition, ...] = ()
    any_term: bool = True
    any_value: bool = False
    age: Bounds | None = None
    sex: str = ""
    within: float | None = None
    least: float | None = None
    history: bool = False
    current: bool = False

    def __bool__(self) -> bool:
        return bool(self.terms or self.age or self.sex)


def read_conditions(criterion: str, reader: NoteReader) -> Conditions:
    """What a criterion asks for.

    Args:
        criterion: its text.
        reader: whose dictionary has the terms.
    """
    findings = reader.read(criterion)
    # 7 % (53 mmol/mol) is one number
    criterion = _SAME_VALUE.sub(lambda same: same["value"] + " " * len(same["same"]), criterion)
    at_least = _AT_LEAST.search(criterion)
    within = None if at_least else _WITHIN.search(criterion)
    months = _months(within["span"] or within["before"]) if within else None
    least = _months(at_least["for"] or at_least["ago"]) if at_least else None
    span = at_least or within
    limits = [*(finding.start for finding in findings[1:]), len(criterion)][: len(findings)]
    terms = tuple(
        _term(criterion, finding, limit) for finding, limit in zip(findings, limits, strict=True)
    )
    between = [criterion[first.end : second.start] for first, second in pairwise(findings)]
    has_and = any(_AND.search(words) for words in between)
    has_or = any(_OR.search(words) for words in between)
    return Conditions(
        terms=tuple(dict.fromkeys(terms)),
        any_term=has_or or not has_and,
        any_value=not has_and and any(_ONE_OR_OTHER.search(words) for words in between),
        age=_age(criterion, () if span is None else span.span()),
        sex=_sex(criterion),
        within=months,
        least=least,
        history=_HISTORY.search(criterion) is not None,
        current=_CURRENT.search(criterion) is not None,
    )


def _months(span: str) -> float | None:
    times = times_in(f"{span} ago")
    return times[0].months if times else None


def bounds_of(quantity: Quantity, text: str) -> Bounds:
    """The numbers that fit a quantity of a criterion.

    Args:
        quantity: in the criterion.
        text: the criterion, since words after the number count: "18 years or older".
    """
    comparator, value, unit = quantity.comparator, quantity.value, quantity.unit
    before, after = text[max(0, quantity.start - 20) : quantity.start], text[quantity.end :]
    if quantity.high is not None:
        return Bounds(value, quantity.high, unit=unit)
    if comparator == ">=" or _OR_MORE.match(after):
        return Bounds(value, math.inf, unit=unit)
    if comparator == "<=" or _OR_LESS.match(after):
        return Bounds(-math.inf, value, unit=unit)
    if comparator == ">" or _OLDER.search(before):
        return Bounds(value, math.inf, open_low=True, unit=unit)
    if comparator == "<" or _YOUNGER.search(before):
        return Bounds(-math.inf, value, open_high=True, unit=unit)
    return Bounds(value, value, unit=unit)


def _term(criterion: str, finding: Finding, limit: int) -> TermCondition:
    absent = "negated" in finding.statuses
    bounds = second_bounds = None
    if finding.kind == "measurement":
        content = criterion[finding.end : limit]
        quantities = [
            replace(q, start=q.start + finding.end, end=q.end + finding.end)
            for q in quantities_in(content)
        ]
        if quantities:
            bounds = _all_bounds(quantities, criterion)
            second_bounds = _second_bounds(quantities[0], bounds)
    second = "diastolic" in criterion[max(0, finding.start - 12) : finding.end].lower()
    return TermCondition(finding.term, finding.kind, absent, bounds, second, second_bounds)


def _all_bounds(quantities: Sequence[Quantity], text: str) -> Bounds:
    """The bounds of the first quantity with those of a second one: `>= 7 % and <= 10 %`."""
    first = bounds_of(quantities[0], text)
    for quantity, following in pairwise(quantities):  # 0, 1 or 2
        gap = _GAP.fullmatch(text[quantity.end : following.start])
        exact = bounds_of(following, text)
        if gap is None or exact.low != exact.high or exact.low != first.high + 1:
            break
        first = replace(first, high=exact.high)
    if len(quantities) < 2 or not quantities[1].comparator.strip("~"):
        return first
    gap = _GAP.fullmatch(text[quantities[0].end : quantities[1].start])
    second = bounds_of(quantities[1], text)
    if gap is None or (first.unit and second.unit and first.unit != second.unit):
        return first
    unit = first.unit or second.unit
    if gap["join"] in ("to", "-", "\u2013") and first.low == first.high:  # 30 to < 60
        first = replace(first, high=math.inf)
    below, above = sorted((first, second), key=lambda bounds: bounds.low)
    if (gap["join"] or "").lower() != "or":
        if below.low != -math.inf or above.high != math.inf:
            return replace(first, unit=unit)
        return Bounds(above.low, below.high, above.open_low, below.open_high, unit)
    return Bounds(below.high, above.low, not below.open_high, not above.open_low, unit, True)


def _second_bounds(quantity: Quantity, bounds: Bounds) -> Bounds | None:
    """Those of the second of two numbers: `< 160/100 mmHg`."""
    if quantity.second is None or (bounds.low == bounds.high):
        return None
    low = bounds.low if bounds.low == -math.inf else quantity.second
    high = bounds.high if bounds.high == math.inf else quantity.second
    return replace(bounds, low=low, high=high)


def _age(criterion: str, within: tuple[int, ...]) -> Bounds | None:
    if _AGE.search(criterion) is None:
        return None
    low, high = within or (0, 0)
    quantities = quantities_in(criterion)
    for quantity in quantities:
        if low <= quantity.start < high:
            continue
        before, after = criterion[max(0, quantity.start - 40) : quantity.start], quantity.end
        is_age = _BEFORE_AGE.search(before) or _AFTER_AGE.match(criterion, after)
        is_age = is_age or _COMPARES_AGE.match(criterion, quantity.start)
        if quantity.unit == "years" or (is_age and quantity.unit in _PARTS_OF_YEAR):
            following = [q for q in quantities if q.start >= quantity.start]
            bounds = _all_bounds(following, criterion)
            parts = _PARTS_OF_YEAR[bounds.unit]
            return replace(bounds, low=bounds.low / parts, high=bounds.high / parts, unit="years")
    return Bounds(18, math.inf) if _ADULT.search(criterion) else None


def _sex(criterion: str) -> str:
    if _BOTH.search(criterion):
        return ""
    if _FEMALE.match(criterion):
        return "female"
    return "male" if _MALE.match(criterion) else ""
