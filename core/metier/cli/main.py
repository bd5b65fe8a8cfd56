"""Entry point of the command line: arguments in, exit code out."""

from __future__ import annotations

import atexit
import gc
import logging
import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TextIO

from metier.cli.completion import is_completing
from metier.cli.streams import abandon_stdout, prepare_streams, problem_of_stdout
from metier.errors import MetierWarning

_SILENCE = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",  # of transformers too, which follows it
    "HF_HUB_VERBOSITY": "error",
    "TRANSFORMERS_VERBOSITY": "error",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "LANCEDB_LOG": "error",  # it warns of what it tries again by itself
    "PYDANTIC_DISABLE_PLUGINS": "__all__",  # else it looks through all installed distributions
}
"""Variables that libraries read when they are imported. What the user has set stays."""

WIDTH = "120"
"""Columns of output that is not a terminal; rich would take 80 and fold the tables."""


@contextmanager
def quiet(debug: bool) -> Iterator[None]:
    """Show a MetierWarning as one line on standard error, and no warning of other libraries.

    With `debug`, other warnings and logs come through as well.
    """
    variables = {} if debug else dict(_SILENCE)
    if not sys.stdout.isatty():
        variables["COLUMNS"] = WIDTH
    added = {name: value for name, value in variables.items() if name not in os.environ}
    null_handler = logging.NullHandler()
    os.environ.update(added)
    if not debug:
        # without any handler Python writes the warnings of loggers to standard error itself
        logging.getLogger().addHandler(null_handler)
    try:
        with warnings.catch_warnings():
            _show_as_notes(debug)
            yield
    finally:
        logging.getLogger().removeHandler(null_handler)
        for name in added:
            os.environ.pop(name, None)


def _show_as_notes(debug: bool) -> None:
    others = warnings.showwarning
    shown: set[str] = set()

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if not issubclass(category, MetierWarning):
            # checked here and not by a filter alone: libraries add filters of their own
            if debug:
                others(message, category, filename, lineno, file, line)
            return
        from metier.cli.errors import spell_option

        spelled = message.message(spell_option) if isinstance(message, MetierWarning) else message
        text = " ".join(str(spelled).split())
        if text not in shown:
            shown.add(text)
            from metier.cli.terminal import note

            note(text)

    if not debug:
        warnings.simplefilter("ignore")
    if not is_completing():
        warnings.simplefilter("always", MetierWarning)
    warnings.showwarning = show


INTERRUPTED = 130
"""128 + SIGINT, as shells report it."""

_DEBUG = "--debug"

_SWITCHES = {
    "--no-plugins": ("METIER_PLUGINS", "none"),
    "--strict": ("METIER_STRICT", "1"),
}
"""Options of every command, with the variable and value that each sets."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: without the program's name; None takes those of the process.

    Returns:
        0 for success, 1 for a failure, 2 for a wrong call, 130 for an interrupt.
    """
    prepare_streams()
    if arguments is None:  # the process is metier's own
        _collect_less_often()
    remaining = list(sys.argv[1:] if arguments is None else arguments)
    remaining, debug = _take(_DEBUG, remaining)
    settings: dict[str, str] = {}
    for option, (variable, value) in _SWITCHES.items():
        remaining, is_set = _take(option, remaining)
        settings |= {variable: value} if is_set else {}
    try:
        with quiet(debug), _set(settings):
            code = _run(remaining, debug)
    except BrokenPipeError:
        abandon_stdout()
        code = 1
    return code


_NEW_OBJECTS = 50_000
"""Containers after which Python looks for garbage in cycles; it would after 700."""


def _collect_less_often() -> None:
    """Spare a start the search for garbage in cycles, of which importing libraries makes none.

    What is left at the end is not searched either: the process ends.
    """
    gc.set_threshold(_NEW_OBJECTS)
    atexit.register(gc.freeze)


def _run(arguments: list[str], debug: bool) -> int:
    try:
        from metier.cli.app import app

        outcome = app(arguments, prog_name="metier", standalone_mode=False)
        code = outcome if isinstance(outcome, int) else 0
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        code = INTERRUPTED
    except SystemExit as ended:  # of Typer's own commands for completion
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except Exception as error:
        if is_completing():  # nobody reads it, and it would stand in the line that is typed
            return 1
        from metier.cli.errors import report, report_of_stdout

        as_json = _take("--json", arguments)[1]
        problem = problem_of_stdout()
        if problem is None:
            return report(error, debug, as_json=as_json)
        abandon_stdout()
        return report_of_stdout(problem, debug, as_json=as_json)
    if code == INTERRUPTED:
        sys.stderr.write("Interrupted.\n")
    return code


def _take(option: str, arguments: list[str]) -> tuple[list[str], bool]:
    """The arguments without an option that may stand anywhere, and whether it was given."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = [argument for argument in arguments[:end] if argument != option]
    return [*options, *arguments[end:]], len(options) < end


@contextmanager
def _set(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for one command, and restore them afterwards."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
