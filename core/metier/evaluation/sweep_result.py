"""Swept: what came out of a sweep, as it shows itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from metier.evaluation.evidence import Evidence, Setting
from metier.workflows.figure import Figure, Point, PointGroup
from metier.workflows.result import Result
from metier.workflows.table import Table

_CASES = {"retrieval": "queries"}


class SweepResult(Result):
    """The settings that were tried on the development half, and the recommended one on the other.

    Attributes:
        evidence: all figures.
    """

    evidence: Evidence

    def headline(self) -> str:
        found, confirmed = self.evidence, self.evidence.confirmation
        best, default = found.best, found.default
        if found.recommended == 0:
            return (
                f"Keep the default: {default}. Nothing tried was better by more than "
                f"{found.within:g}, or as good and smaller."
            )
        margin = f"{confirmed.against_default} on {confirmed.cases} other {self._cases}"
        verdict = confirmed.against_default.verdict
        if verdict == "better":
            return f"Take {best}: {found.metric} {margin}."
        saved = _saved(best, default)
        if verdict == "not told apart" and saved:
            return f"Take {best} to save {saved}: {found.metric} {margin}, not told apart."
        return (
            f"Keep the default: {default}. {best} came out ahead in the choice, and the other "
            f"{self._cases} do not confirm it: {found.metric} {margin}."
        )

    def tables(self) -> list[Table]:
        found, confirmed = self.evidence, self.evidence.confirmation
        columns: dict[str, Callable[[int, Setting], object]] = {
            "": lambda place, one: self._mark(place),
            "instruction": lambda place, one: one.instruction,
            "dim": lambda place, one: one.dim,
            **{stage: _weight_of(stage) for stage in self._varied()},
            "reranked": lambda place, one: one.rerank or None,
            found.metric: lambda place, one: one.score,
            "against the default": lambda place, one: str(one.against_default) if place else "",
            "bytes": lambda place, one: one.bytes_per_vector,
            "ms": lambda place, one: None if one.seconds is None else 1000 * one.seconds,
        }
        said = {
            name: [cell(place, one) for place, one in self._by_score()]
            for name, cell in columns.items()
        }
        kept = {name: cells for name, cells in said.items() if set(cells) != {None}}
        chosen_from = Table(
            f"Chosen from: development half, {found.cases} {self._cases}",
            tuple(kept),
            list(zip(*kept.values(), strict=True)),
        )
        other = Table(
            f"Confirmed on: other half, {confirmed.cases} {self._cases}",
            ("setting", found.metric, "against the default"),
            [(f"default: {found.default}", confirmed.default_score, "")]
            + (
                []
                if found.recommended == 0
                else [
                    (f"recommended: {found.best}", confirmed.score, str(confirmed.against_default))
                ]
            ),
        )
        return [chosen_from, other]

    def notes(self) -> list[str]:
        found = self.evidence
        return [
            *super().notes(),
            f"Of settings that lose at most {found.within:g} against the best, the recommended one "
            "is the cheapest: without a reranker, then the shortest vectors; of equal ones the "
            "default, then the best score.",
            f"In brackets: 95 % of the differences in {found.resamples:,} draws of the same "
            f"{self._cases} for both. The first table flatters what was chosen from it; the other "
            "half had no part in the choice and is what to report.",
        ]

    def rows(self) -> list[dict[str, Any]]:
        rows = []
        for place, one in enumerate(self.evidence.settings):
            row = one.model_dump(exclude={"against_default", "weights", "rules"})
            row |= one.weights or {}
            against = {f"against_default_{name}": value for name, value in one.against_default}
            row |= {"default": place == 0, "recommended": place == self.evidence.recommended}
            rows.append({**row, **against})
        return rows

    def figures(self) -> list[Figure]:
        figures = [self._plot(lambda one: float(one.bytes_per_vector), "bytes per vector")]
        if all(one.seconds is not None for one in self.evidence.settings):
            figures.append(
                self._plot(lambda one: 1000 * (one.seconds or 0), "milliseconds per search")
            )
        return figures

    def _plot(self, cost: Callable[[Setting], float], axis: str) -> Figure:
        points: dict[str, list[Point]] = defaultdict(list)
        for one in self.evidence.settings:
            name = f"{one.instruction or self.evidence.workflow}{', reranked' * one.rerank}"
            points[name].append(Point(cost(one), one.score, str(one)))
        groups = [PointGroup(name, group) for name, group in points.items()]
        title = f"{self.evidence.metric} against {axis}, development half"
        return Figure(title, groups, axes=(axis, self.evidence.metric))

    def _varied(self) -> list[str]:
        """Stages whose weight differs from setting to setting."""
        every = [one.weights or {} for one in self.evidence.settings]
        return [stage for stage in every[0] if len({one.get(stage) for one in every}) > 1]

    def _by_score(self) -> list[tuple[int, Setting]]:
        return sorted(enumerate(self.evidence.settings), key=lambda pair: (-pair[1].score, pair[0]))

    def _mark(self, place: int) -> str:
        marks = ["recommended"] * (place == self.evidence.recommended) + ["default"] * (place == 0)
        return ", ".join(marks)

    @property
    def _cases(self) -> str:
        return _CASES.get(self.evidence.kind, "texts")


def _weight_of(stage: str) -> Callable[[int, Setting], object]:
    return lambda place, one: (one.weights or {}).get(stage)


def _saved(best: Setting, default: Setting) -> str:
    """What one setting needs less of than the other; empty for nothing."""
    saved = []
    if best.bytes_per_vector < default.bytes_per_vector:
        saved.append(f"space ({best.bytes_per_vector} bytes, not {default.bytes_per_vector})")
    if default.rerank and not best.rerank:
        saved.append("the reranker")
    return " and ".join(saved)
