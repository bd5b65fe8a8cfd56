"""Standard streams that are closed, full or gone, so that a command ends with a plain error."""

from __future__ import annotations

import io
import os
import sys
from typing import Any


class _WatchedFile(io.FileIO):
    """Standard output as a file that remembers why it could not be written.

    Attributes:
        problem: the first error of writing; None while there is none.
    """

    problem: OSError | None = None

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            self.problem = self.problem or error
            raise


_watched: _WatchedFile | None = None


def prepare_streams() -> None:
    """Make standard streams what a command can count on.

    A terminal that lacks a character shows a question mark. Where a stream is closed (`>&-`), its
    number is taken by a null device, or the next file that is opened would get it, and with it
    what is printed; writing to a closed standard output stays an error.
    """
    global _watched
    _watched = None
    if os.name == "posix":
        _fill_missing_streams()
        _watch_stdout()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def problem_of_stdout() -> OSError | None:
    """Why standard output could not be written; None if it could."""
    return None if _watched is None else _watched.problem


def abandon_stdout() -> None:
    """Let what was not written go nowhere.

    The reader is gone (`metier plugins | head -1`), or nothing more can be written. Python flushes
    once more at exit and would complain.
    """
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
    except (OSError, ValueError):
        return


def _fill_missing_streams() -> None:
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is not None:
            continue
        if _is_closed(number):
            # open for reading only, so that writing is an error; messages may go nowhere
            null = os.open(os.devnull, os.O_WRONLY if name == "stderr" else os.O_RDONLY)
            if null != number:
                os.dup2(null, number)
                os.close(null)
        if name != "stdin":  # reading from none is an error of its own
            setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", closefd=False))


def _is_closed(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return True
    return False


def _number_of(stream: io.TextIOWrapper) -> int | None:
    try:
        return stream.fileno()
    except OSError:
        return None


def _watch_stdout() -> None:
    global _watched
    stdout = sys.stdout
    if type(stdout) is not io.TextIOWrapper or _number_of(stdout) != 1:
        return  # a caller has put something else in its place
    stdout.flush()
    _watched = _WatchedFile(1, "w", closefd=False)
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(_watched),
        encoding=stdout.encoding,
        errors=stdout.errors,
        line_buffering=stdout.line_buffering,
    )
