"""A check of a plugin, its outcome and the verdict on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from metier.errors import MetierError

if TYPE_CHECKING:
    from metier.testing.conformance.subject import Subject


Status = Literal["passed", "failed", "excused", "not run"]


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """The outcome of a check, before excuses.

    Attributes:
        status: `not run` where there was nothing to check, which is no pass.
        lines: the problems, one sentence each; else what was checked, or why nothing was.
    """

    status: Literal["passed", "failed", "not run"]
    lines: tuple[str, ...]


def judged(problems: Iterable[str], scope: str) -> CheckOutcome:
    """Failed with its problems, or passed with what was checked."""
    lines = tuple(problems)
    return CheckOutcome("failed", lines) if lines else CheckOutcome("passed", (scope,))


def not_run(reason: str) -> CheckOutcome:
    """Nothing was checked, for this reason."""
    return CheckOutcome("not run", (reason,))


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement of a plugin.

    Attributes:
        name: kebab-case; excuses use it.
        explanation: what is required, and why.
        fix: what to do if it fails.
        look: checks a plugin.
        needs_code: whether the plugin's package has to be importable.
        needs_model: whether a model is needed.
    """

    name: str
    explanation: str
    fix: str
    look: Callable[[Subject], CheckOutcome]
    needs_code: bool = True
    needs_model: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a check, excuses considered.

    Attributes:
        check: that was made.
        status: `excused` if it fails and the plugin gives a reason.
        lines: of the outcome.
        fix: what to do; None if there is nothing to do.
        excuse: the plugin's reason; empty unless it is excused.
    """

    check: Check
    status: Status
    lines: tuple[str, ...]
    fix: str | None = None
    excuse: str = ""

    def __str__(self) -> str:
        report = [f"{self.check.name}: {self.status}", self.check.explanation]
        report += [f"- {line}" for line in self.lines]
        report += [f"Excused: {self.excuse}"] if self.excuse else []
        return "\n".join([*report, *([f"Fix: {self.fix}"] if self.fix else [])])


def in_a_line(error: MetierError) -> str:
    """What an error of metier says, without its fix."""
    return " ".join(" ".join(part for part in (error.what, error.why) if part).split())
