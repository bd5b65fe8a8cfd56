"""One folder of labeled data, one pipeline, its metrics."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metier import __version__
from metier.engine.ledger import Ledger
from metier.errors import ErrorPosition, ParameterError, UsageError
from metier.evaluation.held_out import LEVEL, LearningOptions
from metier.evaluation.labeled_data import Collection, LabeledTexts, read_folder
from metier.evaluation.labeled_tasks import (
    measure_classification,
    measure_clustering,
    measure_flagging,
)
from metier.evaluation.measurement import Measurement, Outcome
from metier.evaluation.pipeline import FIT, Pipeline, choose_pipeline
from metier.evaluation.search_task import measure_retrieval
from metier.evaluation.tasks import PRECISION, SEED, Task
from metier.folders import expand_home

if TYPE_CHECKING:
    from metier.engine.long_texts import LongTextMode
    from metier.registry.instruction import Instruction
    from metier.runtime.runtime import Runtime


@dataclass(frozen=True, slots=True)
class TaskOptions:
    """What an evaluation is told besides data and pipeline; None for the default.

    Attributes:
        dim: vector size.
        rerank: of retrieval: whether a reranker orders the nearest documents.
        positive: of flagging: the label of the texts to be flagged.
        precision: of flagging: at which recall is given.
        seed: of what learns from examples: of the folds.
        columns: of what learns from examples: fields to learn from beside the texts.
        level: of what learns from examples: of the sets of labels.
        examples: of classification: whether what may learn from examples does.
        long_texts: of texts with labels: how those longer than the model reads are read.
    """

    dim: int | None = None
    rerank: bool | None = None
    positive: str | None = None
    precision: float | None = None
    seed: int | None = None
    long_texts: LongTextMode | None = None
    columns: Sequence[str] | None = None
    level: float | None = None
    examples: bool | None = None

    @property
    def learning(self) -> LearningOptions:
        """How what learns from examples is measured."""
        return LearningOptions(
            columns=tuple(self.columns or ()),
            level=LEVEL if self.level is None else self.level,
            seed=SEED if self.seed is None else self.seed,
        )


_TASKS_OF_OPTION: dict[str, tuple[Task, ...]] = {
    "rerank": ("retrieval",),
    "positive": ("flagging",),
    "precision": ("flagging",),
    "seed": ("classification", "flagging"),
    "columns": ("classification", "flagging"),
    "level": ("classification", "flagging"),
    "examples": ("classification",),
    "long_texts": ("clustering", "classification", "flagging"),
}


def evaluate(
    rt: Runtime,
    folder: str | Path,
    domain: str,
    *,
    kind: Task | None = None,
    workflow: str | None = None,
    instruction: str | Instruction | None = None,
    dim: int | None = None,
    rerank: bool | None = None,
    positive: str | None = None,
    precision: float | None = None,
    seed: int | None = None,
    long_texts: LongTextMode | None = None,
    columns: Sequence[str] | None = None,
    level: float | None = None,
    examples: bool | None = None,
) -> Measurement:
    """Measure a domain's pipeline on a folder of labeled data.

    Args:
        rt: the Runtime.
        folder: a test collection in BEIR layout, or texts with labels in items.jsonl.
        domain: whose pipeline.
        kind: of texts with labels: `clustering`, `classification` or `flagging`.
        workflow: id; None for the domain's for the task.
        instruction: id or `Instruction`; None for that of the workflow, else the domain's first
            of the kind. Flagging takes those of its taxonomy, unless a score is learned.
        dim: vector size; None for the instruction's default.
        rerank: of retrieval: whether a reranker orders the nearest; None as in a search.
        positive: of flagging: the label of the texts to be flagged; None for the rarer of two.
        precision: of flagging: at which recall is given; 0.8 if None.
        seed: of what learns from examples: of the folds; 0 if None.
        long_texts: of texts with labels, as for workflows; None as by default there.
        columns: of a workflow that fits a head: fields to learn from as well.
        level: of what learns from examples: coverage of the sets of labels; 0.9 if None.
        examples: of classification: False to run what may learn from examples as it is.

    Raises:
        UsageError: no such folder, domain, workflow or instruction, no kind for texts with
            labels, or an argument that the task or the workflow has no use for.
        InputError, MissingExtraError: the data cannot be used, or ir-measures is not installed.
    """
    data = read_folder(path := expand_home(folder))
    task = task_of(data, kind, path)
    learning = (columns or None, level, examples)
    options = TaskOptions(dim, rerank, positive, precision, seed, long_texts, *learning)
    _require_options_of(task, options)
    pipeline = choose_pipeline(rt, task, domain, workflow=workflow, instruction=instruction)
    return _timed_measurement(rt, name_of(path), data, pipeline, options)


def _timed_measurement(
    rt: Runtime,
    name: str,
    data: Collection | LabeledTexts,
    pipeline: Pipeline,
    options: TaskOptions,
) -> Measurement:
    pipeline = replace(pipeline, may_learn=options.examples is not False)
    _require_options_of_pipeline(pipeline, options)
    embedder = rt.embedder  # loading is no part of what is timed
    if pipeline.task == "retrieval" and options.rerank is not False:
        _ = rt.reranker
    ledger = Ledger()
    start = time.perf_counter()
    outcome = measure(rt.with_engine(rt.engine.recording(ledger)), data, pipeline, options)
    seconds = time.perf_counter() - start
    return Measurement(
        task=name,
        kind=pipeline.task,
        metrics={name: round(value, 6) for name, value in outcome.metrics.items()},
        config={
            "metier": __version__,
            "domain": pipeline.domain,
            "workflow": pipeline.name,
            **_used(ledger),
            "model": embedder.profile.id,
            "fingerprint": embedder.fingerprint,
            "dtype": embedder.dtype,
            "texts_divided": ledger.texts_divided,
            "texts_truncated": ledger.texts_truncated,
            **outcome.config,
        },
        seconds=round(seconds, 3),
        report=outcome.report,
    )


def _require_options_of_pipeline(pipeline: Pipeline, options: TaskOptions) -> None:
    """Refuse options that the workflow has no use for."""
    reasons = {"seed": "draws folds", "level": "is of what was learned"}
    for name, reason in reasons.items():
        if getattr(options, name) is not None and not pipeline.learns_from_examples:
            raise UsageError(
                f"${name} {reason}, and {pipeline.name} is run on all texts as it is.",
                fix="Leave it out.",
                parameters={name: ...},
            )
    if options.columns and not (pipeline.fits_head and pipeline.takes("columns")):
        raise UsageError(
            f"{pipeline.name} does not learn from columns: $columns.",
            fix="Leave them out, or name a workflow that does: $workflow",
            parameters={"columns": ..., "workflow": FIT},
        )
    if options.level is not None and not 0.0 < options.level < 1.0:
        raise ParameterError(
            f"$level is a share above 0 and below 1, not {options.level:g}.",
            parameters={"level": ...},
            parameter="level",
        )


def measure(
    rt: Runtime, data: Collection | LabeledTexts, pipeline: Pipeline, options: TaskOptions
) -> Outcome:
    """What a pipeline does on data; each task takes the options that it knows."""
    if isinstance(data, Collection):
        return measure_retrieval(rt, data, pipeline, dim=options.dim, rerank=options.rerank)
    pipeline = replace(pipeline, long_texts=options.long_texts)
    if pipeline.task == "clustering":
        return measure_clustering(rt, data, pipeline, dim=options.dim)
    if pipeline.task == "classification":
        learning = options.learning
        return measure_classification(rt, data, pipeline, dim=options.dim, learning=learning)
    precision = PRECISION if options.precision is None else options.precision
    return measure_flagging(
        rt,
        data,
        pipeline,
        positive=options.positive,
        precision=precision,
        dim=options.dim,
        learning=options.learning,
    )


def task_of(data: Collection | LabeledTexts, kind: Task | None, folder: Path) -> Task:
    """What data is measured for.

    Raises:
        UsageError: it is of another kind, or none is given and it may be several.
    """
    if isinstance(data, Collection):
        if kind not in (None, "retrieval"):
            raise UsageError(
                f"{str(folder)!r} is a test collection: it is measured for retrieval, not {kind}.",
                fix="Leave $kind out.",
                parameters={"kind": ...},
            )
        return "retrieval"
    if kind is None or kind == "retrieval":
        raise UsageError(
            f"{str(folder)!r} holds texts with labels: what should be measured?"
            if kind is None
            else f"{str(folder)!r} holds texts with labels, and no queries to search for.",
            fix="Say $kind: clustering, classification or flagging.",
            parameters={"kind": ...},
        )
    return kind


def name_of(folder: Path) -> str:
    """The name a task goes by."""
    return folder.resolve().name


def _require_options_of(task: Task, options: TaskOptions) -> None:
    """Refuse options that are for other tasks."""
    for name, tasks in _TASKS_OF_OPTION.items():
        if getattr(options, name) is not None and task not in tasks:
            raise UsageError(
                f"${name} is for {', '.join(tasks)}, and {task} is measured.",
                fix="Leave it out.",
                position=ErrorPosition(parameter=name),
                parameters={name: ...},
            )


def _used(ledger: Ledger) -> dict[str, Any]:
    """The instructions that were used, by id with their content hashes, and with what size."""
    uses = list(ledger.instructions)
    digests = {use.id: use.digest for use in uses}
    dims = {use.dim for use in uses if use.dim is not None}
    reranker = ledger.models.get("reranker")
    return {
        "instruction": next(iter(digests)) if len(digests) == 1 else None,
        "instructions": digests,
        "dim": next(iter(dims)) if len(dims) == 1 else None,
        "reranker": reranker.id if reranker is not None else None,
    }
