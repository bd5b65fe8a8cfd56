"""Connections whose reads and writes end with the time of a request, or when it is given up."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2
import httpx2

_STEP = 0.2
"""Seconds after which a read or a pause looks whether it is given up."""

_CHUNK = 65_536
"""Bytes that are written before the time is looked at."""

_request = threading.local()  # of the request that this thread makes: `until` and `stop`


class AbandonedRequestError(Exception):
    """A request that nobody waits for any more, as after Ctrl-C."""


def abandon_requests_when(stop: threading.Event) -> None:
    """Let every request that this thread makes from now on end soon after `stop` is set."""
    _request.stop = stop


@contextmanager
def ending_at(until: float) -> Iterator[None]:
    """Let the network traffic of this thread end at a time of `time.monotonic`."""
    _request.until = until
    try:
        yield
    finally:
        _request.until = None


def check_abandonment() -> None:
    """Raise AbandonedRequestError if requests of this thread are given up."""
    stop: threading.Event | None = getattr(_request, "stop", None)
    if stop is not None and stop.is_set():
        raise AbandonedRequestError


def pause(seconds: float) -> None:
    """Sleep.

    Raises:
        AbandonedRequestError: the request is given up before or meanwhile.
    """
    check_abandonment()
    if getattr(_request, "stop", None) is None:
        time.sleep(seconds)
        return
    for _ in range(int(seconds / _STEP)):
        time.sleep(_STEP)
        check_abandonment()
    time.sleep(seconds % _STEP)


def limit_time(client: httpx2.Client) -> None:
    """Let the connections of a client heed `ending_at` and `abandon_requests_when`.

    The timeouts of httpx are for each read. A server that sends a byte at a time, in headers, too,
    never reaches them.
    """
    # httpx has no argument for the backend of its pools, httpcore has
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, httpx2.HTTPTransport):
            pool = transport._pool
            pool._network_backend = _Backend(pool._network_backend)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, backend: httpcore2.NetworkBackend) -> None:
        self._backend = backend

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        left = _left(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._backend.connect_tcp(host, port, left, local_address, socket_options))

    def sleep(self, seconds: float) -> None:
        pause(seconds)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            wait = None if end is None else end - time.monotonic()
            left = _left(wait, httpcore2.ReadTimeout)
            step = _STEP if left is None else min(left, _STEP)
            try:
                return self._stream.read(max_bytes, step)
            except httpcore2.ReadTimeout:
                continue

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _CHUNK):
            left = _left(timeout, httpcore2.WriteTimeout)
            self._stream.write(buffer[start : start + _CHUNK], left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = _left(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None, error: type[Exception]) -> float | None:
    """Seconds until the first of a timeout and the end of the request; raises after it."""
    check_abandonment()
    until: float | None = getattr(_request, "until", None)
    ends = [] if until is None else [until - time.monotonic()]
    left = min([*ends, *([] if timeout is None else [timeout])], default=None)
    if left is not None and left <= 0:
        raise error("timed out")
    return left
