"""Progress of long work: a protocol, a silent implementation and a bar for terminals."""

from __future__ import annotations

import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import TaskID


class Progress(Protocol):
    """Receives the progress of long work. `advance` counts items (texts, files), never bytes.

    A Runtime that is shared by threads reports to one progress from all of them. `advance` and
    `end` are about the work that the calling thread began last.
    """

    def begin(self, label: str, total: int) -> None:
        """Begin work of `total` items."""

    def advance(self, items: int = 1) -> None:
        """Count `items` more as done."""

    def end(self) -> None:
        """End the work begun last, finished or not."""


class NoProgress:
    """Shows nothing."""

    def begin(self, label: str, total: int) -> None:
        pass

    def advance(self, items: int = 1) -> None:
        pass

    def end(self) -> None:
        pass


class Bar:
    """A progress bar on standard error, with a line for each piece of work under way."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self._columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        self._make = RichProgress
        self._console = Console(stderr=True)
        self._bar: RichProgress | None = None
        self._lock = threading.Lock()
        self._tasks: dict[int, list[TaskID]] = defaultdict(list)  # by thread, newest last

    def begin(self, label: str, total: int) -> None:
        with self._lock:
            if self._bar is None:
                self._bar = self._make(*self._columns, console=self._console, transient=True)
                self._bar.start()
            self._tasks[threading.get_ident()].append(self._bar.add_task(label, total=total))

    def advance(self, items: int = 1) -> None:
        with self._lock:
            tasks = self._tasks.get(threading.get_ident())
            if self._bar is not None and tasks:
                self._bar.advance(tasks[-1], items)

    def end(self) -> None:
        with self._lock:
            tasks = self._tasks.get(threading.get_ident())
            if self._bar is None or not tasks:
                return
            task = tasks.pop()
            if not tasks:
                del self._tasks[threading.get_ident()]
            if self._tasks:
                self._bar.remove_task(task)
            else:  # the last line stays until the bar is gone
                self._bar.stop()
                self._bar = None


def choose_progress(progress: Progress | bool | None) -> Progress:
    """The progress of a call: True for a bar, False for none, None for a bar in a terminal.

    Args:
        progress: a progress, which is returned as it is, or how to choose one. A terminal is
            recognized by standard error.
    """
    if progress is None:
        # a program without a console has no standard error
        progress = sys.stderr is not None and sys.stderr.isatty()
    if isinstance(progress, bool):
        return Bar() if progress else NoProgress()
    return progress


@contextmanager
def working(progress: Progress, label: str, total: int) -> Iterator[Progress]:
    """Begin a piece of work, and end it whatever happens."""
    progress.begin(label, total)
    try:
        yield progress
    finally:
        progress.end()
