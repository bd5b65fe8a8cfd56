"""Groups of commands with one that needs no name: `metier plugins` is `metier plugins list`."""

from __future__ import annotations

from typing import Any

from metier.cli.plain import PlainGroup

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
