"""A sweep: settings are tried on one half of labeled data, and the best confirmed on the other."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from metier import __version__
from metier.engine.ledger import Ledger
from metier.errors import InputError, UsageError
from metier.evaluation.evidence import Confirmation, Difference, Evidence, Setting, rules_of
from metier.evaluation.folder_evaluation import TaskOptions, measure, name_of, task_of
from metier.evaluation.grid import Axes, Trial, trials
from metier.evaluation.labeled_data import Collection, LabeledTexts, read_folder
from metier.evaluation.labeled_tasks import positive_label
from metier.evaluation.measurement import Outcome
from metier.evaluation.pipeline import Pipeline, choose_pipeline
from metier.evaluation.sampling import Split, difference, resampled, split
from metier.evaluation.search_task import build, measure_search
from metier.evaluation.sweep_result import SweepResult
from metier.evaluation.tasks import LEADING, MAX_LOSS, RESAMPLES, SEED, Task
from metier.folders import expand_home
from metier.progress import working
from metier.retrieval.stages.table import Stages, stage_weights

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.indexing.index import Index
    from metier.registry.retrieval_settings import RetrievalSettings
    from metier.runtime.runtime import Runtime

BYTES_PER_DIMENSION = 4
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
    within: float = MAX_LOSS,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> SweepResult:
    """Try settings of a domain's pipeline on one half of the data, and recommend one.

    Of the settings that lose at most `within` against the best, the recommended one has no
    reranker if possible, then the shortest vectors, then is the default or else has the best score.
    It and the default are then measured on the other half, which had no part in the choice.

    Documents are indexed once for each vector size and each instruction that stands before them;
    these indexes are kept until the sweep ends. With a vector cache no document is embedded twice.

    Args:
        rt: the Runtime.
        folder: as for `evaluate`, as are `domain`, `kind`, `workflow` and `positive`.
        domain: whose pipeline.
        kind: what texts with labels are measured for.
        workflow: id; None for the domain's workflow for the task.
        axes: what to try; None for what a sweep tries by itself.
        positive: of flagging: the label of the texts to be flagged.
        within: what the recommendation may lose to be smaller or faster.
        resamples: of the bootstrap.
        seed: of resamples and folds.

    Raises:
        UsageError: as `evaluate`, or an axis is for another task.
        InputError: the data cannot be used, or is too small for two halves.
    """
    path = expand_home(folder)
    data = read_folder(path)
    task = task_of(data, kind, path)
    bench = _bench(rt, data, task, axes or Axes(), _Options(positive, within, resamples, seed))
    default = choose_pipeline(rt, task, domain, workflow=workflow)
    return SweepResult(evidence=bench.evidence(name_of(path), default, axes or Axes()))


class _Options(NamedTuple):
    """As `sweep` takes them."""

    positive: str | None
    within: float
    resamples: int
    seed: int


def _bench(
    rt: Runtime,
    data: Collection | LabeledTexts,
    task: Task,
    axes: Axes,
    options: _Options,
) -> _Bench:
    """The bench for a sweep, with the data in halves.

    Raises:
        UsageError: an axis is for another task.
        InputError: the data is too small for two halves, or one half has nothing to flag.
    """
    if task != "retrieval" and axes.of_searches:
        raise UsageError(
            f"{axes.of_searches[0]} is an axis of retrieval, and {task} is measured.",
            fix="Leave it out.",
        )
    halves = split(data)
    if task == "flagging" and isinstance(data, LabeledTexts):
        positive = positive_label(data, options.positive)  # the same in both halves
        _require_both_kinds(halves, positive)
        options = options._replace(positive=positive)
    return _Bench(rt, halves, options)


def _require_both_kinds(halves: Split, positive: str) -> None:
    """Refuse halves of which one has nothing to flag, or nothing else."""
    for half in halves:
        if isinstance(half, LabeledTexts):
            count = half.labels.count(positive)
            if count in (0, len(half.labels)):
                raise InputError(
                    f"Of the {len(half.labels)} texts in one half {count} have the label "
                    f"{positive!r}: there is nothing to tell apart.",
                    why="Settings are chosen on one half and confirmed on the other.",
                    fix="Give more texts of the rarer kind, or measure single settings.",
                )


def _confirmation(default: _TrialResult, recommended: _TrialResult) -> Confirmation:
    """Default and recommendation on data that had no part in the choice."""
    return Confirmation(
        cases=len(recommended.outcome.cases),
        score=round(recommended.score, 6),
        default_score=round(default.score, 6),
        against_default=recommended.against(default),
    )


def _reranker_of(rt: Runtime) -> str | None:
    return rt.reranker.profile.id if rt.reranker is not None else None


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
class _TrialResult:
    """A trial, what came out, and the setting it came to."""

    trial: Trial
    outcome: Outcome
    drawn: npt.NDArray[np.float64]
    setting: _Setting

    @property
    def score(self) -> float:
        return float(self.outcome.metrics[LEADING[self.trial.pipeline.task]])

    def against(self, other: _TrialResult) -> Difference:
        return difference(self.outcome, other.outcome, self.drawn, other.drawn)

    def setting_row(self, default: _TrialResult, stages: Stages) -> Setting:
        """The setting with its figures, as evidence has it."""
        instruction, retrieval = self.trial.pipeline.instruction, self.setting.retrieval
        dim, seconds = self.setting.dim or 0, self.outcome.seconds
        return Setting(
            instruction=instruction.full_id if instruction is not None else None,
            digest=self.setting.digest,
            dim=dim,
            weights=None if retrieval is None else stage_weights(retrieval, stages),
            rules=rules_of(retrieval) if retrieval is not None else None,
            rerank=bool(self.setting.rerank),
            score=round(self.score, 6),
            against_default=self.against(default),
            bytes_per_vector=BYTES_PER_DIMENSION * dim,
            seconds=None if seconds is None else round(seconds, 6),
        )


@dataclass(frozen=True, slots=True)
class _Bench:
    """Measures trials on the halves of the data.

    Attributes:
        rt: the Runtime.
        halves: of the data.
        options: of the sweep.
        indexes: of the documents, which are the same in both halves, by what decides their
            vectors and terms.
    """

    rt: Runtime
    halves: Split
    options: _Options
    indexes: dict[Hashable, Index] = field(default_factory=dict)

    def evidence(self, name: str, default: Pipeline, axes: Axes) -> Evidence:
        """What came out of trying the default and every combination of the axes."""
        planned = trials(self.rt, default, axes)
        # first of all, so that what is wrong with the other half is told before the work is done
        confirmed = self.measure(planned[0], self.halves.other)
        rows = self._try_all(planned)
        chosen = _recommended(rows, self.options.within)
        best = self.measure(rows[chosen].trial, self.halves.other) if chosen else confirmed
        stages, embedder = self.rt.plugins.search_stages(), self.rt.embedder
        return Evidence(
            task=name,
            kind=default.task,
            metric=LEADING[default.task],
            domain=default.domain,
            workflow=default.name,
            model=embedder.profile.id,
            fingerprint=embedder.fingerprint,
            dtype=embedder.dtype,
            reranker=_reranker_of(self.rt) if default.task == "retrieval" else None,
            metier=__version__,
            seed=self.options.seed,
            resamples=self.options.resamples,
            within=self.options.within,
            cases=len(rows[0].outcome.cases),
            settings=tuple(row.setting_row(rows[0], stages) for row in rows),
            recommended=chosen,
            confirmation=_confirmation(confirmed, best),
        )

    def _try_all(self, planned: Sequence[Trial]) -> list[_TrialResult]:
        """The trials on the development half, each setting once, that of the default first."""
        results: dict[Hashable, _TrialResult] = {}
        with working(self.rt.engine.progress, "sweeping", len(planned)) as bar:
            for trial in planned:
                if _setting_of(trial) not in results:
                    self.warm(trial, self.halves.development)
                    result = self.measure(trial, self.halves.development)
                    results.setdefault(result.setting, result)
                bar.advance()
        return list(results.values())

    def measure(self, trial: Trial, half: Collection | LabeledTexts) -> _TrialResult:
        """The result of a trial on one half."""
        if isinstance(half, Collection):
            outcome, setting = self._searched(trial, half)
        else:
            outcome, setting = self._run(trial, half)
        drawn = resampled(outcome, resamples=self.options.resamples, seed=self.options.seed)
        return _TrialResult(trial, outcome, drawn, setting)

    def warm(self, trial: Trial, half: Collection | LabeledTexts) -> None:
        """Search once before the time of a setting is taken, but for the reranker.

        The first search for a query reads passages that later ones find kept: whichever setting
        came first would look slow.
        """
        if isinstance(half, Collection):
            self._index(trial, half).search_many(
                list(half.queries.values()),
                instruction=trial.pipeline.instruction,
                retrieval=trial.retrieval,
                rerank=False,
                snippets=False,
            )

    def _searched(self, trial: Trial, half: Collection) -> tuple[Outcome, _Setting]:
        pipeline = trial.pipeline
        retrieval = trial.retrieval or self.rt.instructions.retrieval(pipeline.searched_as)
        index = self._index(trial, half)
        outcome = measure_search(
            index,
            half,
            retrieval,
            instruction=pipeline.instruction,
            rerank=trial.rerank,
            progress=self.rt.engine.progress,
        )
        setting = _setting_of(trial)._replace(
            dim=index.manifest.provenance.dim,
            retrieval=retrieval,
            rerank="rerank" in outcome.config["stages"],
        )
        return outcome, setting

    def _index(self, trial: Trial, half: Collection) -> Index:
        pipeline, instruction = trial.pipeline, trial.pipeline.instruction
        profile = self.rt.embedder.profile
        before = None
        if instruction is not None and instruction.sides == "both" and profile.instruction_aware:
            before = instruction.digest  # it stands before the documents
        plan = self.rt.instructions.plan(
            instruction, trial.dim, profile, domain=pipeline.searched_as
        )
        dim = plan.dim
        key = (before, pipeline.searched_as, dim)
        if key not in self.indexes:
            self.indexes[key] = build(self.rt, half, pipeline, dim=dim)
        return self.indexes[key]

    def _run(self, trial: Trial, half: LabeledTexts) -> tuple[Outcome, _Setting]:
        ledger = Ledger()
        try:
            outcome = measure(
                self.rt.with_engine(self.rt.engine.recording(ledger)),
                half,
                trial.pipeline,
                TaskOptions(dim=trial.dim, positive=self.options.positive, seed=self.options.seed),
            )
        except InputError as error:  # of the file as a whole it may not be so
            what = f"One half of the texts cannot be measured. {error.what}"
            raise InputError(what, why=error.why, fix=error.fix) from None
        used = {use.dim for use in ledger.instructions if use.dim is not None}
        full = self.rt.embedder.profile.dim  # of a workflow that names no instruction
        return outcome, _setting_of(trial)._replace(dim=min(used, default=trial.dim or full))


def _recommended(rows: Sequence[_TrialResult], within: float) -> int:
    """Index of the cheapest row that is about as good as the best; of equally cheap the default."""
    best = max(row.score for row in rows)
    good = [index for index, row in enumerate(rows) if row.score >= best - within - 1e-9]
    return min(
        good,
        key=lambda index: (
            bool(rows[index].setting.rerank),
            rows[index].setting.dim or 0,
            index != 0,
            -rows[index].score,
            index,
        ),
    )
