"""`metier eval` and `metier eval sweep`: quality on labeled data, and the best settings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from metier.cli.command_classes import MeasuresByDefault
from metier.cli.completion import (
    complete_domain,
    complete_instruction,
    complete_workflow,
)
from metier.cli.inputs import takes
from metier.cli.options import CommonOptions
from metier.cli.stage_weights import METAVAR, name_stages, name_tried, parse_weights
from metier.errors import UnknownNameError
from metier.evaluation.tasks import MAX_LOSS, PRECISION, RESAMPLES, SEED

if TYPE_CHECKING:
    from rich.table import Table

    from metier.evaluation.measurement import Measurement
    from metier.evaluation.tasks import Task

MEASURING = ("model", "reranker", "device", "dtype", "no_cache", "pack", "json")
"""Options of any run that go with measuring, too."""

FolderArgument = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER",
        help="corpus.jsonl, queries.jsonl and qrels.tsv, or items.jsonl with text and label.",
    ),
]
DomainOption = Annotated[
    str,
    typer.Option(
        "--domain",
        metavar="NAME",
        help="Whose pipeline; core is the generic one.",
        autocompletion=complete_domain,
    ),
]
KindOption = Annotated[
    str | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="What items.jsonl is measured for: clustering, classification or flagging.",
    ),
]
WorkflowOption = Annotated[
    str | None,
    typer.Option(
        "--workflow",
        metavar="ID",
        help="Else the domain's workflow for the task.",
        autocompletion=complete_workflow,
    ),
]
PositiveOption = Annotated[
    str | None,
    typer.Option("--positive", metavar="LABEL", help="Label to be flagged; else the rarer of two."),
]


def task_named(kind: str | None) -> Task | None:
    """The task of that name; None for None.

    Raises:
        UnknownNameError: there is none.
    """
    from metier.evaluation.tasks import Task

    task = next((name for name in get_args(Task) if name == kind), None)
    if kind is not None and task is None:
        raise UnknownNameError("kind of evaluation", kind, get_args(Task))
    return task


TRIED = "What is tried; each may be given again"

TriedInstructionsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--instruction",
        metavar="ID",
        help="Else those of the domain that are for the task.",
        rich_help_panel=TRIED,
    ),
]
TriedDimsOption = Annotated[
    list[int] | None,
    typer.Option(
        "--dim",
        metavar="N",
        min=1,
        help="Else the full size and, with MRL, its halves down to 64.",
        rich_help_panel=TRIED,
    ),
]
TriedWeightsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--weight",
        metavar=METAVAR,
        help=f"Weight of a stage of searches: {name_stages()}; else {name_tried()} and the "
        "domain's own.",
        rich_help_panel=TRIED,
    ),
]
TriedRerankOption = Annotated[
    bool | None,
    typer.Option(
        "--rerank/--no-rerank", help="Else both, if there is a reranker.", rich_help_panel=TRIED
    ),
]
WithinOption = Annotated[
    float,
    typer.Option(
        "--within",
        metavar="X",
        min=0.0,
        max=1.0,
        help="What the recommendation may lose against the best to be smaller or faster.",
    ),
]
ResamplesOption = Annotated[
    int, typer.Option("--resamples", metavar="N", min=100, help="Draws of the bootstrap.")
]
DrawsSeedOption = Annotated[
    int, typer.Option("--seed", metavar="N", min=0, help="Of draws and folds.")
]
SaveOption = Annotated[
    Path | None,
    typer.Option(
        "--save", metavar="FILE", help="Write the figures as evidence to keep beside a pack."
    ),
]


@takes(*MEASURING, "out")
def sweep(
    folder: FolderArgument,
    domain: DomainOption = "core",
    kind: KindOption = None,
    workflow: WorkflowOption = None,
    instruction: TriedInstructionsOption = None,
    dim: TriedDimsOption = None,
    weight: TriedWeightsOption = None,
    rerank: TriedRerankOption = None,
    positive: PositiveOption = None,
    within: WithinOption = MAX_LOSS,
    resamples: ResamplesOption = RESAMPLES,
    seed: DrawsSeedOption = SEED,
    save: SaveOption = None,
    *,
    common: CommonOptions,
) -> None:
    """Try settings on one half of the data, recommend one, and confirm it on the other half."""
    from metier.cli import terminal
    from metier.evaluation.evidence import require_evidence_file, write_evidence
    from metier.evaluation.grid import Axes
    from metier.evaluation.labeled_data import DATA_FILES
    from metier.evaluation.settings_sweep import sweep as run_sweep

    if save is not None:
        require_evidence_file(save)
        terminal.require_folder(save.parent)
    if common.out is not None:
        terminal.require_output(common.out)
        terminal.refuse_replacing(common.out, [folder / name for name in DATA_FILES])
    result = run_sweep(
        common.runtime(cached=True),
        folder,
        domain,
        kind=task_named(kind),
        workflow=workflow,
        axes=Axes(instruction or None, dim or None, _tried_weights(weight or ()), rerank),
        positive=positive,
        within=within,
        resamples=resamples,
        seed=seed,
    )
    terminal.show_result(result, as_json=common.json, out=common.out)
    if save is not None:
        terminal.aside(f"wrote {write_evidence(result.evidence, save)}")


def _tried_weights(texts: Sequence[str]) -> dict[str, list[float]] | None:
    weights: dict[str, list[float]] = {}
    for stage, weight in parse_weights(texts):
        weights.setdefault(stage, []).append(weight)
    return weights or None


app = typer.Typer(
    cls=MeasuresByDefault,
    help="Measure a domain's pipeline on labeled data: metier eval FOLDER --domain NAME. All "
    "options: metier eval measure --help.",
)


InstructionOption = Annotated[
    str | None,
    typer.Option(
        "--instruction",
        metavar="ID",
        help="Else the one of the workflow.",
        autocompletion=complete_instruction,
    ),
]
DimOption = Annotated[
    int | None,
    typer.Option("--dim", metavar="N", min=1, help="Vector size; else the instruction's default."),
]
RerankOption = Annotated[
    bool | None,
    typer.Option(
        "--rerank/--no-rerank", help="Let the reranker order the nearest; else as a search does."
    ),
]
PrecisionOption = Annotated[
    float | None,
    typer.Option(
        "--precision",
        metavar="P",
        min=0.0,
        max=1.0,
        help=f"Precision of flags at which recall is given; else {PRECISION}.",
    ),
]
FoldsSeedOption = Annotated[
    int | None,
    typer.Option(
        "--seed", metavar="N", min=0, help=f"Draws the folds that are held out; else {SEED}."
    ),
]
LongTextsOption = Annotated[
    Literal["pool", "cut"] | None,
    typer.Option(
        "--long-texts",
        help="Read texts longer than the model reads in parts, or their beginning only; else as "
        "the workflow does.",
    ),
]


ColumnsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--columns",
        metavar="NAME",
        help="Field of the texts that a head learns from, too; may be given again.",
    ),
]
LevelOption = Annotated[
    float | None,
    typer.Option(
        "--level",
        metavar="X",
        help="Share of the texts of each label whose set of labels is to hold it; else 0.9.",
    ),
]
ExamplesOption = Annotated[
    bool | None,
    typer.Option(
        "--examples/--no-examples",
        help="Learn from the labels of other folds, or classify by descriptions of the labels; "
        "else learn where the workflow can.",
    ),
]


@app.command("measure")
@takes(*MEASURING)
def measure(
    folder: FolderArgument,
    domain: DomainOption = "core",
    kind: KindOption = None,
    workflow: WorkflowOption = None,
    instruction: InstructionOption = None,
    dim: DimOption = None,
    rerank: RerankOption = None,
    positive: PositiveOption = None,
    precision: PrecisionOption = None,
    seed: FoldsSeedOption = None,
    long_texts: LongTextsOption = None,
    columns: ColumnsOption = None,
    level: LevelOption = None,
    examples: ExamplesOption = None,
    *,
    common: CommonOptions,
) -> None:
    """Measure a domain's pipeline on labeled data; `measure` may be left out."""
    from metier.cli import terminal
    from metier.evaluation.folder_evaluation import evaluate

    measured = evaluate(
        common.runtime(cached=True),
        folder,
        domain,
        kind=task_named(kind),
        workflow=workflow,
        instruction=instruction,
        dim=dim,
        rerank=rerank,
        positive=positive,
        precision=precision,
        seed=seed,
        long_texts=long_texts,
        columns=columns,
        level=level,
        examples=examples,
    )
    if common.json:
        terminal.print_json(measured.model_dump(exclude=None if measured.report else {"report"}))
        return
    _show(measured)


