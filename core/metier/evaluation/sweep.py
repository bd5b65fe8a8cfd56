"""A sweep: settings tried on one half of labelled data, the chosen one confirmed on the other."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from metier import __version__
from metier.errors import UsageError
from metier.evaluation.bootstrap import difference, resampled
from metier.evaluation.defaults import RESAMPLES, SEED, WITHIN
from metier.evaluation.evaluate import measure, name_of, task_of
from metier.evaluation.evidence import Confirmation, Difference, Evidence, Setting
from metier.evaluation.folder import Collection, Labelled, read_folder
from metier.evaluation.grid import Axes, Trial, trials
from metier.evaluation.measured import LEADING, Outcome, Task
from metier.evaluation.pipeline import choose_pipeline
from metier.evaluation.split import split
from metier.evaluation.swept import Swept
from metier.progress import working
from metier.workflows.ledger import Ledger

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.registry.retrieval import RetrievalSettings
    from metier.runtime import Runtime

BYTES_PER_NUMBER = 4
"""Of a vector in float32."""


def sweep(
    rt: Runtime,
    folder: str | Path,
    domain: str,
    *,
    kind: Task | None = None,
    workflow: str | None = None,
    axes: Axes | None = None,
    positive: str | None = None,
    within: float = WITHIN,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Swept:
    """Try settings of a domain's pipeline, and recommend one.

    Every setting is measured on the development half of the queries or texts. Of those that lose
    at most `within` against the best, the recommended one is not reranked if that can be, has the
    shortest vectors, is the default if that is among them, and else has the best score. It and the
    domain's default are then measured on the other half, which had no part in the choice.

    Each setting embeds all documents: give the Runtime a cache, so that none is embedded twice.

    Args:
        rt: the Runtime.
        folder: as for `evaluate`.
        domain: whose pipeline.
        kind: as for `evaluate`.
        workflow: as for `evaluate`.
        axes: what to try; None for what a sweep tries by itself.
        positive: as for `evaluate`.
        within: what the recommendation may lose to be smaller or faster.
        resamples: of the bootstrap.
        seed: of resamples and folds.

    Raises:
        UsageError: as `evaluate`, or an axis is for another task.
        InputError: the data cannot be used, or is too small for two halves.
    """
    place = Path(folder)
    data = read_folder(place)
    task = task_of(data, kind, place)
    wanted = axes or Axes()
    if task != "retrieval" and wanted.of_searches:
        raise UsageError(
            f"{wanted.of_searches[0]} is an axis of retrieval, and {task} is measured.",
            fix="Leave it out.",
        )
    halves = split(data)
    default = choose_pipeline(rt, task, domain, workflow=workflow)
    bench = _Bench(rt, positive, seed, resamples)
    tried: dict[Hashable, _Tried] = {}
    planned = trials(rt, default, wanted)
    with working(rt.progress, "sweeping", len(planned)) as bar:
        for trial in planned:
            if _setting_of(trial) not in tried:
                one = bench.measured(trial, halves.development)
                tried.setdefault(one.setting, one)
            bar.advance()
    rows = list(tried.values())
    recommended = _recommended(rows, within)
    return Swept(
        evidence=Evidence(
            task=name_of(place),
            kind=task,
            metric=LEADING[task],
            domain=domain,
            workflow=default.name,
            model=rt.embedder.profile.id,
            fingerprint=rt.embedder.fingerprint,
            dtype=rt.embedder.dtype,
            reranker=rt.reranker.profile.id if rt.reranker is not None else None,
            metier=__version__,
            seed=seed,
            resamples=resamples,
            within=within,
            cases=len(rows[0].outcome.cases),
            settings=tuple(one.shown(rows[0]) for one in rows),
            recommended=recommended,
            confirmation=bench.confirmed(rows[0], rows[recommended], halves.other),
        )
    )


class _Setting(NamedTuple):
    """What makes two trials the same, whoever asked for them."""

    digest: str | None
    dim: int | None
    retrieval: RetrievalSettings | None
    rerank: bool | None


def _setting_of(trial: Trial) -> _Setting:
    instruction = trial.pipeline.instruction
    digest = instruction.digest if instruction is not None else None
    return _Setting(digest, trial.dim, trial.retrieval, trial.rerank)


@dataclass(frozen=True, slots=True)
class _Tried:
    """A trial, what came out, and the setting it came to."""

    trial: Trial
    outcome: Outcome
    drawn: npt.NDArray[np.float64]
    setting: _Setting

    @property
    def score(self) -> float:
        return float(self.outcome.metrics[LEADING[self.trial.pipeline.task]])

    def against(self, other: _Tried) -> Difference:
        return difference(self.outcome, other.outcome, self.drawn, other.drawn)

    def shown(self, default: _Tried) -> Setting:
        """The row of a table."""
        instruction, retrieval = self.trial.pipeline.instruction, self.setting.retrieval
        dim, seconds = self.setting.dim or 0, self.outcome.seconds
        return Setting(
            instruction=instruction.full_id if instruction is not None else None,
            digest=self.setting.digest,
            dim=dim,
            weights=retrieval.weights if retrieval is not None else None,
            rerank=bool(self.setting.rerank),
            score=round(self.score, 6),
            against_default=self.against(default),
            bytes_per_vector=BYTES_PER_NUMBER * dim,
            seconds=None if seconds is None else round(seconds, 6),
        )


@dataclass(frozen=True, slots=True)
class _Bench:
    """Where trials are measured."""

    rt: Runtime
    positive: str | None
    seed: int
    resamples: int

    def measured(self, trial: Trial, data: Collection | Labelled) -> _Tried:
        pipeline, ledger = trial.pipeline, Ledger()
        is_search = pipeline.task == "retrieval"
        retrieval = trial.retrieval
        if is_search and retrieval is None:
            retrieval = self.rt.instructions.retrieval(pipeline.domain)
        rt = self.rt if retrieval is None else self.rt.searching(pipeline.domain, retrieval)
        outcome = measure(
            rt.recording(ledger),
            data,
            pipeline,
            dim=trial.dim,
            rerank=trial.rerank,
            positive=self.positive,
            seed=self.seed,
        )
        used = {use.dim for use in ledger.instructions if use.dim is not None}
        setting = _setting_of(trial)._replace(
            dim=min(used),
            retrieval=retrieval,
            rerank="reranker" in ledger.models if is_search else None,
        )
        drawn = resampled(outcome, resamples=self.resamples, seed=self.seed)
        return _Tried(trial, outcome, drawn, setting)

    def confirmed(
        self, default: _Tried, recommended: _Tried, data: Collection | Labelled
    ) -> Confirmation:
        """Default and recommendation on data that had no part in the choice."""
        before = self.measured(default.trial, data)
        after = before if recommended is default else self.measured(recommended.trial, data)
        return Confirmation(
            cases=len(after.outcome.cases),
            score=round(after.score, 6),
            default_score=round(before.score, 6),
            against_default=after.against(before),
        )


def _recommended(rows: Sequence[_Tried], within: float) -> int:
    """Place of the cheapest row that is about as good as the best; of equally cheap the default."""
    best = max(row.score for row in rows)
    good = [place for place, row in enumerate(rows) if row.score >= best - within - 1e-9]
    return min(
        good,
        key=lambda place: (
            bool(rows[place].setting.rerank),
            rows[place].setting.dim or 0,
            place != 0,
            -rows[place].score,
            place,
        ),
    )
