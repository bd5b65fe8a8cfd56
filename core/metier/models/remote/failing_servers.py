"""Servers that failed several times in a row, to which nothing is sent for a while."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pybreaker

BREAK_AFTER, BREAK_FOR = 3, 30.0
"""Calls that fail in a row before no more are made, and for how many seconds."""


class _Failure(Exception):
    pass


class ServerRecord:
    """What came of the last calls of a server. Calls may run side by side.

    The outcome of a call is noted when it is there. `CircuitBreaker.call` with the call itself
    would hold its lock meanwhile, so that calls would wait for each other.
    """

    def __init__(self) -> None:
        self._storage = pybreaker.CircuitMemoryStorage(pybreaker.STATE_CLOSED)
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=BREAK_AFTER,
            reset_timeout=BREAK_FOR,
            state_storage=self._storage,
            throw_new_error_on_trip=False,
        )

    @property
    def is_failing(self) -> bool:
        """Whether nothing is to be sent now."""
        opened = self._storage.opened_at
        if self._breaker.current_state != pybreaker.STATE_OPEN or opened is None:
            return False
        return datetime.now(UTC) < opened + timedelta(seconds=BREAK_FOR)

    def note(self, *, failed: bool) -> None:
        """Note that a call failed, or that the server answered."""

        def outcome() -> None:
            if failed:
                raise _Failure

        # calls that began before others failed come to their ends while the breaker is open
        with suppress(_Failure, pybreaker.CircuitBreakerError):
            self._breaker.call(outcome)


_records: dict[str, ServerRecord] = {}
_lock = threading.Lock()


def record_of(url: str) -> ServerRecord:
    """The record of a server, one for all connections of this process."""
    with _lock:
        return _records.setdefault(url, ServerRecord())
