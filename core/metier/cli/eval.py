"""`metier eval`: how good a domain's pipeline is on labelled data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from metier.cli import eval_sweep
from metier.cli.eval_options import (
    MEASURING,
    DomainOption,
    FolderArgument,
    KindOption,
    PositiveOption,
    WorkflowOption,
    task_named,
)
from metier.cli.group import MeasuresByDefault
from metier.cli.options import Common
from metier.cli.taking import takes
from metier.evaluation.defaults import PRECISION, SEED

if TYPE_CHECKING:
    from metier.evaluation.measured import Measured

app = typer.Typer(
    cls=MeasuresByDefault,
    help="Measure a domain's pipeline on labelled data: metier eval FOLDER --domain NAME. All "
    "options: metier eval measure --help.",
)


@app.command("measure")
@takes(*MEASURING)
def measure(
    folder: FolderArgument,
    domain: DomainOption = "core",
    kind: KindOption = None,
    workflow: WorkflowOption = None,
    instruction: Annotated[
        str | None,
        typer.Option("--instruction", metavar="ID", help="Else the one of the workflow."),
    ] = None,
    dim: Annotated[
        int | None,
        typer.Option(
            "--dim", metavar="N", min=1, help="Vector size; else the instruction's default."
        ),
    ] = None,
    rerank: Annotated[
        bool | None,
        typer.Option(
            "--rerank/--no-rerank",
            help="Let the reranker order the nearest; else as a search does.",
        ),
    ] = None,
    positive: PositiveOption = None,
    precision: Annotated[
        float | None,
        typer.Option(
            "--precision",
            metavar="P",
            min=0.0,
            max=1.0,
            help=f"Precision of flags at which recall is given; else {PRECISION}.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", metavar="N", min=0, help=f"Draws the folds of a classification; else {SEED}."
        ),
    ] = None,
    *,
    common: Common,
) -> None:
    """Measure a domain's pipeline on labelled data; `measure` may be left out."""
    from metier.cli import screen
    from metier.evaluation.evaluate import evaluate

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
    )
    if common.json:
        screen.print_json(measured.model_dump())
        return
    _show(measured)


app.command("sweep")(eval_sweep.sweep)


def _show(measured: Measured) -> None:
    from metier.cli import screen

    console = screen.output()
    console.print(
        f"{measured.task}: {measured.kind} by {measured.config['workflow']}", soft_wrap=True
    )
    table = screen.listing("metric", "value")
    for name, value in measured.metrics.items():
        screen.row(table, name, value if isinstance(value, int) else f"{value:.4f}")
    console.print(table)
    config = measured.config
    said = {
        "instruction": ", ".join(config["instructions"]) or "none",
        "model": config["model"],
        "dtype": config["dtype"],
        "dim": config["dim"],
        "reranker": config["reranker"] or "none",
    }
    parts = [f"{name} {value}" for name, value in said.items()]
    screen.aside(" · ".join([*parts, f"{measured.seconds:.1f} s"]))
