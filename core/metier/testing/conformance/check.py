"""What a plugin's code raised, in one line with the place."""

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
    """What a check saw.

    Attributes:
        status: `not run` where there was nothing to look at, which is no pass.
        lines: what is wrong, one sentence each; else what was looked at, or why nothing was.
    """

    status: Literal["passed", "failed", "not run"]
    lines: tuple[str, ...]


def judged(problems: Iterable[str], looked_at: str) -> CheckOutcome:
    """Failed with what is wrong, or passed with what was looked at."""
    found = tuple(problems)
    return CheckOutcome("failed", found) if found else CheckOutcome("passed", (looked_at,))


def not_run(reason: str) -> CheckOutcome:
    """Nothing was looked at."""
    return CheckOutcome("not run", (reason,))


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is asked of a plugin.

    Attributes:
        name: kebab-case; what an excuse names.
        explanation: what is asked, and what for.
        fix: what to do where it fails.
        look: looks at a plugin.
        needs_code: whether it can be looked at only where the plugin's package can be imported.
        needs_model: whether it can be looked at only with a model.
    """

    name: str
    explanation: str
    fix: str
    look: Callable[[Subject], CheckOutcome]
    needs_code: bool = True
    needs_model: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out of a check.

    Attributes:
        check: that was made.
        status: `excused` where it fails and the plugin says why it has to.
        found: what was seen.
        fix: what to do; None where there is nothing to do.
        excuse: the plugin's reason; empty unless it is excused.
    """

    check: Check
    status: Status
    found: tuple[str, ...]
    fix: str | None = None
    excuse: str = ""

    def __str__(self) -> str:
        lines = [f"{self.check.name}: {self.status}", self.check.explanation]
        lines += [f"- {line}" for line in self.found]
        lines += [f"Excused: {self.excuse}"] if self.excuse else []
        return "\n".join([*lines, *([f"Fix: {self.fix}"] if self.fix else [])])


def counted(count: int, noun: str) -> str:
    """`1 workflow`, `2 workflows`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def in_a_line(error: MetierError) -> str:
    """What an error of metier says, without its fix."""
    return " ".join(" ".join(part for part in (error.what, error.why) if part).split())
