"""`metier plugins`: list, show, check and create plugins."""

from __future__ import annotations

import shlex
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.command_classes import ListsByDefault
from metier.cli.completion import complete_plugin
from metier.cli.options import MODEL, CommonOptions, JsonOption
from metier.settings import reproducible_dtype

if TYPE_CHECKING:
    from rich.table import Table

    from metier.models.embedder import Embedder
    from metier.plugins.discovery import Plugin
    from metier.plugins.host import PluginHost
    from metier.registry.domain import Domain
    from metier.testing.conformance.check import Status, Verdict
    from metier.testing.conformance.subject import Subject

_COLORS: Mapping[Status, str] = {
    "passed": "green",
    "failed": "bold red",
    "excused": "yellow",
    "not run": "dim",
}


def check_plugins(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            help="Plugin, distribution or domain; every plugin if not given.",
            autocompletion=complete_plugin,
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
    from metier.cli import terminal
    from metier.testing.conformance.subject import Subject
    from metier.testing.conformance.suite import examine

    measuring = CommonOptions(model=model, dtype=reproducible_dtype())
    embedder = measuring.runtime().embedder if model else None
    subjects = [Subject.named(name, embedder=embedder)] if name else _installed(embedder)
    if not subjects and not json:
        terminal.note("no plugin that may be active is installed; metier's own domain: core")
    reports = []
    needs_model = False
    for subject in subjects:
        verdicts = examine(subject)
        reports.append(_verdict_facts(subject, verdicts))
        needs_model |= any(
            verdict.status == "not run" and verdict.check.needs_model for verdict in verdicts
        )
        if not json:
            _print_verdicts(subject, verdicts)
    if json:
        terminal.print_json(reports)
    elif needs_model and embedder is None:
        terminal.note("checks that need a model were not run; name one with --model")
    return 0 if all(report["conforms"] for report in reports) else 1


def _installed(embedder: Embedder | None) -> list[Subject]:
    from metier.cli import terminal
    from metier.plugins.host import PluginHost
    from metier.testing.conformance.subject import Subject

    subjects = []
    for plugin in PluginHost(strict=False).plugins:
        if plugin.status in ("disabled", "shadowed"):
            terminal.note(f"{plugin.origin} is left out: {plugin.reason}")
        else:
            subjects.append(Subject(plugin, embedder=embedder))
    return subjects


def _verdict_facts(subject: Subject, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    return {
        "name": subject.plugin.name,
        "distribution": subject.plugin.distribution,
        "version": subject.plugin.version,
        "conforms": not any(verdict.status == "failed" for verdict in verdicts),
        "checks": [
            {
                "name": verdict.check.name,
                "status": verdict.status,
                "found": list(verdict.lines),
                "explanation": verdict.check.explanation,
                "fix": verdict.fix,
                "excuse": verdict.excuse or None,
            }
            for verdict in verdicts
        ],
    }


def _print_verdicts(subject: Subject, verdicts: Sequence[Verdict]) -> None:
    from metier.cli import terminal

    console = terminal.output()
    table = terminal.listing("", "check", "found", title=subject.plugin.origin)
    for verdict in verdicts:
        _add_row(table, verdict)
    console.print(table)
    counts = Counter(verdict.status for verdict in verdicts)
    summary = ", ".join(f"{counts[status]} {status}" for status in _COLORS if counts[status])
    console.print(f"{subject.plugin.origin}: {summary}", soft_wrap=True)


def _add_row(table: Table, verdict: Verdict) -> None:
    from rich.text import Text

    lines = Text("\n".join(verdict.lines))
    if verdict.excuse:
        lines.append(f"\nexcused: {verdict.excuse}", style="yellow")
    if verdict.fix:
        lines.append(f"\n{verdict.check.explanation}", style="dim")
        lines.append(f"\n{verdict.fix}", style="cyan")
    status = Text(verdict.status, style=_COLORS[verdict.status])
    table.add_row(status, Text(verdict.check.name), lines)


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
    """Write a plugin that works as it is, to begin with; no file is overwritten."""
    from metier.cli import terminal
    from metier.scaffold.project import new_plugin

    written = new_plugin(name, into, title=title)
    names = written.names
    if json:
        terminal.print_json(
            {
                "folder": str(written.folder),
                "domain": names.domain,
                "distribution": names.distribution,
                "package": names.package,
                "files": list(written.files),
            }
        )
        return
    terminal.aside(f"wrote {written.folder}")
    project = shlex.quote(f"{written.folder}[dev]")
    terminal.aside(f"next: pip install -e {project} && metier plugins check {names.domain}")


app = typer.Typer(cls=ListsByDefault, help="List the installed plugins, show, check or write one.")
app.command("check")(check_plugins)
app.command("new")(write_plugin)


@app.command("list")
def list_plugins(json: JsonOption = False) -> None:
    """List the installed plugins (what `metier plugins` does)."""
    from metier.cli import terminal

    with _tolerant_host() as host:
        if json:
            terminal.print_json(
                [_facts(plugin, host.domains_of(plugin)) for plugin in host.plugins]
            )
        elif host.plugins:
            _print_all(host)
        else:
            terminal.note("no plugin is installed; from a checkout: pip install -e plugins/finance")


@app.command("show")
def show_plugin(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="Plugin, distribution or domain.",
            autocompletion=complete_plugin,
        ),
    ],
    json: JsonOption = False,
) -> None:
    """Show one plugin: its instructions, its workflows and what they are not for."""
    from metier.cli import terminal

    with _tolerant_host() as host:
        plugin = host.find_plugin(name)
        details = _details(plugin, host.domains_of(plugin))
        if json:
            terminal.print_json(details)
        else:
            _print(plugin, details)
            if plugin.status == "broken":
                terminal.note(f"if it is yours: metier plugins check {plugin.name}")


