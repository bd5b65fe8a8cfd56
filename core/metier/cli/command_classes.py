"""Typer command classes: plain help, and groups with a default command."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from metier.cli.stage_weights import add_stages_of_plugins


class _PlainHelp:
    """Shows no type of a switch, nor of an argument, whose name says what it is."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """As Typer, with the search stages of plugins where weights are told."""
        add_stages_of_plugins(self.params)  # type: ignore[attr-defined]
        super().format_help(ctx, formatter)  # type: ignore[misc]

    def get_params(self, ctx: Any) -> list[Any]:
        """As Typer has them."""
        parameters: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for one in parameters:
            if one.param_type_name == "argument":
                one.display_type_rich = _nothing
            elif one.is_flag and one.metavar is None:
                one.metavar = ""
        return parameters


class PlainCommand(_PlainHelp, TyperCommand):
    """A command with plain help."""


class PlainGroup(_PlainHelp, TyperGroup):
    """A group of commands with plain help."""


def make_plain(tree: typer.Typer) -> None:
    """Give every command of a tree plain help."""
    for command in tree.registered_commands:
        command.cls = PlainCommand
    for group in tree.registered_groups:
        if group.typer_instance is not None:
            make_plain(group.typer_instance)


def _nothing(ctx: Any) -> None:
    return None


_HELP = ("-h", "--help")


class ListsByDefault(PlainGroup):
    """Puts `list` before the arguments where they begin with an option or are none."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As PlainGroup, with the default command named."""
        if not args or (args[0].startswith("-") and args[0] not in _HELP):
            args = ["list", *args]
        return super().parse_args(ctx, args)


class MeasuresByDefault(PlainGroup):
    """Puts `measure` before arguments that name no command: a folder, or an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As PlainGroup, with the default command named."""
        if args and args[0] not in self.commands and args[0] not in _HELP:
            args = ["measure", *args]
        return super().parse_args(ctx, args)
