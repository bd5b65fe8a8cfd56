"""`metier run`: list the workflows, or load the one that is to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.options import (
    Common,
    DeviceOption,
    DtypeOption,
    JsonOption,
    ModelOption,
    NoCacheOption,
    OutOption,
    PackOption,
    RerankerOption,
)
from metier.errors import UnknownNameError, UsageError

if TYPE_CHECKING:
    from metier.plugins.host import PluginHost
    from metier.workflows.contract import Workflow


def run(
    context: typer.Context,
    workflow: Annotated[
        str | None,
        typer.Argument(
            metavar="WORKFLOW [ITS OPTIONS]",
            show_default=False,
            help="Its id, such as core/search.",
        ),
    ] = None,
    model: ModelOption = None,
    reranker: RerankerOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    no_cache: NoCacheOption = False,
    pack: PackOption = None,
    json: JsonOption = False,
    out: OutOption = None,
) -> int:
    """Run a workflow; without one, list them.

    These options may stand before the workflow or among its own: metier run WORKFLOW --help
    """
    from metier.plugins.host import PluginHost

    common = Common(model, reranker, device, dtype, no_cache, pack, json, out)
    host = PluginHost()
    if workflow is None:
        _list_workflows(host, json)
        return 0
    from metier.cli.workflow import run_workflow

    return run_workflow(_load(host, workflow), host, common, context.args)


def _load(host: PluginHost, name: str) -> Workflow[Any]:
    try:
        return host.load_workflow(name)
    except UnknownNameError:
        domain = name.partition("/")[0]
        for plugin in host.plugins:
            brings = plugin.domain.domain if plugin.domain is not None else plugin.name
            if plugin.status != "active" and domain in (brings, plugin.name):
                raise UsageError(
                    f"{name!r} cannot run: the plugin {plugin.name!r} ({plugin.origin}) is "
                    f"{plugin.status}.",
                    why=plugin.reason,
                    fix=f"See: metier plugins show {plugin.name}",
                ) from None
        raise UnknownNameError(
            "workflow", name, host.workflows(), fix="List the workflows with: metier run"
        ) from None


def _list_workflows(host: PluginHost, json: bool) -> None:
    from metier.cli import screen

    found = host.workflows()
    if json:
        screen.print_json(
            [
                {"id": name, "summary": spec.summary, "provider": plugin.origin}
                for name, (spec, plugin) in found.items()
            ]
        )
        return
    if not found:
        screen.note("no active plugin brings a workflow; see: metier plugins")
        return
    table = screen.listing("workflow", "what it does", "from")
    for name, (spec, plugin) in found.items():
        screen.row(table, name, spec.summary, plugin.origin)
    screen.output().print(table)
    screen.output().print("The options of a workflow: metier run WORKFLOW --help")
