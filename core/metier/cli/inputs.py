"""Inputs of commands: the options of reading, and the texts of a path."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.command_classes import set_options
from metier.cli.completion import complete_encoding, complete_format
from metier.cli.options import INPUT, CommonOptions, common_options
from metier.cli.terminal import note
from metier.errors import InputError, UsageError

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

EncodingOption = Annotated[
    str | None,
    typer.Option(
        "--encoding",
        metavar="NAME",
        help="Of text files without a byte order mark, such as cp1252; recognized if not given.",
        rich_help_panel=INPUT,
        autocompletion=complete_encoding,
    ),
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="NAME",
        help="Of standard input and single files, such as csv, jsonl or txt; else as the file's "
        "name or the content says.",
        rich_help_panel=INPUT,
        autocompletion=complete_format,
    ),
]

FILES = "Files, folders, patterns such as 'notes/*.txt', or - for standard input."
"""Help of inputs."""

READING: dict[str, tuple[Any, Any]] = {
    "text_field": (TextFieldOption, None),
    "id_field": (IdFieldOption, None),
    "skip_invalid": (SkipInvalidOption, False),
    "encoding": (EncodingOption, None),
    "format": (FormatOption, None),
}
"""Options of every workflow that takes texts: name, type and default."""

_OWN = {
    "text_field": "Column or field of {name} that holds the text; else as --text-field says.",
    "id_field": "Column or field of {name} that holds the id; else as --id-field says.",
}
"""Options that each of several inputs has for itself, with their help."""


def reading_options(inputs: Sequence[str]) -> dict[str, tuple[Any, Any]]:
    """`READING`, and for each of several inputs the options of its own.

    Args:
        inputs: names of the parameters that take texts.
    """
    own = {
        own_option(name, field): (_own_option(name, field), None)
        for name in inputs
        for field in _OWN
        if len(inputs) > 1
    }
    return READING | own


def own_option(name: str, field: str) -> str:
    """The name of an option of `READING` that one of several inputs has for itself."""
    return f"{name}_{field}"


def _own_option(name: str, field: str) -> Any:
    option = typer.Option(
        _flag_of(own_option(name, field)),
        metavar="NAME",
        help=_OWN[field].format(name=name.strip("_")),
        rich_help_panel=INPUT,
    )
    return Annotated[str | None, option]


def _flag_of(name: str) -> str:
    return "--" + name.strip("_").replace("_", "-")


def read_inputs(
    rt: Runtime,
    paths: Mapping[str, tuple[Sequence[str], type[Texts]]],
    **reading: Any,
) -> dict[str, Texts]:
    """Read the texts of each parameter.

    Args:
        rt: provides the readers of plugins.
        paths: for each parameter files, folders, patterns or `-`, and the class of texts it takes.
        reading: values of the options of `reading_options`.

    Raises:
        UsageError, InputError: a path or its content cannot be used; or there is none, and options
            say how it is read.
    """
    general = {name: value for name, value in reading.items() if name in READING}
    own = {
        name: value for name, value in reading.items() if name not in READING and value is not None
    }
    useless = [name for name, value in general.items() if value != READING[name][1]]
    if useless and not paths:
        raise UsageError(
            f"{', '.join(f'${name}' for name in useless)}: this run reads no input.",
            why="It says how a file of texts is read, such as a list of queries.",
            fix="Leave it out.",
            parameters=dict.fromkeys(useless, ...),
        )
    of_paths = {own_option(name, field) for name in paths for field in _OWN}
    without = [name for name in own if name not in of_paths]
    if without:
        raise UsageError(
            f"{', '.join(f'${name}' for name in without)}: no such input is given.",
            why=f"Inputs of this run are: {', '.join(paths) or 'none'}.",
            fix="Leave it out, or give the input.",
            parameters=dict.fromkeys(without, ...),
        )
    from_stdin = [name for name, (files, _) in paths.items() if STDIN in files]
    if len(from_stdin) > 1:
        raise UsageError(
            f"Standard input can be read once, not for {' and '.join(from_stdin)}.",
            fix="Give a file for all but one.",
        )
    if from_stdin:
        _note_terminal(from_stdin[0])
    return {
        name: _read_input(rt, name, files, kind, general, own, is_only=len(paths) == 1)
        for name, (files, kind) in paths.items()
    }


def _note_numbers(texts: Texts, option: str) -> None:
    """Say of texts whose ids are numbers of rows which column could be the ids."""
    column = _unused_ids(texts)
    if column is not None:
        note(
            f"ids are numbers of rows; the column {column!r} has another value in each row, and "
            f"{option} {column} makes these the ids"
        )


def _unused_ids(texts: Texts) -> str | None:
    """The first column of texts without ids whose name ends in "id" and whose values all differ."""
    if texts.keys.id is not None or texts.keys.text is None or len(texts) < 2:
        return None
    for column in texts[0].fields:
        if column.lower().endswith("id"):
            values = {str(item.fields.get(column) or "") for item in texts} - {""}
            if len(values) == len(texts):
                return column
    return None


def _read_input(
    rt: Runtime,
    name: str,
    files: Sequence[str],
    kind: type[Texts],
    general: Mapping[str, Any],
    own: Mapping[str, str],
    *,
    is_only: bool,
) -> Texts:
    """The texts of one input; an error names the options that it has for itself.

    Args:
        rt: provides the readers of plugins.
        name: of the parameter.
        files: see `read_inputs`.
        kind: see `read_inputs`.
        general: values of the options of `READING`.
        own: values of the options that inputs have for themselves.
        is_only: whether there is no other input, so that the general options are as good.
    """
    from metier.cli.errors import OptionName
    from metier.texts.files import read_texts

    named = {
        field: own[own_option(name, field)] for field in _OWN if own_option(name, field) in own
    }
    try:
        texts = read_texts(
            _alone(files), kind, readers=rt.plugins.readers(), **{**general, **named}
        )
    except InputError as error:
        if error.code == "field-not-found" and len(files) > 1:
            field = next(iter(error.parameters))
            error.add_reason(
                f"${field} holds for all files of an input: those with other columns need a run "
                "of their own."
            )
        for field in _OWN:
            if field in error.parameters and not (is_only and field not in named):
                error.parameters[field] = OptionName(_flag_of(own_option(name, field)))
        raise
    _note_numbers(texts, _flag_of("id_field" if is_only else own_option(name, "id_field")))
    return texts


def files_of(inputs: Mapping[str, Texts]) -> list[Path]:
    """The files that inputs were read from, as `read_inputs` gives them."""
    return [file for texts in inputs.values() for file in texts.files]


def paths_of(values: Mapping[str, Any]) -> list[Path]:
    """The paths among the values of parameters, which a workflow reads by itself."""
    several = [value if isinstance(value, list | tuple) else [value] for value in values.values()]
    return [path for paths in several for path in paths if isinstance(path, Path)]


def stream_input(
    rt: Runtime,
    files: Sequence[str],
    kind: type[Texts],
    *,
    generate_id: Callable[[InputRow], str] | None = None,
    may_be_empty: bool = False,
    **reading: Any,
) -> TextStream:
    """Open an input that may be larger than the memory; a note lists what is left out.

    Args:
        rt: provides the readers of plugins.
        files: files, folders, patterns or `-`.
        kind: see `stream_texts`.
        generate_id: see `stream_texts`.
        may_be_empty: see `stream_texts`.
        reading: values of the options of `READING`.

    Raises:
        UsageError, InputError: the path or its content cannot be used.
    """
    from metier.texts.files import stream_texts

    if STDIN in files:
        _note_terminal("texts")
    stream = stream_texts(
        _alone(files),
        kind,
        readers=rt.plugins.readers(),
        generate_id=generate_id,
        may_be_empty=may_be_empty,
        **reading,
    )
    skipped = stream.skipped
    if skipped:
        more = ""
        if len(skipped) > 5:
            more = f" and {len(skipped) - 5} more"
            more += f" (in Python, rt.read(path, metier.{kind.__name__}).skipped has all)"
        note(f"left out: {', '.join(skipped[:5])}{more}")
    return stream


def _alone(files: Sequence[str]) -> str | Sequence[str]:
    """A path that is given alone, by itself: messages and ids then need no folder."""
    return files[0] if len(files) == 1 else files


def _note_terminal(name: str) -> None:
    if sys.stdin is not None and sys.stdin.isatty():
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
