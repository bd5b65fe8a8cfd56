"""`metier plugins`: what is installed, what of it is active, and why the rest is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.group import ListsByDefault
from metier.cli.options import JsonOption
from metier.errors import UnknownNameError

if TYPE_CHECKING:
    from metier.plugins.discovery import Plugin

app = typer.Typer(cls=ListsByDefault, help="List the installed plugins, or show one.")


@app.command("list")
def list_plugins(json: JsonOption = False) -> None:
    """List the installed plugins (what `metier plugins` does)."""
    from metier.cli import screen
    from metier.plugins.discovery import discover

    found = discover()
    if json:
        screen.print_json([_facts(plugin) for plugin in found])
        return
    if not found:
        screen.note("no plugin is installed; from a checkout: pip install -e plugins/finance")
        return
    table = screen.listing("plugin", "from", "status", "domain", "instructions", "workflows")
    for plugin in found:
        facts = _facts(plugin)
        status = f"{plugin.status}: {plugin.reason}" if plugin.reason else plugin.status
        counts = facts["instructions"], facts["workflows"]
        screen.row(table, plugin.name, plugin.origin, status, facts["title"], *counts)
    screen.output().print(table)


@app.command("show")
def show_plugin(
    name: Annotated[str, typer.Argument(help="Plugin, distribution or domain.")],
    json: JsonOption = False,
) -> None:
    """Show one plugin: its instructions, its workflows and what they are not for."""
    from metier.cli import screen
    from metier.plugins.discovery import discover, names_of

    found = discover()
    chosen = next((plugin for plugin in found if name in names_of(plugin)), None)
    if chosen is None:
        known = {one for plugin in found for one in names_of(plugin)}
        raise UnknownNameError("plugin", name, known, fix="List them with: metier plugins")
    if json:
        screen.print_json(_details(chosen))
    else:
        _print(chosen)


def _facts(plugin: Plugin) -> dict[str, Any]:
    domain = plugin.domain
    return {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "package": plugin.module,
        "status": plugin.status,
        "reason": plugin.reason,
        "domain": domain.domain if domain else None,
        "title": domain.title if domain else None,
        "instructions": len(domain.instructions) if domain else 0,
        "workflows": len(domain.workflows) if domain else 0,
    }


def _details(plugin: Plugin) -> dict[str, Any]:
    facts, domain = _facts(plugin), plugin.domain
    if domain is None:
        return {**facts, "default_dim": None, "instructions": [], "workflows": [], "safety": None}
    return {
        **facts,
        "default_dim": domain.default_dim,
        "instructions": [
            {"id": one.full_id, "kind": one.kind, "dim": one.dim, "task": one.task}
            for one in domain.instructions
        ],
        "workflows": [
            {"id": f"{domain.domain}/{spec.id}", "summary": spec.summary}
            for spec in domain.workflows
        ],
        "safety": domain.safety.model_dump() if domain.safety else None,
    }


def _print(plugin: Plugin) -> None:
    from metier.cli import screen

    details = _details(plugin)
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
