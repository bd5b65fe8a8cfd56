"""Options made from the parameters of a workflow."""

from __future__ import annotations

import collections.abc
import enum
import shlex
import typing
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import typer
from pydantic import TypeAdapter, ValidationError
from rich.markup import escape

from metier.cli.completion import complete_instruction
from metier.cli.inputs import FILES
from metier.cli.options import INPUT
from metier.errors import UsageError
from metier.results.table import counted
from metier.workflows.parameter import REQUIRED, Parameter, bare_type

PANEL = "Parameters"

_PLAIN = (str, int, float, bool, Path)
_MANY = (list, tuple, set, frozenset, collections.abc.Sequence, collections.abc.Collection)


@dataclass(frozen=True, slots=True)
class GeneratedOption:
    """The option of one parameter.

    Attributes:
        parameter: of the workflow.
        name: keyword in the generated function; another than the parameter's if that is reserved.
        annotation: a type with its `typer.Option`.
        default: `REQUIRED` if there is none.
        convert: converts what Typer read to what the parameter takes.
    """

    parameter: Parameter
    name: str
    annotation: Any
    default: Any
    convert: Callable[[Any], Any]


class _Reading(NamedTuple):
    """How Typer reads a value: as `type`, converted after it, its default shown before it."""

    type: Any
    convert: Callable[[Any], Any]
    show: Callable[[Any], Any]


def option_for(parameter: Parameter, reserved: Collection[str]) -> GeneratedOption:
    """The option for a parameter.

    Args:
        parameter: of a workflow.
        reserved: names of options that exist already; `--param-x` is made where `--x` is one.
    """
    name = f"param_{parameter.name}" if parameter.name in reserved else parameter.name
    flag = "--" + name.strip("_").replace("_", "-")
    if parameter.is_input:
        return _input_option(parameter, name, flag)
    reading = _reading(parameter.type) or _Reading(str, lambda text: _parsed(parameter, text), str)
    default = parameter.default
    if default is not None and default is not REQUIRED:
        default = reading.show(default)
    option = typer.Option(
        f"{flag}/--no-{flag[2:]}" if reading.type is bool else flag,
        metavar=_metavar(parameter.name, reading.type),
        help=escape(parameter.description),
        rich_help_panel=PANEL,
        autocompletion=complete_instruction if _is_instruction(parameter) else None,
        **_limits(parameter, reading.type),
    )
    read = reading.type | None if default is None else reading.type
    return GeneratedOption(parameter, name, Annotated[read, option], default, reading.convert)


def value_of(option: GeneratedOption, read: Any) -> dict[str, Any]:
    """The argument for the workflow; empty where the option was not used."""
    unused = read is None or read in ([], ()) or read == option.default
    return {} if unused else {option.parameter.name: option.convert(read)}


def _input_option(parameter: Parameter, name: str, flag: str) -> GeneratedOption:
    about = f"{parameter.description.rstrip('.')}. " if parameter.description else ""
    option = typer.Option(
        flag,
        metavar="FILE",
        help=escape(f"{about}{FILES} May be given again."),
        rich_help_panel=INPUT,
    )
    read = list[str] if parameter.required else list[str] | None
    default = REQUIRED if parameter.required else None
    return GeneratedOption(parameter, name, Annotated[read, option], default, _same)


POSITIONAL = "_positional"
"""Keyword of the argument without an option."""


def positionals_of(options: Sequence[GeneratedOption]) -> list[GeneratedOption]:
    """The options whose names may be left out: of the inputs that are required, else of the only
    path that is, else of the only optional one; none where there are several."""
    inputs = [option for option in options if option.parameter.is_input]
    paths = [option for option in options if option.parameter.is_path]
    required = [option for option in inputs if option.parameter.required]
    if required:
        return required
    for is_required in (True, False):
        for candidates in (inputs, paths):
            named = [option for option in candidates if option.parameter.required == is_required]
            if named:
                return named if len(named) == 1 else []
    return []


def with_positional(
    options: Sequence[GeneratedOption],
) -> dict[str, tuple[Any, Any]]:
    """The keywords of a command: one for each option, and before them the positional argument."""
    keywords = {option.name: (option.annotation, option.default) for option in options}
    named = positionals_of(options)
    if not named:
        return keywords
    first = named[0].parameter
    about = first.description.rstrip(".") or first.name
    if len(named) > 1:
        about = "One path each, in this order"
    required = " [required]" if first.required else ""
    argument = typer.Argument(
        metavar=" ".join(option.parameter.name.upper() for option in named),
        help=escape(f"{about}; as {', '.join(map(_flag, named))}.{required}"),
        show_default=False,
    )
    read = list[str] if first.is_input else list[Path] if first.is_paths else Path
    for option in named:
        own, *rest = option.annotation.__metadata__
        keywords[option.name] = (Annotated[read | None, own, *rest], None)
    return {POSITIONAL: (Annotated[read | None, argument], None), **keywords}


