"""One folder of labeled data, one pipeline, its metrics."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metier import __version__
from metier.engine.ledger import Ledger
from metier.errors import ErrorPosition, UsageError
from metier.evaluation.labeled_data import Collection, LabeledTexts, read_folder
from metier.evaluation.labeled_tasks import (
    measure_classification,
    measure_clustering,
    measure_flagging,
)
from metier.evaluation.measurement import PRECISION, SEED, Measurement, Outcome, Task
from metier.evaluation.pipeline import Pipeline, choose_pipeline
from metier.evaluation.search_task import measure_retrieval
from metier.folders import expanded

if TYPE_CHECKING:
    from metier.registry.instruction import Instruction
    from metier.runtime.runtime import Runtime


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
) -> Measurement:
    """Measure a domain's pipeline on a folder of labeled data.

    Args:
        rt: the Runtime.
        folder: a test collection in BEIR layout, or texts with labels in items.jsonl.
        domain: whose pipeline.
        kind: what texts with labels are measured for: `clustering`, `classification`, `flagging`.
            A test collection is measured for `retrieval`.
        workflow: id; None for the domain's workflow for the task.
        instruction: id or `Instruction`; None for that of the workflow, else for the domain's
            first of the kind. Flagging takes those of its taxonomy.
        dim: vector size; None for the instruction's default.
        rerank: of a search: whether a reranker orders the nearest documents; None as in a search.
        positive: of flagging: the label of the texts to be flagged; None for the rarer of two.
        precision: of flagging: at which recall is given; 0.8 if None.
        seed: of classification: of the folds; 0 if None.

    Raises:
        UsageError: no such folder, domain, workflow or instruction; no kind for texts with
            labels; or an argument that the task or the workflow has no use for.
        InputError: the data cannot be used.
        MissingExtraError: a ranking is to be measured without ir-measures.
    """
    place = expanded(folder)
    data = read_folder(place)
    task = task_of(data, kind, place)
    _require_of(task, "retrieval", rerank=rerank)
    _require_of(task, "flagging", positive=positive, precision=precision)
    _require_of(task, "classification", seed=seed)
    pipeline = choose_pipeline(rt, task, domain, workflow=workflow, instruction=instruction)
    if seed is not None and not pipeline.is_generic:
        raise UsageError(
            f"$seed draws folds, and {pipeline.name} is run on all texts as it is.",
            fix="Leave it out.",
            parameters={"seed": ...},
        )
    embedder = rt.embedder  # loading is no part of what is timed
    if task == "retrieval" and rerank is not False:
        _ = rt.reranker
    ledger = Ledger()
    began = time.perf_counter()
    outcome = measure(
        rt.with_engine(rt.engine.recording(ledger)),
        data,
        pipeline,
        dim=dim,
        rerank=rerank,
        positive=positive,
        precision=PRECISION if precision is None else precision,
        seed=SEED if seed is None else seed,
    )
    seconds = time.perf_counter() - began
    return Measurement(
        task=name_of(place),
        kind=task,
        metrics={name: round(value, 6) for name, value in outcome.metrics.items()},
        config={
            "metier": __version__,
            "domain": domain,
            "workflow": pipeline.name,
            **_used(ledger),
            "model": embedder.profile.id,
            "fingerprint": embedder.fingerprint,
            "dtype": embedder.dtype,
            **outcome.config,
        },
        seconds=round(seconds, 3),
    )


def measure(
    rt: Runtime,
    data: Collection | LabeledTexts,
    pipeline: Pipeline,
    *,
    dim: int | None = None,
    rerank: bool | None = None,
    positive: str | None = None,
    precision: float = PRECISION,
    seed: int = SEED,
) -> Outcome:
    """What a pipeline does on data that is read; of the arguments the task takes those it knows."""
    if isinstance(data, Collection):
        return measure_retrieval(rt, data, pipeline, dim=dim, rerank=rerank)
    if pipeline.task == "clustering":
        return measure_clustering(rt, data, pipeline, dim=dim)
    if pipeline.task == "classification":
        return measure_classification(rt, data, pipeline, dim=dim, seed=seed)
    return measure_flagging(rt, data, pipeline, positive=positive, precision=precision, dim=dim)


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


def _require_of(task: Task, own: Task, **arguments: object) -> None:
    given = [name for name, value in arguments.items() if value is not None]
    if given and task != own:
        raise UsageError(
            f"${given[0]} is for {own}, and {task} is measured.",
            fix="Leave it out.",
            position=ErrorPosition(parameter=given[0]),
            parameters={given[0]: ...},
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
