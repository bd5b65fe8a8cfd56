"""From paths on the command line to the texts a workflow takes."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.options import CommonOptions, common_options

if TYPE_CHECKING:
    from metier.runtime.runtime import Runtime

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from metier.cli.options import INPUT
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
    """Read each named input.

    Args:
        rt: its plugins may bring readers.
        paths: for each parameter a file, a folder or `-`, and the kind of texts it takes.
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
    """One input that may be larger than the memory; what is left out of it is told.

    Args:
        rt: its plugins may bring readers.
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
    left_out = stream.skipped
    if left_out:
        more = f" and {len(left_out) - 5} more" if len(left_out) > 5 else ""
        note(f"left out: {', '.join(left_out[:5])}{more}")
    return stream


def _note_terminal(name: str) -> None:
    if sys.stdin.isatty():
        note(f"reading {name} from the terminal; end with Ctrl-D")


_ARGUMENTS = ("common", "reading")


def takes(*names: str, reading: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command options after its own, and call it with what they say.

    Args:
        names: fields of `CommonOptions`, which the command is given as `common`.
        reading: also those of `READING`, which it is given as `reading`, by name.
    """
    kinds, defaults = common_options(), asdict(CommonOptions())
    shared = {name: (kinds[name], defaults[name]) for name in names}

    def of(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def taking(**read: Any) -> Any:
            given: dict[str, Any] = {
                "common": CommonOptions(**{name: read.pop(name) for name in names})
            }
            if reading:
                given["reading"] = {name: read.pop(name) for name in READING}
            return command(**read, **given)

        own = inspect.signature(command, eval_str=True).parameters.values()
        wanted = {
            one.name: (one.annotation, one.default) for one in own if one.name not in _ARGUMENTS
        }
        wanted |= (READING if reading else {}) | shared
        # what Typer reads
        taking.__annotations__ = {name: kind for name, (kind, _) in wanted.items()}
        taking.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [
                inspect.Parameter(
                    name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind
                )
                for name, (kind, default) in wanted.items()
            ]
        )
        del taking.__wrapped__
        return taking

    return of
