"""What the libraries underneath may say in the terminal: nothing, unless --debug asks for it."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from metier.errors import MetierWarning

_SILENCE = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",  # of transformers too, which follows it
    "HF_HUB_VERBOSITY": "error",
    "TRANSFORMERS_VERBOSITY": "error",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "LANCEDB_LOG": "error",  # it warns of what it tries again by itself
}
"""Read by the libraries when they are imported. What the user has set stays."""

WIDTH = "120"
"""Columns where the output is no terminal: rich would take 80 and fold the tables."""


@contextmanager
def quiet(debug: bool) -> Iterator[None]:
    """Show a MetierWarning as one line on standard error and silence everyone else.

    With `debug`, other warnings and logs come through as well.
    """
    wanted = {} if debug else dict(_SILENCE)
    if not sys.stdout.isatty():
        wanted["COLUMNS"] = WIDTH
    added = {name: value for name, value in wanted.items() if name not in os.environ}
    nobody = logging.NullHandler()
    os.environ.update(added)
    if not debug:
        # without any handler Python writes the warnings of loggers to standard error itself
        logging.getLogger().addHandler(nobody)
    try:
        with warnings.catch_warnings():
            _show_as_notes(debug)
            yield
    finally:
        logging.getLogger().removeHandler(nobody)
        for name in added:
            os.environ.pop(name, None)


def _show_as_notes(debug: bool) -> None:
    others = warnings.showwarning
    said: set[str] = set()

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if not issubclass(category, MetierWarning):
            # asked here and not by a filter alone: libraries add filters of their own
            if debug:
                others(message, category, filename, lineno, file, line)
            return
        text = " ".join(str(message).split())
        if text not in said:
            said.add(text)
            from metier.cli.screen import note

            note(text)

    if not debug:
        warnings.simplefilter("ignore")
    warnings.simplefilter("always", MetierWarning)
    warnings.showwarning = show
