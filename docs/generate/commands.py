"""The commands: their arguments and options, as Typer knows them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer
from docs.generate.page import Entry, Page, Section, code
from rich.text import Text

from metier.cli.app import app
from metier.cli.commands.run import workflow_app
from metier.cli.options import CommonOptions
from metier.plugins.host import PluginHost

_INTRODUCTION = """
Every command with its arguments and options; [Command line](../command-line.md) says how they are
used. `-h` and `--help` show the same on the terminal.
"""
_COLUMNS = ("argument or option", "default", "meaning")
_AGAIN = "May be given again."


def commands_page(tree: typer.Typer = app) -> Page:
    """Every command, and the workflows that come with metier itself."""
    sections: list[Section] = []
    for section in _sections(typer.main.get_command(tree), "metier", level=2):
        sections.append(section)
        if section.title == "metier run":
            sections += _workflows(section.entries)
    return Page("Commands", _INTRODUCTION, tuple(sections))


def _workflows(shared: Collection[Entry]) -> Iterator[Section]:
    """The options of each workflow of metier itself, without the `shared` ones of every run."""
    host = PluginHost([])
    for name, (spec, _) in host.workflows().items():
        command = typer.main.get_command(
            workflow_app(host.load_workflow(name), host, CommonOptions())
        )
        for section in _sections(command, f"metier run {name}", level=3):
            own = tuple(entry for entry in section.entries if entry not in shared)
            yield replace(section, description=f"{spec.summary}.", entries=own)


def _sections(command: Any, path: str, *, level: int) -> Iterator[Section]:
    """A command and, if it is a group, its commands."""
    shown = [parameter for parameter in command.params if not parameter.hidden]
    yield Section(
        path,
        Text.from_markup(command.help or "").plain,
        call=_call(path, command),
        columns=_COLUMNS if shown else (),
        entries=tuple(map(_entry, shown)),
        level=level,
    )
    for name, inner in getattr(command, "commands", {}).items():
        yield from _sections(inner, f"{path} {name}", level=2 if path == "metier" else 3)


def _call(path: str, command: Any) -> str:
    arguments = [_argument(parameter) for parameter in command.params if _is_argument(parameter)]
    if hasattr(command, "commands"):
        arguments.append("COMMAND")
    return " ".join([path, *arguments])


def _argument(parameter: Any) -> str:
    name = parameter.metavar or parameter.name.upper()
    return name if parameter.required or name.startswith("[") else f"[{name}]"


def _entry(parameter: Any) -> Entry:
    text = Text.from_markup(parameter.help or "").plain
    if _is_argument(parameter):
        needed = "required" if parameter.required else ""
        return Entry(_argument(parameter), (needed,), text)
    if text and parameter.multiple and "again" not in text:
        text = f"{text} {_AGAIN}"
    return Entry(_option(parameter), (_default(parameter),), text)


def _option(option: Any) -> str:
    names = [*option.opts, *option.secondary_opts]
    value = option.metavar or option.name.rpartition("_")[2].upper()
    return ", ".join(names) if option.is_flag else f"{', '.join(names)} {value}"


def _default(option: Any) -> str:
    if option.required:
        return "required"
    value = option.default
    if value is None or value is False or value in ("", [], ()):
        return ""
    return code(value.as_posix() if isinstance(value, Path) else str(value))


def _is_argument(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "argument")
