"""What plugins print: standard output belongs to results, so it goes to standard error."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_lock = threading.Lock()
_inside = 0
_own: tuple[TextIO, TextIO] | None = None


@contextmanager
def on_stderr() -> Iterator[None]:
    """Send what is printed meanwhile to standard error.

    Threads may enter and leave in any order: the first one in redirects, the last one out restores.
    Streams that a plugin puts in the place of either are taken away again: results would go there.
    """
    global _inside, _own
    with _lock:
        if not _inside:
            _own = sys.stdout, sys.stderr
            sys.stdout = sys.stderr
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside and _own is not None:
                sys.stdout, sys.stderr = _own
                _own = None
