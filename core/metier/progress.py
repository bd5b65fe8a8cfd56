"""Progress of long work: a small protocol, a silent one, and a bar that shows in terminals only."""

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
    """What long work reports to. `advance` counts items (texts, files), never bytes or batches.

    A Runtime that several threads share reports to one progress from all of them. What a thread
    tells is about the work that it began itself.
    """

    def begin(self, label: str, total: int) -> None:
        """Work of `total` items starts."""

    def advance(self, items: int = 1) -> None:
        """`items` more are done."""

    def end(self) -> None:
        """The work begun last is over, finished or not."""


class NoProgress:
    """Reports to nobody."""

    def begin(self, label: str, total: int) -> None:
        pass

    def advance(self, items: int = 1) -> None:
        pass

    def end(self) -> None:
        pass


class Bar:
    """A progress bar on standard error, with a line for each work that goes on at once."""

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
        self._tasks: dict[int, list[TaskID]] = defaultdict(list)  # of each thread, newest last

    def begin(self, label: str, total: int) -> None:
        with self._lock:
            if self._bar is None:
                self._bar = self._make(*self._columns, console=self._console, transient=True)
                self._bar.start()
            self._tasks[threading.get_ident()].append(self._bar.add_task(label, total=total))

    def advance(self, items: int = 1) -> None:
        with self._lock:
            own = self._tasks.get(threading.get_ident())
            if self._bar is not None and own:
                self._bar.advance(own[-1], items)

    def end(self) -> None:
        with self._lock:
            own = self._tasks.get(threading.get_ident())
            if self._bar is None or not own:
                return
            task = own.pop()
            if not own:
                del self._tasks[threading.get_ident()]
            if self._tasks:
                self._bar.remove_task(task)
            else:  # the last line stays until the bar is gone
                self._bar.stop()
                self._bar = None


def choose_progress(progress: Progress | bool | None) -> Progress:
    """`True` is a bar, `False` silence, `None` a bar if standard error is a terminal."""
    if progress is None:
        # a program without a console has no standard error
        progress = sys.stderr is not None and sys.stderr.isatty()
    if isinstance(progress, bool):
        return Bar() if progress else NoProgress()
    return progress


@contextmanager
def working(progress: Progress, label: str, total: int) -> Iterator[Progress]:
    """Begin and, whatever happens, end a piece of work."""
    progress.begin(label, total)
    try:
        yield progress
    finally:
        progress.end()
