"""Criteria of trials, read from a trial's text, from lines or from rows of a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from metier.plugin import InputError, Item

CriterionKind = Literal["inclusion", "exclusion"]

_HEADING = re.compile(
    r"^[\s#*_>-]*(?:key\s|main\s|major\s|general\s)?(?P<kind>inclusion|exclusion)(?:\s+criteria|\s+criterion)?"
    r"[\s*_]*(?P<end>:|$)[\s*_]*(?P<rest>.*)$",
    re.IGNORECASE,
)
_MARK = re.compile(r"^\s*(?:[-*\u2022\u25cf>]+|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+", re.IGNORECASE)
_TITLE = re.compile(r"\s*#\s+(?P<title>\S.{0,198}?)\s*(?:\n|$)")
_KIND_FIELDS = ("type", "kind", "criterion_type", "category", "section")
_TRIAL_FIELDS = ("trial", "trial_id", "study", "nct_id", "protocol")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of a trial.

    Attributes:
        trial: its name.
        number: from 1, within the criteria of the trial of the same kind.
        kind: whether patients who fit are included or excluded.
        text: the criterion.
    """

    trial: str
    number: int
    kind: CriterionKind
    text: str

    @property
    def id(self) -> str:
        """`inclusion 2`, within the trial."""
        return f"{self.kind} {self.number}"


def read_criteria(documents: Iterable[Item]) -> list[Criterion]:
    """The criteria of trials, in order.

    A text with the headings Inclusion and Exclusion has a criterion on each line below them; a line
    that goes on with the one before begins with a small letter and no mark of a list. A text
    without headings has one on each line, and a row one or several. Rows may have fields such as
    `type` (inclusion or exclusion) and `trial`.

    Raises:
        InputError: there are none.
    """
    criteria: list[Criterion] = []
    numbers: dict[tuple[str, CriterionKind], int] = {}
    for document in documents:
        trial, declared = _declared(document)
        for kind, text in _lines(document.text, declared):
            number = numbers[trial, kind] = numbers.get((trial, kind), 0) + 1
            criteria.append(Criterion(trial, number, kind, text))
    if not criteria:
        raise InputError(
            "There are no criteria in the trials.",
            fix="Write each criterion on a line of its own, below the headings Inclusion Criteria "
            "and Exclusion Criteria.",
        )
    return criteria


def _declared(document: Item) -> tuple[str, CriterionKind | None]:
    """What the fields of a row say: its trial, and the kind of its criteria."""
    by_lower = {name.lower(): value for name, value in document.fields.items()}
    trial = next((str(by_lower[name]) for name in _TRIAL_FIELDS if by_lower.get(name)), None)
    words = next((str(by_lower[name]) for name in _KIND_FIELDS if by_lower.get(name)), "")
    kind: CriterionKind | None = None
    if words.lower().startswith(("excl", "incl")):
        kind = "exclusion" if words.lower().startswith("excl") else "inclusion"
    if trial is None:
        heading = _TITLE.match(document.text)
        title = document.title or (heading["title"] if heading else None)
        trial = title or (re.sub(r":\d+$", "", document.id) if kind is None else "trial")
    return trial, kind


def _lines(text: str, declared: CriterionKind | None) -> Iterator[tuple[CriterionKind, str]]:
    """Criteria with their kinds; lines before the first heading are none where there is one."""
    lines = text.splitlines()
    has_headings = any(_is_heading(line) for line in lines)
    kind: CriterionKind | None = declared or (None if has_headings else "inclusion")
    open_kind, open_text = kind, ""
    for line in [*lines, ""]:
        heading = _HEADING.match(line) if _is_heading(line) else None
        content = heading["rest"] if heading else line
        marked = _MARK.match(content)
        words = _MARK.sub("", content).strip()
        goes_on = bool(open_text and words and not heading and not marked and words[0].islower())
        if goes_on:
            open_text = f"{open_text} {words}"
            continue
        if open_text and open_kind:
            yield open_kind, open_text
        if heading:
            kind = "exclusion" if heading["kind"].lower() == "exclusion" else "inclusion"
        open_kind, open_text = kind, words if kind and any(map(str.isalnum, words)) else ""


def _is_heading(line: str) -> bool:
    return _HEADING.match(line) is not None
