"""The result of a sweep, with its tables, notes and figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from metier.evaluation.evidence import Evidence, Setting
from metier.results.figure import Figure, Point, PointGroup
from metier.results.result import Result
from metier.results.table import Table

_CASES = {"retrieval": "queries"}


class SweepResult(Result):
    """The settings that were tried on the development half, and the recommended one on the other.

    Attributes:
        evidence: all figures.
    """

    evidence: Evidence

    def headline(self) -> str:
        evidence, confirmed = self.evidence, self.evidence.confirmation
        best, default = evidence.best, evidence.default
        if evidence.recommended == 0:
            return (
                f"Keep the default: {default}. Nothing tried was better by more than "
                f"{evidence.within:g}, or as good and smaller."
            )
        margin = f"{confirmed.against_default} on {confirmed.cases} other {self._cases}"
        verdict = confirmed.against_default.verdict
        if verdict == "better":
            return f"Take {best}: {evidence.metric} {margin}."
        saved = _saved(best, default)
        if verdict == "not told apart" and saved:
            return f"Take {best} to save {saved}: {evidence.metric} {margin}, not told apart."
        return (
            f"Keep the default: {default}. {best} came out ahead in the choice, and the other "
            f"{self._cases} do not confirm it: {evidence.metric} {margin}."
        )

    def tables(self) -> list[Table]:
        evidence, confirmed = self.evidence, self.evidence.confirmation
        columns: dict[str, Callable[[int, Setting], object]] = {
            "": lambda row, setting: self._mark(row),
            "instruction": lambda row, setting: setting.instruction,
            "dim": lambda row, setting: setting.dim,
            **{stage: _weight_of(stage) for stage in self._varied()},
            "reranked": lambda row, setting: setting.rerank or None,
            evidence.metric: lambda row, setting: setting.score,
            "against the default": lambda row, setting: str(setting.against_default) if row else "",
            "bytes": lambda row, setting: setting.bytes_per_vector,
            "ms": lambda row, setting: None if setting.seconds is None else 1000 * setting.seconds,
        }
        cells = {
            name: [cell(row, setting) for row, setting in self._by_score()]
            for name, cell in columns.items()
        }
        kept = {name: column for name, column in cells.items() if set(column) != {None}}
        chosen_from = Table(
            f"Chosen from: development half, {evidence.cases} {self._cases}",
            tuple(kept),
            list(zip(*kept.values(), strict=True)),
        )
        other = Table(
            f"Confirmed on: other half, {confirmed.cases} {self._cases}",
            ("setting", evidence.metric, "against the default"),
            [(f"default: {evidence.default}", confirmed.default_score, "")]
            + (
                []
                if evidence.recommended == 0
                else [
                    (
                        f"recommended: {evidence.best}",
                        confirmed.score,
                        str(confirmed.against_default),
                    )
                ]
            ),
        )
        return [chosen_from, other]

    def notes(self) -> list[str]:
        evidence = self.evidence
        return [
            *super().notes(),
            f"Of settings that lose at most {evidence.within:g} against the best, the recommended "
            "one is the cheapest: without a reranker, then the shortest vectors; of equal ones the "
            "default, then the best score.",
            f"In brackets: 95 % of the differences in {evidence.resamples:,} draws of the same "
            f"{self._cases} for both. The first table flatters what was chosen from it; the other "
            "half had no part in the choice and is what to report.",
        ]

    def rows(self) -> list[dict[str, Any]]:
        rows = []
        for number, setting in enumerate(self.evidence.settings):
            row = setting.model_dump(exclude={"against_default", "weights", "rules"})
            row |= setting.weights or {}
            against = {f"against_default_{name}": value for name, value in setting.against_default}
            row |= {"default": number == 0, "recommended": number == self.evidence.recommended}
            rows.append({**row, **against})
        return rows

    def figures(self) -> list[Figure]:
        figures = [self._plot(lambda setting: float(setting.bytes_per_vector), "bytes per vector")]
        if all(setting.seconds is not None for setting in self.evidence.settings):
            figures.append(
                self._plot(lambda setting: 1000 * (setting.seconds or 0), "milliseconds per search")
            )
        return figures

    def _plot(self, cost: Callable[[Setting], float], axis: str) -> Figure:
        points: dict[str, list[Point]] = defaultdict(list)
        for setting in self.evidence.settings:
            name = f"{setting.instruction or self.evidence.workflow}{', reranked' * setting.rerank}"
            points[name].append(Point(cost(setting), setting.score, str(setting)))
        groups = [PointGroup(name, group) for name, group in points.items()]
        title = f"{self.evidence.metric} against {axis}, development half"
        return Figure(title, groups, axes=(axis, self.evidence.metric))

    def _varied(self) -> list[str]:
        """Stages whose weight differs from setting to setting."""
        weights = [setting.weights or {} for setting in self.evidence.settings]
        return [
            stage for stage in weights[0] if len({setting.get(stage) for setting in weights}) > 1
        ]

    def _by_score(self) -> list[tuple[int, Setting]]:
        return sorted(enumerate(self.evidence.settings), key=lambda pair: (-pair[1].score, pair[0]))

    def _mark(self, row: int) -> str:
        marks = ["recommended"] * (row == self.evidence.recommended) + ["default"] * (row == 0)
        return ", ".join(marks)

    @property
    def _cases(self) -> str:
        return _CASES.get(self.evidence.kind, "texts")


def _weight_of(stage: str) -> Callable[[int, Setting], object]:
    return lambda row, setting: (setting.weights or {}).get(stage)


def _saved(best: Setting, default: Setting) -> str:
    """What one setting needs less of than the other; empty for nothing."""
    saved = []
    if best.bytes_per_vector < default.bytes_per_vector:
        saved.append(f"space ({best.bytes_per_vector} bytes, not {default.bytes_per_vector})")
    if default.rerank and not best.rerank:
        saved.append("the reranker")
    return " and ".join(saved)
