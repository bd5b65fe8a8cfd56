"""Old versions of tables: how long they stay on disk, and whether somebody may be reading them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from metier.indexing.lance.table_files import table_folders

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

RETENTION = timedelta(hours=1)
"""How long a version stays after another replaced it, for those who read it."""

SHORT_RETENTION = timedelta(minutes=10)
"""The same where old versions take much room, and it is not known whether anybody reads them. A
search reads one version, and ends long before."""

_DEAD_BYTES = 32_000_000
"""Bytes that old versions may take, beside as many as the index itself."""

_MANY_VERSIONS = 100
"""Versions that are many for an index in an object store, where files are not counted."""

NOW = timedelta(milliseconds=1)
"""The least that LanceDB takes without a warning of readers, which the lock speaks for."""

_MARGIN = timedelta(seconds=1)

_ATTEMPTS = 25
_PAUSE = 0.2
"""How often, and after how many seconds, an exclusive lock is tried."""


@contextmanager
def shared(folder: Path | None) -> Iterator[None]:
    """Return a context in which no process removes versions that are being read in it.

    The lock is of the folder itself: it needs no file and no permission to write, and ends with
    the process. There is none in object stores and on Windows.
    """
    with _locked(folder, exclusive=False):
        yield


@contextmanager
def exclusive(folder: Path | None) -> Iterator[bool]:
    """Yield whether nobody else reads or writes, for as long as the context lasts.

    Searches and writes of others that are under way are waited for, for some seconds. In object
    stores and on Windows it is not known, and nobody is taken to.
    """
    if folder is None or fcntl is None:
        yield True
        return
    for attempt in range(_ATTEMPTS):
        with _locked(folder, exclusive=True) as is_locked:
            if is_locked or attempt + 1 == _ATTEMPTS:
                yield is_locked
                return
        time.sleep(_PAUSE)


@contextmanager
def _locked(folder: Path | None, *, exclusive: bool) -> Iterator[bool]:
    """Yield whether the lock of a folder was acquired; waits only if it is not exclusive."""
    if folder is None or fcntl is None:
        yield False
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB if exclusive else fcntl.LOCK_SH)
            is_locked = True
        except OSError:  # somebody reads, or the file system has no locks
            is_locked = False
        yield is_locked
    finally:
        os.close(descriptor)


def take_much(table: Any, folder: Path | None) -> bool:
    """Return whether old versions take more room than the index.

    Args:
        table: the table of chunks.
        folder: of the index; None in an object store.
    """
    if folder is None:
        return len(table.list_versions()) > _MANY_VERSIONS
    live = int(table.stats()["total_bytes"])
    return sum(map(_bytes_in, table_folders(folder))) > 2 * live + _DEAD_BYTES


def remove_old(table: Any, folder: Path | None, *, is_large: bool) -> bool:
    """Compact a table and remove versions that nobody reads; return whether it was done.

    Args:
        table: a LanceDB table.
        folder: of the index; None in an object store.
        is_large: whether old versions take much room, see `take_much`.
    """
    if is_large:
        with _locked(folder, exclusive=True) as nobody_reads:
            if nobody_reads:
                table.optimize(cleanup_older_than=NOW)
                return True
    age = age_to_remove(
        [version["timestamp"] for version in table.list_versions()],
        SHORT_RETENTION if is_large else RETENTION,
        datetime.now(),
    )
    if age is not None:
        table.optimize(cleanup_older_than=age)
    return age is not None


def age_to_remove(times: list[datetime], retention: timedelta, now: datetime) -> timedelta | None:
    """Return the age from which versions can be removed; None if none of them can.

    A version that is days old may have been replaced a moment ago, and somebody may be reading it.
    What counts is when the next one was made.

    Args:
        times: when each version was made, oldest first.
        retention: how long a version stays after it was replaced.
        now: the time.
    """
    kept = max((i for i, time in enumerate(times) if time <= now - retention), default=0)
    if kept == 0:
        return None
    return now - times[kept] + min(_MARGIN, (times[kept] - times[kept - 1]) / 2)


def _bytes_in(folder: Path) -> int:
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(root, name)).st_size
            except FileNotFoundError:  # another process removed it
                continue
    return total
