"""Whether a patient meets a criterion, by what the note states: met, not met, or not stated."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from metier_healthcare.conditions import Bounds, Conditions, TermCondition
from metier_healthcare.demographics import Demographics
from metier_healthcare.findings import Finding
from metier_healthcare.quantities import converted, usual_unit
from metier_healthcare.times import TimeExpression

Outcome = Literal["met", "not met", "not stated"]

_OF_OTHERS = ("family", "other person")
_NOT_KNOWN = ("hypothetical", "uncertain")


@dataclass(frozen=True, slots=True)
class Note:
    """What was read of a patient's note.

    Attributes:
        text: of the note.
        findings: of the terms of the dictionary.
        demographics: age and sex.
        reference: the day that "within six months" is counted from; None if it is not known.
    """

    text: str
    findings: Sequence[Finding]
    demographics: Demographics
    reference: date | None = None


@dataclass(frozen=True, slots=True)
class Judgment:
    """An answer, and what in the note decided it.

    Attributes:
        truth: whether it is so; None where the note does not say.
        reason: in words.
        start: offset of the evidence in the note; None where there is none.
        end: offset after it.
        status: of the finding that decided.
        words: that decided the status.
        time: the words that say when.
    """

    truth: bool | None
    reason: str
    start: int | None = None
    end: int | None = None
    status: str = ""
    words: tuple[str, ...] = ()
    time: str = ""

    @property
    def outcome(self) -> Outcome:
        if self.truth is None:
            return "not stated"
        return "met" if self.truth else "not met"


def judge_conditions(conditions: Conditions, note: Note) -> Judgment:
    """Whether a note states that conditions are met.

    Of terms joined by `or` one is enough. Where the note denies one of them and is silent on the
    others, they are taken for not met, and the reason names what is not stated. Of everything else
    all has to hold.
    """
    parts = []
    if conditions.age is not None:
        parts.append(_judge_age(conditions.age, note.demographics))
    if conditions.sex:
        parts.append(_judge_sex(conditions.sex, note.demographics))
    if conditions.terms:
        judgments = [_judge_term(term, conditions, note) for term in conditions.terms]
        is_any = conditions.any_term and not any(
            (term.bounds is not None and not conditions.any_value) or term.absent
            for term in conditions.terms
        )
        parts.append(_any(judgments, conditions.terms) if is_any else _all(judgments))
    return _all(parts)


def _judge_age(bounds: Bounds, patient: Demographics) -> Judgment:
    if patient.age is None or patient.age_span is None:
        return Judgment(None, "the age is not stated")
    start, end = patient.age_span
    truth = bounds.hold(patient.age, patient.age)
    return Judgment(truth, f"age {round(patient.age, 2):g}", start, end, "affirmed")


def _judge_sex(sex: str, patient: Demographics) -> Judgment:
    if not patient.sex or patient.sex_span is None:
        return Judgment(None, "the sex is not stated")
    start, end = patient.sex_span
    return Judgment(patient.sex == sex, patient.sex, start, end, "affirmed")


def _judge_term(term: TermCondition, conditions: Conditions, note: Note) -> Judgment:
    """The answer for one term: the mention that says yes, else the one that says no."""
    judgments = []
    for finding in note.findings:
        # "type 2 diabetes mellitus" is a diabetes mellitus, and without it there may be another one
        is_special = finding.term.endswith(f" {term.term}") and "negated" not in finding.statuses
        if finding.term == term.term or is_special:
            judgments.append(_judge_finding(finding, term, conditions, note))
    if not judgments:
        return Judgment(None, f"{term.term} is not mentioned")
    best = min(judgments, key=_rank)
    if not term.absent or best.truth is None:
        return best
    return _with_truth(best, not best.truth)


def _judge_finding(
    finding: Finding, term: TermCondition, conditions: Conditions, note: Note
) -> Judgment:
    """What one mention says of a term, whether present or, with bounds, measured within them."""
    truth, reason = _truth(finding, term, conditions, note)
    return Judgment(
        truth, reason, finding.start, finding.end, finding.status, finding.words, finding.time
    )


def _truth(
    finding: Finding, term: TermCondition, conditions: Conditions, note: Note
) -> tuple[bool | None, str]:
    name = _named(finding)
    if set(finding.statuses) & {*_OF_OTHERS, *_NOT_KNOWN}:
        return None, f"{name}: {finding.status}"
    if term.bounds is not None:
        return _compared(finding, term)
    if "negated" in finding.statuses:
        return False, f"{name}: negated"
    if conditions.within is not None or conditions.least is not None:
        return _in_time(finding, conditions, note.reference)
    is_past = "past" in finding.statuses
    is_over = finding.time_kind == "resolved" or (is_past and finding.kind == "drug")
    if is_past and not conditions.history and (is_over or conditions.current):
        return False, f"{name}: past"
    return True, f"{name}: {finding.status}"


def _named(finding: Finding) -> str:
    """The term, with the words of the note where these are others: `anticoagulant (Eliquis)`."""
    if finding.mention.casefold() == finding.term.casefold():
        return finding.term
    return f"{finding.term} ({finding.mention})"


def _compared(finding: Finding, term: TermCondition) -> tuple[bool | None, str]:
    bounds = term.bounds
    value = finding.second if term.second else finding.value
    if bounds is None or value is None:
        return None, f"no value of {finding.term}"
    shown = f"{finding.term} {finding.value_text}"
    numbers = [value, value if finding.high is None or term.second else finding.high]
    limit = bounds.low if math.isfinite(bounds.low) else bounds.high
    unit = bounds.unit or usual_unit(limit, finding.term)
    units = [_in_unit(number, finding, unit) for number in numbers]
    low, high = units[0], units[1]
    if low is None or high is None:
        return None, f"{shown}: {_unit_reason(finding.unit, unit)}"
    if finding.comparator in ("<", "<="):
        low = -math.inf
    elif finding.comparator in (">", ">="):
        high = math.inf
    truth = bounds.hold(low, high)
    if term.second_bounds is None:
        return truth, shown
    if finding.second is None:
        return None, f"{shown}: one number"
    other = term.second_bounds.hold(finding.second, finding.second)
    if bounds.low > -math.inf:  # one of the two is enough to be above
        return (truth or other) if True in (truth, other) else _both(truth, other), shown
    return _both(truth, other), shown


def _in_unit(value: float, finding: Finding, unit: str) -> float | None:
    """A value in the unit of a criterion, as laboratories round it: 53 mmol/mol are 7.00 %."""
    number = converted(value, finding.unit, unit, finding.term)
    return number if number is None or finding.unit in ("", unit) else float(f"{number:.3g}")


def _unit_reason(unit: str, target: str) -> str:
    if not unit:
        return f"a number in {target} is unlikely"
    return f"{unit} cannot be compared with {target}"


def _both(first: bool | None, second: bool | None) -> bool | None:
    """Whether both hold; None where that is not known."""
    return False if False in (first, second) else None if None in (first, second) else True


def _in_time(
    finding: Finding, conditions: Conditions, reference: date | None
) -> tuple[bool | None, str]:
    """Whether something was within so many months, or is so many months ago or old."""
    months = None
    if finding.time_kind:
        time = TimeExpression(finding.time_kind, finding.time, 0, 0, finding.months)  # type: ignore[arg-type]
        months = time.months_before(reference)
    if months is None:
        return None, f"{finding.term}: when is not stated"
    in_time = months <= (conditions.within or math.inf) * 1.02
    in_time &= months >= (conditions.least or 0.0) * 0.98
    return in_time, f"{finding.term}: {finding.time}"


def _rank(judgment: Judgment) -> int:
    return 2 if judgment.truth is None else int(not judgment.truth)


def _any(judgments: Sequence[Judgment], terms: Sequence[TermCondition]) -> Judgment:
    best = min(judgments, key=_rank)
    silent = [
        term.term
        for term, judgment in zip(terms, judgments, strict=True)
        if judgment.truth is None and judgment.start is None
    ]
    if best.truth is not False or not silent:
        return best
    return _with_reason(best, f"{best.reason}; not stated: {', '.join(silent)}")


def _all(judgments: Iterable[Judgment]) -> Judgment:
    """The part that says no, else the one that says nothing, else one that says yes."""
    order = {False: 0, None: 1, True: 2}
    parts = list(judgments)
    leading = min(parts, key=lambda part: order[part.truth])
    return _with_reason(leading, "; ".join(dict.fromkeys(part.reason for part in parts)))


def _with_truth(judgment: Judgment, truth: bool) -> Judgment:
    return Judgment(
        truth, judgment.reason, judgment.start, judgment.end, judgment.status, judgment.words,
        judgment.time,
    )  # fmt: skip


def _with_reason(judgment: Judgment, reason: str) -> Judgment:
    return Judgment(
        judgment.truth, reason, judgment.start, judgment.end, judgment.status, judgment.words,
        judgment.time,
    )  # fmt: skip
