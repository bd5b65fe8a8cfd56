"""Rows of the result table."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.rounds import Rounds, Spread
from benchmarks.targets import Target


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        case: name of the case.
        measured: name of the value, with its unit.
        value: the median; None if it could not be measured, with the reason in `detail`.
        low: the least over the rounds.
        high: the greatest over the rounds.
        target: target of the value; None for information only.
        detail: figures that the value was computed from.
    """

    case: str
    measured: str
    value: float | None
    low: float | None = None
    high: float | None = None
    target: Target | None = None
    detail: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is no target or no value."""
        if self.target is None or self.value is None:
            return None
        return self.target.met(self.value)


def spread(
    case: str, measured: str, figures: Spread, *, target: Target | None = None, detail: str = ""
) -> Row:
    """A row of a figure taken in every round."""
    return Row(case, measured, figures.median, figures.low, figures.high, target, detail)


def ratio(
    case: str, measured: str, timings: Rounds, ours: str, peer: str, target: Target | None = None
) -> Row:
    """A row that says how many times as fast ours is; `measured` names the comparison."""
    detail = f"{ours} {timings.time(ours).median:.2f} s, {peer} {timings.time(peer).median:.2f} s"
    ratios = timings.ratio(ours, peer)
    return spread(case, f"times as fast: {measured}", ratios, target=target, detail=detail)


def not_measured(case: str, measured: str, why: str) -> Row:
    """A row for a case that this machine or version cannot run."""
    return Row(case, measured, None, detail=f"not measured: {why}")
