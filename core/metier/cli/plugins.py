"""`metier plugins`: what is installed, what of it is active, and why the rest is not."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli import plugins_check, plugins_new
from metier.cli.group import ListsByDefault
from metier.cli.options import JsonOption

if TYPE_CHECKING:
    from metier.plugins.discovery import Plugin
    from metier.plugins.host import PluginHost
    from metier.registry.domain import Domain

app = typer.Typer(cls=ListsByDefault, help="List the installed plugins, show, check or write one.")
app.command("check")(plugins_check.check_plugins)
app.command("new")(plugins_new.write_plugin)


@app.command("list")
def list_plugins(json: JsonOption = False) -> None:
    """List the installed plugins (what `metier plugins` does)."""
    from metier.cli import screen

    with _listed() as host:
        if json:
            screen.print_json([_facts(one, host.domains_of(one)) for one in host.plugins])
        elif host.plugins:
            _print_all(host)
        else:
            screen.note("no plugin is installed; from a checkout: pip install -e plugins/finance")


@app.command("show")
def show_plugin(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Plugin, distribution or domain.")],
    json: JsonOption = False,
) -> None:
    """Show one plugin: its instructions, its workflows and what they are not for."""
    from metier.cli import screen
    from metier.plugins.lookup import find_plugin

    with _listed() as host:
        chosen = find_plugin(host, name)
        details = _details(chosen, host.domains_of(chosen))
        if json:
            screen.print_json(details)
        else:
            _print(chosen, details)


@contextmanager
def _listed() -> Iterator[PluginHost]:
    """A host that shows what cannot be used rather than failing for it; strict ones fail after."""
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
    from metier.cli import screen

    table = screen.listing("plugin", "from", "status", "domain", "instructions", "workflows")
    for plugin in host.plugins:
        facts = _facts(plugin, host.domains_of(plugin))
        counts = facts["instructions"], facts["workflows"]
        screen.row(table, plugin.name, plugin.origin, plugin.status, facts["title"], *counts)
    screen.output().print(table)
    reasons = [(plugin.name, plugin.reason) for plugin in host.plugins if plugin.reason]
    if reasons:  # below the table: in a column of it they would be a word wide
        screen.output().print(screen.facts(reasons))


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
            {"id": one.full_id, "kind": one.kind, "dim": one.dim, "task": one.task}
            for domain in domains
            for one in domain.instructions
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
    stated = {one.domain: one.safety.model_dump() for one in domains if one.safety is not None}
    if len(domains) == 1 or not stated:
        return next(iter(stated.values()), None)
    return {
        field: " ".join(f"{domain}: {safety[field]}" for domain, safety in stated.items())
        for field in next(iter(stated.values()))
    }


def _print(plugin: Plugin, details: dict[str, Any]) -> None:
    from metier.cli import screen

    console = screen.output()
    console.print(
        screen.facts(
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
        table = screen.listing("id", "kind", "dim", "task", title="Instructions")
        for one in details["instructions"]:
            screen.row(table, one["id"], one["kind"], one["dim"], one["task"])
        console.print(table)
    if details["workflows"]:
        table = screen.listing("id", "what it does", title="Workflows")
        for one in details["workflows"]:
            screen.row(table, one["id"], one["summary"])
        console.print(table)
    if details["safety"]:
        labelled = {label.replace("_", " "): text for label, text in details["safety"].items()}
        console.print(screen.facts(labelled.items()))
