"""`metier plugins new`: the project of a plugin, to begin with."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from metier.cli.options import JsonOption


def write_plugin(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Its domain, such as acme-insurance.")
    ],
    into: Annotated[
        Path, typer.Option("--into", metavar="DIR", help="Write metier-NAME into this folder.")
    ] = Path(),
    title: Annotated[
        str | None, typer.Option("--title", metavar="TITLE", help="Of the domain, for people.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Write a plugin to begin with, which works as it is; nothing is overwritten."""
    from metier.cli import screen
    from metier.scaffold.project import new_plugin

    written = new_plugin(name, into, title=title)
    names = written.names
    if json:
        screen.print_json(
            {
                "folder": str(written.folder),
                "domain": names.domain,
                "distribution": names.distribution,
                "package": names.package,
                "files": list(written.files),
            }
        )
        return
    screen.aside(f"wrote {written.folder}")
    project = shlex.quote(f"{written.folder}[dev]")
    screen.aside(f"next: pip install -e {project} && metier plugins check {names.domain}")
