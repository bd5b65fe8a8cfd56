"""`metier plugins check`: whether plugins do what those who install them may expect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.options import MODEL, Common, JsonOption

if TYPE_CHECKING:
    from rich.table import Table

    from metier.models.embedder import Embedder
    from metier.testing.conformance.check import Status, Verdict
    from metier.testing.conformance.subject import Subject

_COLOURS: Mapping[Status, str] = {
    "passed": "green",
    "failed": "bold red",
    "excused": "yellow",
    "not run": "dim",
}


def check_plugins(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", help="Plugin, distribution or domain; every plugin if not given."
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="MODEL",
            help="What the declared vector sizes are measured with; left out if not given.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    json: JsonOption = False,
) -> int:
    """Check that plugins conform: what they declare, import, run and answer; 1 if one fails."""
    from metier.cli import screen
    from metier.testing.conformance.examination import examine
    from metier.testing.conformance.subject import Subject

    embedder = Common(model=model).runtime().embedder if model else None
    subjects = [Subject.named(name, embedder=embedder)] if name else _installed(embedder)
    if not subjects and not json:
        screen.note("no plugin that may be active is installed; metier's own domain: core")
    checked = []
    for subject in subjects:
        verdicts = examine(subject)
        checked.append(_facts(subject, verdicts))
        if not json:
            _print(subject, verdicts)
    if json:
        screen.print_json(checked)
    return 0 if all(one["conforms"] for one in checked) else 1


def _installed(embedder: Embedder | None) -> list[Subject]:
    from metier.cli import screen
    from metier.plugins.host import PluginHost
    from metier.testing.conformance.subject import Subject

    chosen = []
    for plugin in PluginHost(strict=False).plugins:
        if plugin.status in ("disabled", "shadowed"):
            screen.note(f"{plugin.origin} is left out: {plugin.reason}")
        else:
            chosen.append(Subject(plugin, embedder=embedder))
    return chosen


def _facts(subject: Subject, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    return {
        "name": subject.plugin.name,
        "distribution": subject.plugin.distribution,
        "version": subject.plugin.version,
        "conforms": not any(one.status == "failed" for one in verdicts),
        "checks": [
            {
                "name": one.check.name,
                "status": one.status,
                "found": list(one.found),
                "explanation": one.check.explanation,
                "fix": one.fix,
                "excuse": one.excuse or None,
            }
            for one in verdicts
        ],
    }


def _print(subject: Subject, verdicts: Sequence[Verdict]) -> None:
    from metier.cli import screen

    console = screen.output()
    table = screen.listing("", "check", "found", title=subject.plugin.origin)
    for one in verdicts:
        _add(table, one)
    console.print(table)
    counts = Counter(one.status for one in verdicts)
    said = (f"{counts[status]} {status}" for status in _COLOURS if counts[status])
    console.print(f"{subject.plugin.origin}: {', '.join(said)}", soft_wrap=True)


def _add(table: Table, verdict: Verdict) -> None:
    from rich.text import Text

    found = Text("\n".join(verdict.found))
    if verdict.excuse:
        found.append(f"\nexcused: {verdict.excuse}", style="yellow")
    if verdict.fix:
        found.append(f"\n{verdict.check.explanation}", style="dim")
        found.append(f"\n{verdict.fix}", style="cyan")
    status = Text(verdict.status, style=_COLOURS[verdict.status])
    table.add_row(status, Text(verdict.check.name), found)
