"""Comparing a new batch of texts with an earlier one: vectors, scores and rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from metier.engine.long_texts import LongTextMode
from metier.errors import InputError
from metier.heads.resampling import Estimate
from metier.progress import working
from metier.registry.instruction import Instruction
from metier.results.own_columns import OwnFields, hidden_cells, hidden_columns, rows_beside
from metier.results.result import Result
from metier.results.table import Column, Excerpt, Table
from metier.texts.texts import Texts

if TYPE_CHECKING:
    from metier.runtime.runtime import Runtime

LEAST = 20
"""Texts that a batch needs, to say anything."""

_CHANCE = 0.05
_EVEN = 0.5


class ScoreDrift(BaseModel):
    """How a score is distributed before and now.

    Attributes:
        name: of the score.
        mean_before: of the earlier batch.
        mean_now: of the new one.
        stability: population stability index; by convention above 0.1 is a change, above 0.25 a
            large one.
        largest_gap: between the two cumulative distributions (Kolmogorov and Smirnov).
        p_value: how often a gap as large comes about by chance, times the number of scores.
        seen: whether this is below 0.05.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    mean_before: float
    mean_now: float
    stability: Estimate
    largest_gap: float
    p_value: float
    seen: bool


class RateDrift(BaseModel):
    """How often something is flagged before and now.

    Attributes:
        name: of what is flagged.
        before: share of the earlier batch.
        now: share of the new one.
        difference: of the two; the intervals of all rates together hold in 95 of 100 comparisons.
        seen: whether 0 lies outside of the interval.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    before: float
    now: float
    difference: Estimate
    seen: bool


class BatchText(BaseModel):
    """A text of the new batch.

    Attributes:
        fields: the other fields of its row in the input.
        novelty: held-out probability that it is of the new batch, 0.5 where nothing tells.
        scores: by name.
        flags: names of what it is flagged for.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    text: str
    fields: OwnFields = Field(default_factory=dict)
    novelty: float
    scores: dict[str, float] = Field(default_factory=dict)
    flags: tuple[str, ...] = ()


class DriftReport(Result):
    """A new batch of texts compared with an earlier one.

    Attributes:
        noun: what the texts are, for people.
        reference: number of texts of the earlier batch.
        vectors: how well the vectors tell the batches apart: area under the ROC curve, 0.5 where
            they do not.
        vectors_differ: whether its interval lies above 0.5.
        scores: distributions of scores.
        rates: shares that are flagged.
        items: the new batch, in input order.
    """

    noun: str
    reference: int
    vectors: Estimate
    vectors_differ: bool
    scores: tuple[ScoreDrift, ...] = ()
    rates: tuple[RateDrift, ...] = ()
    items: tuple[BatchText, ...]

    @property
    def seen(self) -> bool:
        """Whether anything differs by more than chance does."""
        moved = [*(score.seen for score in self.scores), *(rate.seen for rate in self.rates)]
        return self.vectors_differ or any(moved)

    def title(self) -> str:
        return f"Drift of {self.noun}"

    def headline(self) -> str:
        sizes = f"{len(self.items)} new {self.noun} against {self.reference} earlier"
        if not self.seen:
            return f"No drift seen: {sizes}"
        parts = [f"texts differ (AUC {self.vectors.value:.2f})"] * self.vectors_differ
        parts += [f"{score.name} is distributed otherwise" for score in self.scores if score.seen]
        moved = [rate for rate in self.rates if rate.seen]
        parts += [
            f"{rate.name} {'rose' if rate.difference.value > 0 else 'fell'} from {rate.before:.0%} "
            f"to {rate.now:.0%}"
            for rate in moved
        ]
        return f"Drift seen, {sizes}: {'; '.join(parts)}"

    def tables(self) -> list[Table]:
        tables = [self._summary_table(), *([self._rates_table()] if self.rates else [])]
        return [*tables, self._texts_table()]

    def notes(self) -> list[str]:
        notes = [
            "No drift seen is no proof that there is none: a small batch shows large changes only."
        ]
        return [*notes, *super().notes()]

    def rows(self) -> list[dict[str, Any]]:
        rows = [
            {
                "id": item.id,
                "text": item.text,
                "novelty": item.novelty,
                **{f"score of {name}": score for name, score in item.scores.items()},
                "flags": ", ".join(item.flags),
            }
            for item in self.items
        ]
        return rows_beside(rows, [item.fields for item in self.items])

    def _summary_table(self) -> Table:
        rows: list[tuple[object, ...]] = [
            ("texts: area under the ROC curve", str(self.vectors), _verdict(self.vectors_differ))
        ]
        for score in self.scores:
            means = f"{score.mean_now:.3f}, before {score.mean_before:.3f}"
            gap = f"largest gap {score.largest_gap:.3f}, p {score.p_value:.3f}"
            rows += [
                (f"{score.name}: mean", means, ""),
                (f"{score.name}: stability index", str(score.stability), ""),
                (f"{score.name}: distribution", gap, _verdict(score.seen)),
            ]
        note = (
            "How well new texts are told from earlier ones (0.5 and less: not at all), and how "
            "scores moved, with 95 % intervals. By convention a stability index above 0.1 is a "
            "change, and one above 0.25 a large one."
        )
        return Table("What was compared", ("what", "figure", "drift"), rows, note=note)

    def _rates_table(self) -> Table:
        rows = [
            (rate.name, rate.before, rate.now, str(rate.difference), _verdict(rate.seen))
            for rate in sorted(self.rates, key=lambda rate: -abs(rate.difference.value))
        ]
        columns = ("flag", Column("before", "score"), Column("now", "score"), "change", "drift")
        note = (
            "Shares that are flagged. The intervals of all rows hold together in 95 of 100 cases."
        )
        return Table("Flag rates", columns, rows, note=note, head=len(rows))

    def _texts_table(self) -> Table:
        own = hidden_columns([item.fields for item in self.items])
        rows = [
            (
                item.id,
                item.novelty,
                ", ".join(item.flags),
                Excerpt(item.text),
                *hidden_cells(item.fields, own),
            )
            for item in sorted(self.items, key=lambda item: -item.novelty)
        ]
        score = Column("novelty", "score")
        columns: tuple[str | Column, ...] = (
            *("id", score, "flags"),
            *(Column("text", main=True), *own),
        )
        return Table(f"Most unlike the earlier {self.noun}", columns, rows, head=10, main=True)


