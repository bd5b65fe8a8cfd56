"""`metier eval sweep`: which settings of a domain's pipeline are best on labelled data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from metier.cli.eval_options import (
    MEASURING,
    DomainOption,
    FolderArgument,
    KindOption,
    PositiveOption,
    WorkflowOption,
    task_named,
)
from metier.cli.options import Common
from metier.cli.taking import takes
from metier.errors import ParameterError
from metier.evaluation.defaults import RESAMPLES, SEED, WITHIN

TRIED = "What is tried; each may be given again"


@takes(*MEASURING, "out")
def sweep(
    folder: FolderArgument,
    domain: DomainOption = "core",
    kind: KindOption = None,
    workflow: WorkflowOption = None,
    instruction: Annotated[
        list[str] | None,
        typer.Option(
            "--instruction",
            metavar="ID",
            help="Else those of the domain that are for the task.",
            rich_help_panel=TRIED,
        ),
    ] = None,
    dim: Annotated[
        list[int] | None,
        typer.Option(
            "--dim",
            metavar="N",
            min=1,
            help="Else the full size and, with MRL, its halves down to 64.",
            rich_help_panel=TRIED,
        ),
    ] = None,
    weight: Annotated[
        list[str] | None,
        typer.Option(
            "--weight",
            metavar="STAGE=W",
            help="Weight of a stage of searches: dense, lexical, interaction, heading or feedback; "
            "else lexical=0, 0.25, 0.5 and the domain's own.",
            rich_help_panel=TRIED,
        ),
    ] = None,
    rerank: Annotated[
        bool | None,
        typer.Option(
            "--rerank/--no-rerank",
            help="Else both, if there is a reranker.",
            rich_help_panel=TRIED,
        ),
    ] = None,
    positive: PositiveOption = None,
    within: Annotated[
        float,
        typer.Option(
            "--within",
            metavar="X",
            min=0.0,
            max=1.0,
            help="What the recommendation may lose against the best to be smaller or faster.",
        ),
    ] = WITHIN,
    resamples: Annotated[
        int, typer.Option("--resamples", metavar="N", min=100, help="Draws of the bootstrap.")
    ] = RESAMPLES,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, help="Of draws and folds.")
    ] = SEED,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save", metavar="FILE", help="Write the figures as evidence to keep beside a pack."
        ),
    ] = None,
    *,
    common: Common,
) -> None:
    """Try settings on one half of the data, recommend one, and confirm it on the other half."""
    from metier.cli import screen
    from metier.cli.results import require_folder, show_result
    from metier.evaluation.evidence import require_evidence_file, write_evidence
    from metier.evaluation.grid import Axes
    from metier.evaluation.sweep import sweep as run_sweep

    if save is not None:
        require_evidence_file(save)
        require_folder(save.parent)
    if common.out is not None:
        require_folder(common.out)
    swept = run_sweep(
        common.runtime(cached=True),
        folder,
        domain,
        kind=task_named(kind),
        workflow=workflow,
        axes=Axes(instruction or None, dim or None, _weights(weight or ()), rerank),
        positive=positive,
        within=within,
        resamples=resamples,
        seed=seed,
    )
    show_result(swept, as_json=common.json, out=common.out)
    if save is not None:
        screen.aside(f"wrote {write_evidence(swept.evidence, save)}")


def _weights(given: Sequence[str]) -> dict[str, list[float]] | None:
    found: dict[str, list[float]] = {}
    for one in given:
        stage, _, said = one.partition("=")
        try:
            found.setdefault(stage.strip(), []).append(float(said))
        except ValueError:
            raise ParameterError(
                f"--weight {one!r} is no weight of a stage.", fix="Write STAGE=W: lexical=0.25."
            ) from None
    return found or None
