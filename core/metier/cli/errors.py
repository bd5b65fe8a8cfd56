"""Errors on the command line: what failed, why and what to type; one screen, no traceback."""

from __future__ import annotations

import errno
import json
import shlex
import sys
import traceback
from collections.abc import Mapping
from string import Template
from types import MappingProxyType
from typing import Any, Protocol, TypeGuard

from rich.text import Text

from metier.cli.terminal import remarks
from metier.errors import ErrorMessage, InputError, MetierError, UsageError
from metier.folders import NO_ROOM
from metier.texts.checks import printable_json

_MOST_CHARACTERS = 2000
_MOST_LINES = 20
_NO_TEMPORARY_FOLDER = "No usable temporary directory"

OPTIONS: Mapping[str, str] = MappingProxyType({"packs": "--pack", "plugins": "--no-plugins"})
"""Options of parameters that do not go by their own name."""

FIXES: Mapping[str, str] = MappingProxyType(
    {
        "index-not-found": "Build it with: metier index build",
        "invalid-instruction-id": "List the ids with: metier instructions list",
        "not-a-collection": "Measure it with: metier eval",
        "outdated-evidence": "Run metier eval sweep again and save it over this file, or "
        "remove the file.",
        "plugin-call-failed": "$fix To run them: metier plugins check $plugin",
        "plugin-name-taken": "$fix To write one: metier pack new NAME --extends $domain",
        "splitter-not-found": "See what is installed with: metier plugins",
        "unknown-cached-model": "Give a fingerprint that is listed by: metier cache info",
        "unknown-instruction": "List them with: metier instructions list",
        "unknown-plugin": "List them with: metier plugins",
        "unknown-workflow": "List the workflows with: metier run",
        "unknown-workflow-domain": "See what is installed with: metier plugins",
        "unknown-pack-domain": "See what is installed with: metier plugins",
        "unusable-plugin": "See: metier plugins show $plugin",
    }
)
"""What to type, by the code of the error. `$fix` is the library's own advice, and the other words
after a `$` are parameters of the error."""


class _WrongCall(Protocol):
    """What Typer raises for a wrong option; only the methods are public, not the class."""

    exit_code: int

    def format_message(self) -> str: ...


class OptionName(str):
    """An option in place of the value of a parameter in an error: that of one of several inputs."""

    __slots__ = ()


def spell_option(name: str, value: object) -> str:
    """A parameter as an option: `--rebuild`, `--reranker MODEL`, `--labels a --labels b`."""
    if isinstance(value, OptionName):
        return value
    option = OPTIONS.get(name, f"--{name.replace('_', '-')}")
    if value is True or value is ...:
        return option
    if value is False:
        return f"--no-{option[2:]}"
    values = value if isinstance(value, tuple | list) else (value,)
    return " ".join(f"{option} {shlex.quote(str(single))}" for single in values)


def message_of(error: MetierError) -> ErrorMessage:
    """The message with options for parameters, and with the command that helps."""
    message = error.message(spell_option)
    if error.code not in FIXES:
        return message
    fields = {name: str(value) for name, value in error.parameters.items()}
    fix = Template(FIXES[error.code]).safe_substitute(fields, fix=message.fix or "")
    return message._replace(fix=fix.strip())


def report(error: Exception, debug: bool, *, as_json: bool = False) -> int:
    """Print an error on standard error.

    Args:
        error: what ended the command.
        debug: print the traceback before it.
        as_json: print the error as one line of JSON.

    Returns:
        The exit code.
    """
    if debug:
        remarks().print(Text("".join(traceback.format_exception(error))), soft_wrap=True)
    if _is_wrong_call(error) and not error.format_message():  # Typer has just printed the help
        return error.exit_code
    known = error if isinstance(error, MetierError) else _as_metier_error(error, debug)
    if as_json:
        sys.stderr.write(printable_json(json.dumps({"error": error_facts(known)})) + "\n")
    else:
        show_failure(known)
    return getattr(error, "exit_code", known.exit_code)


def report_of_stdout(problem: OSError, debug: bool, *, as_json: bool = False) -> int:
    """Print that standard output cannot be written; arguments and result as of `report`."""
    is_closed = problem.errno == errno.EBADF
    reason = "it is closed" if is_closed else problem.strerror or str(problem)
    error = InputError(
        f"Standard output cannot be written: {reason}.",
        fix="Let it lead to a terminal, a file or another program."
        if is_closed
        else "Make room for it, or let it lead to another disk.",
        code="output-not-written",
    )
    return report(error, debug, as_json=as_json)


def show_failure(error: MetierError) -> None:
    """Print an error as text."""
    what, why, fix = message_of(error)
    text = Text.assemble(("error: ", "bold red"), _one_screen(what))
    if why:
        text.append("\n" + _indented(_one_screen(why)))
    if fix:
        text.append("\n" + _indented(_one_screen(fix)), style="cyan")
    remarks().print(text, soft_wrap=True)


def error_facts(error: MetierError) -> dict[str, Any]:
    """An error as plain data, worded as on the command line."""
    what, why, fix = message_of(error)
    return {**error.to_dict(), "message": what, "why": why, "fix": fix}


def _as_metier_error(error: Exception, debug: bool) -> MetierError:
    if _is_wrong_call(error):
        return UsageError(error.format_message(), fix=_help_for(error))
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        name = f"The file {error.filename!r}" if error.filename else "A file"
        return InputError(
            f"{name} cannot be written: {error.strerror}.",
            fix="Make room on the disk, or choose another place with --out. Temporary files go to "
            "TMPDIR, and vectors to METIER_CACHE_DIR.",
            code="output-not-written",
        )
    if isinstance(error, FileNotFoundError) and _NO_TEMPORARY_FOLDER in str(error):
        return InputError(
            "There is no room for temporary files.",
            why=f"{error.strerror}.",
            fix="Make room on the disk, or name another folder with TMPDIR.",
            code="output-not-written",
        )
    return MetierError(
        f"{type(error).__name__}: {error}",
        why="metier did not expect this: it is a bug, of metier or of a plugin, or something "
        f"unusual in this environment.{_raised_at(error)}",
        fix=None if debug else "To see where it happened, run the same command with --debug.",
        code="unexpected",
    )


def _raised_at(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"\nRaised at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""


def _is_wrong_call(error: Exception) -> TypeGuard[_WrongCall]:
    return hasattr(error, "format_message") and hasattr(error, "exit_code")


def _help_for(error: object) -> str:
    command = getattr(getattr(error, "ctx", None), "command_path", "metier")
    return f"See: {command} --help"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _one_screen(text: str) -> str:
    lines = text.splitlines()
    short = "\n".join(lines[:_MOST_LINES])
    if len(lines) > _MOST_LINES:
        short += f"\n... and {len(lines) - _MOST_LINES} more lines"
    return short if len(short) <= _MOST_CHARACTERS else short[: _MOST_CHARACTERS - 3] + "..."
