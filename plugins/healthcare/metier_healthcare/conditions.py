"""What a criterion asks for: terms, numbers with units, age, sex, and how long ago."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import pairwise

from metier_healthcare.findings import Finding, NoteReader
from metier_healthcare.quantities import Quantity, quantities_in
from metier_healthcare.times import times_in

_WITHIN = re.compile(
    r"\b(?:within|in|during|over)\s(?:the\s)?(?:last|past|previous|prior|preceding)?\s?"
    r"(?P<span>[\w.]+\s(?:days?|weeks?|months?|years?))|(?P<before>[\w.]+\s(?:days?|weeks?|months?|years?))\s"
    r"(?:before|prior to|preceding)",
    re.IGNORECASE,
)
_AGE = re.compile(r"\b(?:age[ds]?|years? old|years? of age|adults?|older|younger)\b", re.IGNORECASE)
_ADULT = re.compile(r"\badults?\b", re.IGNORECASE)
_OR_MORE = re.compile(
    r"\s*(?:years?)?\s*(?:or|and)\s(?:older|more|above|over|higher|greater|up)", re.IGNORECASE
)
_OR_LESS = re.compile(
    r"\s*(?:years?)?\s*(?:or|and)\s(?:younger|less|below|under|lower|fewer)", re.IGNORECASE
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
    """

    low: float
    high: float
    open_low: bool = False
    open_high: bool = False
    unit: str = ""

    def hold(self, low: float, high: float) -> bool | None:
        """Whether what lies between two numbers fits; None where only a part of it does."""
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
    """

    term: str
    kind: str
    absent: bool = False
    bounds: Bounds | None = None
    second: bool = False


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a criterion asks for; all empty where none of it is known.

    Attributes:
        terms: named in it.
        any_term: whether one of the terms is enough.
        age: in years; None where it says nothing of age.
        sex: `female` or `male`; empty where it says nothing of it.
        within: months before the visit in which it has to have been; None for no limit.
        history: whether what is past counts.
        current: whether only what is there now counts.
    """

    terms: tuple[TermCondition, ...] = ()
    any_term: bool = True
    age: Bounds | None = None
    sex: str = ""
    within: float | None = None
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
    within = _WITHIN.search(criterion)
    months = None
    if within is not None:
        spans = times_in(f"{within['span'] or within['before']} ago")
        months = spans[0].months if spans else None
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
        age=_age(criterion, () if within is None else within.span()),
        sex=_sex(criterion),
        within=months,
        history=_HISTORY.search(criterion) is not None,
        current=_CURRENT.search(criterion) is not None,
    )


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
    bounds = None
    if finding.kind == "measurement":
        quantity = next(
            (
                quantity
                for quantity in quantities_in(criterion[:limit])
                if finding.end <= quantity.start
            ),
            None,
        )
        if quantity is not None:
            bounds = bounds_of(quantity, criterion)
    second = "diastolic" in criterion[max(0, finding.start - 12) : finding.end].lower()
    return TermCondition(finding.term, finding.kind, absent, bounds, second)


def _age(criterion: str, within: tuple[int, ...]) -> Bounds | None:
    if _AGE.search(criterion) is None:
        return None
    low, high = within or (0, 0)
    for quantity in quantities_in(criterion):
        near = criterion[max(0, quantity.start - 25) : quantity.end + 16]
        if low <= quantity.start < high or quantity.unit not in ("", "years"):
            continue
        if quantity.unit == "years" or _AGE.search(near):
            return bounds_of(quantity, criterion)
    return Bounds(18, math.inf) if _ADULT.search(criterion) else None


def _sex(criterion: str) -> str:
    if _BOTH.search(criterion):
        return ""
    if _FEMALE.match(criterion):
        return "female"
    return "male" if _MALE.match(criterion) else ""
