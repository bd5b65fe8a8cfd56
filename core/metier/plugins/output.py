"""What plugins print: standard output belongs to results, so it goes to standard error."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_lock = threading.Lock()
_inside = 0
_own: TextIO | None = None
_put: TextIO | None = None


@contextmanager
def on_stderr() -> Iterator[None]:
    """Send what is printed meanwhile to standard error.

    Threads may enter and leave in any order: the first one in redirects, the last one out restores.
    """
    global _inside, _own, _put
    with _lock:
        if not _inside:
            _own, _put = sys.stdout, sys.stderr
            sys.stdout = sys.stderr
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                if sys.stdout is _put and _own is not None:
                    sys.stdout = _own
                _own = _put = None
