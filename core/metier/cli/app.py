"""The tree of commands. A command imports what it needs when it runs."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from metier import __version__
from metier.cli.command_classes import PlainGroup, make_plain
from metier.cli.commands import (
    cache,
    clusters,
    demo,
    doctor,
    embed,
    evaluate,
    index,
    instructions,
    models,
    pack,
    plugins,
    replay,
    rerank,
    run,
    shell,
)
from metier.cli.workflow_completion import RunCommand
from metier.errors import UsageError

CONTEXT = {"help_option_names": ["-h", "--help"]}


class RootGroup(PlainGroup):
    """All commands; the name of a workflow in place of one gives a hint at `metier run`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As PlainGroup.

        Raises:
            UsageError: there is no such command, and a workflow has this name.
        """
        name = args[0]
        if name not in self.commands and not ctx.resilient_parsing:
            from metier.plugins.host import PluginHost

            workflows = [
                workflow
                for workflow in PluginHost().workflows()
                if name in (workflow, workflow.rpartition("/")[2])
            ]
            if workflows:
                raise UsageError(
                    f"There is no command {name!r}.",
                    why=f"It is the name of a workflow: {', '.join(workflows)}.",
                    fix=f"Run it with: metier run {workflows[0]}",
                )
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="metier",
    cls=RootGroup,
    pretty_exceptions_enable=False,
    context_settings=CONTEXT,
    rich_markup_mode="rich",
    epilog="Where to begin: metier demo",
)


def _print_version(is_set: bool) -> None:
    if is_set:
        typer.echo(f"metier {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def metier(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option("--debug", help="Show tracebacks and library warnings; may stand anywhere."),
    ] = False,
    no_plugins: Annotated[
        bool,
        typer.Option("--no-plugins", help="Use no plugin, to recover; may stand anywhere."),
    ] = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Fail where a plugin cannot be used; may stand anywhere."),
    ] = False,
) -> None:
    """Embed, search, group, classify and flag texts with one embedding model."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


app.command(
    "run",
    cls=RunCommand,
    context_settings={**CONTEXT, "allow_extra_args": True, "allow_interspersed_args": False},
)(run.run)
app.command(
    "shell",
    cls=RunCommand,
    context_settings={**CONTEXT, "allow_extra_args": True, "allow_interspersed_args": False},
)(shell.shell)
app.command(
    "replay",
    context_settings={**CONTEXT, "allow_extra_args": True, "allow_interspersed_args": False},
)(replay.replay)
app.command("demo")(demo.demo)
app.command("embed")(embed.embed)
app.command("rerank")(rerank.rerank)
app.command("doctor")(doctor.doctor)
app.command("models")(models.models)
app.add_typer(plugins.app, name="plugins")
app.add_typer(cache.app, name="cache", cls=PlainGroup)
app.add_typer(clusters.app, name="clusters", cls=PlainGroup)
app.add_typer(evaluate.app, name="eval")
app.add_typer(index.app, name="index", cls=PlainGroup)
app.add_typer(instructions.app, name="instructions")
app.add_typer(pack.app, name="pack", cls=PlainGroup)
make_plain(app)
