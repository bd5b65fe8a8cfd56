"""Errors as people see them: what failed, why, what to do; one screen, no traceback."""

from __future__ import annotations

import traceback
from typing import Protocol, TypeGuard

from rich.text import Text

from metier.cli.terminal import remarks
from metier.errors import MetierError

_MOST_CHARACTERS = 2000
_MOST_LINES = 20


class _WrongCall(Protocol):
    """What Typer raises for a wrong option; only the methods are public, not the class."""

    exit_code: int

    def format_message(self) -> str: ...


def report(error: Exception, debug: bool) -> int:
    """Print an error on standard error.

    Args:
        error: what ended the command.
        debug: print the traceback before it.

    Returns:
        The exit code.
    """
    if debug:
        remarks().print(Text("".join(traceback.format_exception(error))), soft_wrap=True)
    if isinstance(error, MetierError):
        _show(error.what, error.why, error.fix)
        return error.exit_code
    if _is_wrong_call(error):
        if message := error.format_message():  # none where Typer has just printed the help
            _show(message, None, _help_for(error))
        return error.exit_code
    _show(
        f"{type(error).__name__}: {error}",
        "metier did not expect this: it is a bug, of metier or of a plugin, or something unusual "
        f"in this environment.{_raised_at(error)}",
        None if debug else "To see where it happened, run the same command with --debug.",
    )
    return 1


def _raised_at(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"\nRaised at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""


def show_failure(error: MetierError) -> None:
    """Print an error that does not end the command."""
    _show(error.what, error.why, error.fix)


def _show(what: str, why: str | None, fix: str | None) -> None:
    message = Text.assemble(("error: ", "bold red"), _one_screen(what))
    if why:
        message.append("\n" + _indented(_one_screen(why)))
    if fix:
        message.append("\n" + _indented(_one_screen(fix)), style="cyan")
    remarks().print(message, soft_wrap=True)


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
