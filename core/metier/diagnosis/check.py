"""Checks as data: what was looked at, what was seen, and what to do where it is wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from metier.models.catalogue import Recognised

Status = Literal["pass", "warn", "fail", "skip"]
Group = Literal["machine", "model", "tokenizer", "template", "numbers", "golden"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: a few words; no other check of a diagnosis has the same.
        group: what it is about.
        status: `pass`; `fail`: results are wrong or none can be had; `warn`: something to know;
            `skip`: it could not be looked at.
        detail: what was seen, with numbers.
        fix: what to do; None where there is nothing to do.
    """

    name: str
    group: Group
    status: Status
    detail: str
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All checks, in the order they were made."""

    checks: tuple[Check, ...]

    @property
    def summary(self) -> dict[Status, int]:
        """How many checks have each status."""
        counts = Counter(check.status for check in self.checks)
        return {status: counts[status] for status in get_args(Status)}

    @property
    def failed(self) -> bool:
        """Whether any check failed."""
        return self.summary["fail"] > 0

    def of(self, group: Group) -> tuple[Check, ...]:
        """The checks of one group."""
        return tuple(check for check in self.checks if check.group == group)


def severity(recognised: Recognised) -> Status:
    """What it means to differ from a released model.

    Known by its id it is wrong; one that has its shape alone may be trained further.
    """
    return "fail" if recognised.by == "id" else "warn"


def judged(
    name: str, group: Group, right: bool, detail: str, *, fix: str, otherwise: Status = "fail"
) -> Check:
    """A check that passes if it is right, and else is `otherwise` and says what to do."""
    if right:
        return Check(name, group, "pass", detail)
    return Check(name, group, otherwise, detail, fix)
