"""Options that measuring and sweeping share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from metier.errors import UnknownNameError

if TYPE_CHECKING:
    from metier.evaluation.measured import Task

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
    str, typer.Option("--domain", metavar="NAME", help="Whose pipeline; core is the generic one.")
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
    typer.Option("--workflow", metavar="ID", help="Else the domain's workflow for the task."),
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
    from metier.evaluation.measured import Task

    wanted = next((one for one in get_args(Task) if one == kind), None)
    if kind is not None and wanted is None:
        raise UnknownNameError("kind of evaluation", kind, get_args(Task))
    return wanted