@contextmanager
def _tolerant_host() -> Iterator[PluginHost]:
    """A host that also lists plugins that cannot be used; with `--strict` it fails afterwards."""
    from metier.plugins.host import PluginHost
    from metier.plugins.selection import is_strict

    host = PluginHost(strict=False)
    strict = is_strict()
    if strict:
        with warnings.catch_warnings(action="ignore"):  # it is in the list, and in the error
            host.activate()
    yield host
    if strict:
        host.require_usable()


def _print_all(host: PluginHost) -> None:
    from metier.cli import terminal

    table = terminal.listing("plugin", "from", "status", "domain", "instructions", "workflows")
    for plugin in host.plugins:
        facts = _facts(plugin, host.domains_of(plugin))
        counts = facts["instructions"], facts["workflows"]
        terminal.row(table, plugin.name, plugin.origin, plugin.status, facts["title"], *counts)
    terminal.output().print(table)
    reasons = [(plugin.name, plugin.reason) for plugin in host.plugins if plugin.reason]
    if reasons:  # below the table: in a column of it they would be a word wide
        terminal.output().print(terminal.facts(reasons))


def _facts(plugin: Plugin, domains: Sequence[Domain]) -> dict[str, Any]:
    return {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "package": plugin.module,
        "status": plugin.status,
        "reason": plugin.reason,
        "domain": ", ".join(domain.domain for domain in domains) or None,
        "title": ", ".join(domain.title for domain in domains) or None,
        "instructions": sum(len(domain.instructions) for domain in domains),
        "workflows": sum(len(domain.workflows) for domain in domains),
    }


def _details(plugin: Plugin, domains: Sequence[Domain]) -> dict[str, Any]:
    return {
        **_facts(plugin, domains),
        "default_dim": domains[0].default_dim if len(domains) == 1 else None,
        "instructions": [
            {
                "id": instruction.full_id,
                "kind": instruction.kind,
                "dim": instruction.dim,
                "task": instruction.task,
            }
            for domain in domains
            for instruction in domain.instructions
        ],
        "workflows": [
            {"id": f"{domain.domain}/{spec.id}", "summary": spec.summary}
            for domain in domains
            for spec in domain.workflows
        ],
        "safety": _safety(domains),
    }


def _safety(domains: Sequence[Domain]) -> dict[str, Any] | None:
    """The statement of the one domain; of several, each field says what every domain states."""
    statements = {
        domain.domain: domain.safety.model_dump() for domain in domains if domain.safety is not None
    }
    if len(domains) == 1 or not statements:
        return next(iter(statements.values()), None)
    return {
        field: " ".join(f"{domain}: {safety[field]}" for domain, safety in statements.items())
        for field in next(iter(statements.values()))
    }


def _print(plugin: Plugin, details: dict[str, Any]) -> None:
    from metier.cli import terminal

    console = terminal.output()
    console.print(
        terminal.facts(
            [
                ("plugin", plugin.name),
                ("from", plugin.origin),
                ("package", plugin.module),
                ("status", plugin.status),
                ("reason", plugin.reason),
                ("domain", details["domain"]),
                ("title", details["title"]),
                ("default dim", details["default_dim"]),
            ]
        )
    )
    if details["instructions"]:
        table = terminal.listing("id", "kind", "dim", "task", title="Instructions")
        for facts in details["instructions"]:
            terminal.row(table, *facts.values())
        console.print(table)
    if details["workflows"]:
        table = terminal.listing("id", "what it does", title="Workflows")
        for facts in details["workflows"]:
            terminal.row(table, *facts.values())
        console.print(table)
    if details["safety"]:
        labeled = {label.replace("_", " "): text for label, text in details["safety"].items()}
        console.print(terminal.facts(labeled.items()))