app.command("sweep")(sweep)


def _show(measured: Measurement) -> None:
    from metier.cli import terminal

    console = terminal.output()
    console.print(
        f"{measured.task}: {measured.kind} by {measured.config['workflow']}", soft_wrap=True
    )
    for table in _tables(measured):
        console.print(table)
    config = measured.config
    facts = {
        "instruction": ", ".join(config["instructions"]) or "none",
        "model": config["model"],
        "dtype": config["dtype"],
        "dim": config["dim"],
        "reranker": config["reranker"] or "none",
    }
    if config["texts_divided"]:
        facts["texts in parts"] = config["texts_divided"]
    if config["texts_truncated"]:
        facts["texts cut"] = config["texts_truncated"]
    parts = [f"{name} {value}" for name, value in facts.items()]
    terminal.aside(" · ".join([*parts, f"{measured.seconds:.1f} s"]))


def _tables(measured: Measurement) -> list[Table]:
    """The metrics; of what was learned also their intervals, the labels and how sure it is."""
    from metier.cli import terminal

    report = measured.report
    if report is None:
        table = terminal.listing("metric", "value")
        for name, value in measured.metrics.items():
            terminal.row(table, name, _number(value))
        return [table]
    metrics = terminal.listing("metric", "value", "95 % interval")
    for name in dict.fromkeys([*measured.metrics, *report.metrics]):
        estimate = report.metrics.get(name)
        value = measured.metrics[name] if name in measured.metrics else report.metrics[name].value
        interval = "" if estimate is None else f"{estimate.low:.4f} to {estimate.high:.4f}"
        terminal.row(metrics, name, _number(value), interval)
    labels = terminal.listing("label", "texts", "precision", "recall", "f1", "coverage")
    for quality in report.classes:
        scores = (quality.precision, quality.recall, quality.f1, quality.coverage)
        cells = ("" if score is None else f"{score:.3f}" for score in scores)
        terminal.row(labels, quality.label, quality.count, *cells)
    sets = report.conformal
    sure = terminal.listing("stated", "coverage", "sure", "not sure", "none of the known")
    shares = (sets.coverage, sets.sure, sets.not_sure, sets.none_known)
    terminal.row(sure, f"{sets.level:g}", *(f"{share:.3f}" for share in shares))
    return [metrics, labels, sure]


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.4f}"
