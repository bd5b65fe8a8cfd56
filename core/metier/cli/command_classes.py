"""Typer commands: plain help, groups with a default command, and options made at run time."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from metier.cli.stage_weights import add_stages_of_plugins
from metier.errors import UsageError


class _PlainHelp:
    """Help without the types of switches and arguments, whose names say what they are.

    An option that takes one value is refused where it is given twice: the last would be used and
    the others lost.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As Typer, for options that are not repeated without being made for it.

        Raises:
            UsageError: an option that takes one value is given again.
        """
        if not ctx.resilient_parsing:  # which completes what is typed
            parser = self.make_parser(ctx)  # type: ignore[attr-defined]
            _, _, parameters = parser.parse_args(args=list(args))
            _require_once(parameters)
        rest: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]
        return rest

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """As Typer, with the search stages of plugins in the help of `--weight`."""
        add_stages_of_plugins(self.params)  # type: ignore[attr-defined]
        super().format_help(ctx, formatter)  # type: ignore[misc]

    def get_params(self, ctx: Any) -> list[Any]:
        """As Typer, without the types that the help should not show."""
        parameters: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for parameter in parameters:
            if parameter.param_type_name == "argument":
                parameter.display_type_rich = _no_type
            elif parameter.is_flag and parameter.metavar is None:
                parameter.metavar = ""
        return parameters


def _require_once(parameters: Sequence[Any]) -> None:
    """Refuse options of one value that are there more than once, of the parameters in a call."""
    counts = Counter(id(parameter) for parameter in parameters)
    for parameter in parameters:
        takes_one = parameter.param_type_name == "option" and not (
            parameter.multiple or parameter.is_flag or parameter.count
        )
        if takes_one and counts[id(parameter)] > 1:
            option = max(parameter.opts, key=len)
            raise UsageError(
                f"{option} is given {counts[id(parameter)]} times, and takes one value.",
                fix="Give it once."
                + (
                    " For several queries, give a file: --queries FILE"
                    if option == "--query"
                    else ""
                ),
            )


class PlainCommand(_PlainHelp, TyperCommand):
    """A command with plain help."""


class PlainGroup(_PlainHelp, TyperGroup):
    """A group of commands with plain help."""


def make_plain(tree: typer.Typer) -> None:
    """Give every command of a tree plain help."""
    for command in tree.registered_commands:
        if not issubclass(command.cls or object, PlainCommand):
            command.cls = PlainCommand
    for group in tree.registered_groups:
        if group.typer_instance is not None:
            make_plain(group.typer_instance)


def set_options(command: Callable[..., Any], options: Mapping[str, tuple[Any, Any]]) -> None:
    """Give a function the signature that Typer reads: one keyword for each option.

    Args:
        command: takes the options as keyword arguments.
        options: the annotation, with its `typer.Option` or `typer.Argument`, and the default of
            each keyword.
    """
    parameters = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
        )
        for name, (annotation, default) in options.items()
    ]
    command.__annotations__ = {name: annotation for name, (annotation, _) in options.items()}
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]


def _no_type(ctx: Any) -> None:
    return None


_HELP = ("-h", "--help")


class ListsByDefault(PlainGroup):
    """A group that runs `list` if the arguments are empty or begin with an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As PlainGroup, with the default command put before the arguments."""
        if not args or (args[0].startswith("-") and args[0] not in _HELP):
            args = ["list", *args]
        return super().parse_args(ctx, args)


class MeasuresByDefault(PlainGroup):
    """A group that runs `measure` if the first argument is no command: a folder, or an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As PlainGroup, with the default command put before the arguments."""
        if args and args[0] not in self.commands and args[0] not in _HELP:
            args = ["measure", *args]
        return super().parse_args(ctx, args)
