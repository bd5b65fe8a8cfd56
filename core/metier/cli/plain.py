"""Help that says what to give in a word, such as FILE or N; Typer would name types of Python."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class _Plain:
    """Shows no type of a switch, nor of an argument, whose name says what it is."""

    def get_params(self, ctx: Any) -> list[Any]:
        """As Typer has them."""
        parameters: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for one in parameters:
            if one.param_type_name == "argument":
                one.display_type_rich = _nothing
            elif one.is_flag and one.metavar is None:
                one.metavar = ""
        return parameters


class PlainCommand(_Plain, TyperCommand):
    """A command with plain help."""


class PlainGroup(_Plain, TyperGroup):
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
