"""Inputs of commands: the options of reading, and the texts of a path."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.command_classes import set_options
from metier.cli.options import INPUT, CommonOptions, common_options
from metier.cli.terminal import note
from metier.errors import UsageError

if TYPE_CHECKING:
    from metier.runtime.runtime import Runtime
    from metier.texts.rows import InputRow
    from metier.texts.stream import TextStream
    from metier.texts.texts import Texts

STDIN = "-"

TextFieldOption = Annotated[
    str | None,
    typer.Option(
        "--text-field",
        metavar="NAME",
        help="Column or field that holds the text; found by its name if not given.",
        rich_help_panel=INPUT,
    ),
]
IdFieldOption = Annotated[
    str | None,
    typer.Option(
        "--id-field",
        metavar="NAME",
        help="Column or field that holds the id; found by its name if not given.",
        rich_help_panel=INPUT,
    ),
]
SkipInvalidOption = Annotated[
    bool,
    typer.Option(
        "--skip-invalid",
        help="Leave out empty, broken and oversized texts rather than stop.",
        rich_help_panel=INPUT,
    ),
]

READING: dict[str, tuple[Any, Any]] = {
    "text_field": (TextFieldOption, None),
    "id_field": (IdFieldOption, None),
    "skip_invalid": (SkipInvalidOption, False),
}
"""Options of every workflow that takes texts: name, type and default."""


def read_inputs(
    rt: Runtime,
    paths: Mapping[str, tuple[str, type[Texts]]],
    *,
    text_field: str | None = None,
    id_field: str | None = None,
    skip_invalid: bool = False,
) -> dict[str, Texts]:
    """Read the texts of each parameter.

    Args:
        rt: provides the readers of plugins.
        paths: for each parameter a file, a folder or `-`, and the class of texts it takes.
        text_field: see `Texts.of`.
        id_field: see `Texts.of`.
        skip_invalid: see `Texts.of`.

    Raises:
        UsageError, InputError: a path or its content cannot be used.
    """
    from metier.texts.files import read_texts

    from_stdin = [name for name, (path, _) in paths.items() if path == STDIN]
    if len(from_stdin) > 1:
        raise UsageError(
            f"Standard input can be read once, not for {' and '.join(from_stdin)}.",
            fix="Give a file for all but one.",
        )
    if from_stdin:
        _note_terminal(from_stdin[0])
    readers = rt.plugins.readers()
    return {
        name: read_texts(
            path,
            kind,
            readers=readers,
            text_field=text_field,
            id_field=id_field,
            skip_invalid=skip_invalid,
        )
        for name, (path, kind) in paths.items()
    }


def stream_input(
    rt: Runtime,
    path: str,
    kind: type[Texts],
    *,
    generate_id: Callable[[InputRow], str] | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    skip_invalid: bool = False,
) -> TextStream:
    """Open an input that may be larger than the memory; a note lists what is left out.

    Args:
        rt: provides the readers of plugins.
        path: a file, a folder or `-`.
        kind: see `stream_texts`.
        generate_id: see `stream_texts`.
        text_field: see `Texts.of`.
        id_field: see `Texts.of`.
        skip_invalid: see `Texts.of`.

    Raises:
        UsageError, InputError: the path or its content cannot be used.
    """
    from metier.texts.files import stream_texts

    if path == STDIN:
        _note_terminal("texts")
    stream = stream_texts(
        path,
        kind,
        readers=rt.plugins.readers(),
        text_field=text_field,
        id_field=id_field,
        skip_invalid=skip_invalid,
        generate_id=generate_id,
    )
    skipped = stream.skipped
    if skipped:
        more = ""
        if len(skipped) > 5:
            more = f" and {len(skipped) - 5} more"
            more += f" (in Python, rt.read(path, metier.{kind.__name__}).skipped has all)"
        note(f"left out: {', '.join(skipped[:5])}{more}")
    return stream


def _note_terminal(name: str) -> None:
    if sys.stdin.isatty():
        note(f"reading {name} from the terminal; end with Ctrl-D")


_ARGUMENTS = ("common", "reading")


def takes(*names: str, reading: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a command so that it has common options after its own.

    Args:
        names: fields of `CommonOptions`; the command receives them as `common`.
        reading: also the options of `READING`; the command receives them as `reading`, by name.
    """
    annotations, defaults = common_options(), asdict(CommonOptions())
    shared = {name: (annotations[name], defaults[name]) for name in names}
    if reading:
        shared = READING | shared

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        def call(**values: Any) -> Any:
            arguments: dict[str, Any] = {
                "common": CommonOptions(**{name: values.pop(name) for name in names})
            }
            if reading:
                arguments["reading"] = {name: values.pop(name) for name in READING}
            return command(**values, **arguments)

        call.__name__, call.__doc__ = command.__name__, command.__doc__
        own = {
            parameter.name: (parameter.annotation, parameter.default)
            for parameter in inspect.signature(command, eval_str=True).parameters.values()
            if parameter.name not in _ARGUMENTS
        }
        set_options(call, own | shared)
        return call

    return decorate