def take_positional(
    options: Sequence[GeneratedOption], values: dict[str, Any], workflow: str
) -> dict[str, Any]:
    """The values of the options, that of the positional argument among them.

    Args:
        options: of the workflow.
        values: what was read, by keyword.
        workflow: its id, for messages.

    Raises:
        UsageError: it was given both ways, or in neither and is required; or there are more inputs
            than paths, or fewer.
    """
    named = positionals_of(options)
    if not named:
        return values
    given = values.pop(POSITIONAL) or None
    if len(named) > 1:
        return values | _divided(named, values, given or [], workflow)
    (option,) = named
    if given is None:
        if option.parameter.required and not values[option.name]:
            raise UsageError(
                f"The path of {option.parameter.name} is missing.",
                why=option.parameter.description or None,
                fix=f"Give a file or a folder, by itself or after {_flag(option)}. "
                f"See: metier run {workflow} --help",
            )
        return values
    if values[option.name]:
        raise UsageError(
            f"The path of {option.parameter.name} was given twice: as {_flag(option)}, and by "
            f"itself as {_spelled(given)}.",
            fix=f"Give it by itself or after {_flag(option)}, not both.",
        )
    return values | {option.name: given}


def _divided(
    named: Sequence[GeneratedOption], values: dict[str, Any], paths: list[str], workflow: str
) -> dict[str, list[str]]:
    """A path for each input that has none after its option, in their order.

    Raises:
        UsageError: there are more such inputs than paths, or fewer.
    """
    without = [option for option in named if not values[option.name]]
    if len(without) != len(paths):
        needing = ", ".join(map(_flag, without)) or "none"
        raise UsageError(
            f"{workflow}: {counted(len(paths), 'path')} without an option, and "
            f"{counted(len(without), 'input')} without a path: {needing}.",
            why="Paths by themselves are one for each input, in this order.",
            fix=f"Give several files of an input after its option: {_flag(named[0])} FILE "
            f"{_flag(named[0])} FILE. See: metier run {workflow} --help",
        )
    return {option.name: [path] for option, path in zip(without, paths, strict=True)}


def _spelled(value: list[str] | list[Path] | Path) -> str:
    paths = value if isinstance(value, list) else [value]
    return " ".join(shlex.quote(str(path)) for path in paths)


def _flag(option: GeneratedOption) -> str:
    return "--" + option.name.strip("_").replace("_", "-")


def _reading(annotation: Any) -> _Reading | None:
    """How a type is read; None for one that only its own validation understands."""
    bare = bare_type(annotation)
    origin, arguments = typing.get_origin(bare), typing.get_args(bare)
    if bare in _PLAIN:
        return _Reading(bare, _same, _same)
    if isinstance(bare, type) and issubclass(bare, enum.Enum):
        return _choice({str(member.value): member for member in bare})
    if origin is Literal:
        return _choice({str(value): value for value in arguments})
    if origin not in _MANY or (origin is tuple and arguments[1:] != (...,)):
        return None
    item = _reading(arguments[0])
    if item is None or typing.get_origin(item.type) is list:
        return None
    return _Reading(
        list[item.type],  # type: ignore[name-defined]  # a type made at run time
        lambda values: [item.convert(value) for value in values],
        lambda default: [item.show(value) for value in default],
    )


def _choice(values: dict[str, Any]) -> _Reading:
    """Choices by their text; as an Enum, which every Typer knows, alone and in lists."""
    kind = enum.Enum("Choice", {text: text for text in values}, type=str)  # type: ignore[misc]
    return _Reading(
        kind,
        lambda member: values[member.value],
        lambda default: kind(next(text for text, value in values.items() if value == default)),
    )


def _parsed(parameter: Parameter, text: str) -> Any:
    """A value of an unusual type: as its validation reads the text, else as JSON."""
    adapter = TypeAdapter(parameter.annotation)
    try:
        return adapter.validate_python(text)
    except ValidationError:
        try:
            return adapter.validate_json(text)
        except ValidationError:
            return text  # refused by the workflow, with the reason


def _metavar(name: str, read: Any) -> str | None:
    """The metavar of a value, such as `TEXT` or `a|b` for choices; None for a switch."""
    (item,) = typing.get_args(read) or (read,)
    if issubclass(item, enum.Enum):
        return "|".join(member.value for member in item)
    if name == "instruction" and item is str:
        return "ID"
    return {str: "TEXT", int: "N", float: "X", Path: "PATH"}.get(item)


def _is_instruction(parameter: Parameter) -> bool:
    return parameter.name == "instruction" and parameter.is_string


def _limits(parameter: Parameter, read: Any) -> dict[str, Any]:
    """Bounds set by `Field`, for the help and so that Typer refuses values outside them."""
    limits: dict[str, Any] = {}
    if read in (int, float):
        for extra in getattr(parameter.annotation, "__metadata__", ()):
            for bound in getattr(extra, "metadata", ()):
                if hasattr(bound, "ge"):
                    limits["min"] = bound.ge
                if hasattr(bound, "le"):
                    limits["max"] = bound.le
    return limits


def _same(value: Any) -> Any:
    return value
