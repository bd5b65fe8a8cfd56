"""`metier clusters`: look at groups that were saved; rename, merge and divide them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.options import JsonOption

if TYPE_CHECKING:
    from metier.clusterings.clustering import Clustering

app = typer.Typer(
    no_args_is_help=True, help="Look at groups that were saved; rename, merge and divide them."
)

FolderArgument = Annotated[
    Path,
    typer.Argument(metavar="FOLDER", help="Folder of saved groups.", show_default=False),
]
GroupArgument = Annotated[
    str, typer.Argument(metavar="GROUP", help="Label or name of a group.", show_default=False)
]


@app.command("show")
def show_groups(folder: FolderArgument, json: JsonOption = False) -> None:
    """Show the groups with their names, sizes and keywords, and what they were made with."""
    _show(_read(folder), json=json)


@app.command("rename")
def rename_group(
    folder: FolderArgument,
    group: GroupArgument,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What to call it.", show_default=False)
    ],
    json: JsonOption = False,
) -> None:
    """Give a group another name, which it keeps when texts are added."""
    _save(_read(folder).rename(group, name), folder, json=json)


@app.command("merge")
def merge_groups(
    folder: FolderArgument,
    groups: Annotated[
        list[str],
        typer.Argument(
            metavar="GROUP...", help="Labels or names of two groups or more.", show_default=False
        ),
    ],
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="Name of the group; that of the first."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Make one group of several; it has the label and the name of the first."""
    _save(_read(folder).merge(groups, name=name), folder, json=json)


@app.command("split")
def split_group(
    folder: FolderArgument,
    group: GroupArgument,
    parts: Annotated[int, typer.Option("--parts", metavar="NUMBER", help="How many.")] = 2,
    json: JsonOption = False,
) -> None:
    """Divide a group; its largest part keeps label and name, the others get new ones."""
    _save(_read(folder).split(group, parts=parts), folder, json=json)


def _read(folder: Path) -> Clustering:
    from metier.clusterings.clustering import Clustering

    return Clustering.load(folder)


def _save(clustering: Clustering, folder: Path, *, json: bool) -> None:
    clustering.save(folder)
    _show(clustering, json=json)


def _show(clustering: Clustering, *, json: bool) -> None:
    from metier.cli import terminal
    from metier.results.table import counted

    if json:
        terminal.print_json(_facts(clustering))
        return
    options, provenance = clustering.options, clustering.provenance
    pairs = [
        (options.noun, clustering.texts),
        ("groups", len(clustering.groups)),
        ("outliers", clustering.outliers),
        ("model", provenance.model if provenance else None),
        ("dim", clustering.vectors.shape[1]),
        ("instruction", provenance.instruction_label if provenance else None),
        ("next label", clustering.next_label),
    ]
    terminal.output().print(terminal.facts(pairs))
    table = terminal.listing("label", "name", "size", "keywords")
    for group in clustering.groups:
        merged = f" (with {', '.join(map(str, group.merged))})" if group.merged else ""
        terminal.row(
            table, f"{group.label}{merged}", group.name, group.size, ", ".join(group.keywords)
        )
    terminal.output().print(table)
    renamed = sum(group.renamed for group in clustering.groups)
    if renamed:
        terminal.note(f"{counted(renamed, 'group')} named by hand")


def _facts(clustering: Clustering) -> dict[str, Any]:
    from dataclasses import asdict

    provenance = clustering.provenance
    return {
        "texts": clustering.texts,
        "outliers": clustering.outliers,
        "next_label": clustering.next_label,
        "provenance": asdict(provenance) if provenance else None,
        "options": asdict(clustering.options),
        "groups": [asdict(group) for group in clustering.groups],
    }
