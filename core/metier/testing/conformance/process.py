"""A new process with this one's Python and path, and the way its answers come back."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


def command(module: str, *arguments: str) -> list[str]:
    """What runs a module of metier in a new process."""
    # -P: the folder this is called from is no part of the path unless it was
    return [sys.executable, "-P", "-m", module, *arguments]


def search_path() -> str:
    """PYTHONPATH of a process that finds what this one finds, whatever folder it runs in."""
    # what is no folder may mean something to the hook of an editable install
    known = (os.path.abspath(one) if os.path.isdir(one or ".") else one for one in sys.path)
    return os.pathsep.join(known)


@contextmanager
def answering() -> Iterator[Callable[[Any], None]]:
    """In the new process: a function that writes an answer as a line of JSON to standard output.

    It is the only way there: all that is printed, by whatever means, goes to standard error.
    """
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as channel:
        os.dup2(2, 1)

        def answer(value: Any) -> None:
            channel.write(json.dumps(value) + "\n")
            channel.flush()

        yield answer