@dataclass(frozen=True, slots=True)
class BatchScores:
    """A score of two batches.

    Attributes:
        before: of each earlier text.
        now: of each new one.
    """

    before: Sequence[float]
    now: Sequence[float]


@dataclass(frozen=True, slots=True)
class BatchFlags:
    """Whether the texts of two batches are flagged.

    Attributes:
        before: for each earlier text.
        now: for each new one.
    """

    before: Sequence[bool]
    now: Sequence[bool]


def compare_batches(
    rt: Runtime,
    texts: Texts,
    reference: Texts,
    *,
    instruction: str | Instruction,
    scores: Mapping[str, BatchScores] | None = None,
    flags: Mapping[str, BatchFlags] | None = None,
    noun: str = "texts",
    seed: int = 0,
    dim: int | None = None,
    long_texts: LongTextMode = "pool",
) -> DriftReport:
    """Compare a new batch of texts with an earlier one, such as the one a head learned from.

    Args:
        rt: the Runtime.
        texts: the new batch.
        reference: the earlier batch.
        instruction: id or `Instruction`, under which both are embedded as queries.
        scores: of both batches, by name.
        flags: of both batches, by name.
        noun: what the texts are, for people.
        seed: of folds and draws; the same inputs and seed give the same result.
        dim: vector size; None for the instruction's default.
        long_texts: as of `cluster_texts`.

    Raises:
        InputError: a batch has fewer than 20 texts.
    """
    from metier.analysis.drift import tell_apart

    scores, flags = scores or {}, flags or {}
    _require_enough(reference, texts)
    embed = partial(rt.embed_queries, instruction=instruction, dim=dim, long_texts=long_texts)
    before, now = np.asarray(embed(reference)), np.asarray(embed(texts))
    with working(rt.engine.progress, "comparing", 1) as bar:
        difference = tell_apart(before, now, seed=seed)
        score_drifts = _score_drifts(scores, seed)
        bar.advance()
    vectors = _figure(difference.auc)
    return DriftReport(
        noun=noun,
        reference=len(reference),
        vectors=vectors,
        vectors_differ=vectors.low > _EVEN,
        scores=score_drifts,
        rates=_rate_drifts(flags),
        items=_items(texts, difference.scores.tolist(), scores, flags),
    )


def _require_enough(*batches: Texts) -> None:
    for batch in batches:
        if len(batch) < LEAST:
            raise InputError(
                f"{batch.source} has {len(batch)} texts.",
                why=f"With fewer than {LEAST} a change is not told from chance.",
                fix="Compare larger batches, such as those of a month.",
                code="too-few-texts",
            )


def _items(
    texts: Texts,
    novelty: Sequence[float],
    scores: Mapping[str, BatchScores],
    flags: Mapping[str, BatchFlags],
) -> tuple[BatchText, ...]:
    return tuple(
        BatchText(
            id=item.id,
            text=item.text,
            fields=dict(item.fields),
            novelty=round(novelty[row], 4),
            scores={name: round(both.now[row], 4) for name, both in scores.items()},
            flags=tuple(name for name, both in flags.items() if both.now[row]),
        )
        for row, item in enumerate(texts)
    )


def _score_drifts(scores: Mapping[str, BatchScores], seed: int) -> tuple[ScoreDrift, ...]:
    from metier.analysis.drift import population_stability, same_distribution

    drifts = []
    for name, of_batches in scores.items():
        before, now = (
            np.asarray(part, dtype=float) for part in (of_batches.before, of_batches.now)
        )
        gap, p_value = same_distribution(before, now)
        p_value = min(1.0, p_value * len(scores))
        drifts.append(
            ScoreDrift(
                name=name,
                mean_before=round(float(before.mean()), 4),
                mean_now=round(float(now.mean()), 4),
                stability=_figure(population_stability(before, now, seed=seed)),
                largest_gap=round(gap, 4),
                p_value=round(p_value, 4),
                seen=p_value < _CHANCE,
            )
        )
    return tuple(drifts)


def _rate_drifts(flags: Mapping[str, BatchFlags]) -> tuple[RateDrift, ...]:
    from metier.analysis.drift import rate_difference

    drifts = []
    for name, of_batches in flags.items():
        before, now = sum(of_batches.before), sum(of_batches.now)
        earlier, later = len(of_batches.before), len(of_batches.now)
        difference = _figure(rate_difference(before, earlier, now, later, tests=len(flags)))
        drifts.append(
            RateDrift(
                name=name,
                before=round(before / earlier, 4),
                now=round(now / later, 4),
                difference=difference,
                seen=not difference.low <= 0.0 <= difference.high,
            )
        )
    return tuple(drifts)


def _figure(interval: tuple[float, float, float]) -> Estimate:
    value, low, high = (round(end, 4) for end in interval)
    return Estimate(value=value, low=low, high=high)


def _verdict(seen: bool) -> str:
    return "seen" if seen else "not seen"
