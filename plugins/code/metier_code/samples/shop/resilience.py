"""Retries, rate limits and caching for calls to other services."""

from __future__ import annotations

import random
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def backoff_delay(attempt: int, base: float = 0.2, ceiling: float = 30.0) -> float:
    return min(ceiling, base * 2**attempt) * random.uniform(0.5, 1.0)


def retry(
    call: Callable[[], T],
    attempts: int = 5,
    retry_on: type[Exception] = OSError,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Try a flaky call again with exponential backoff and jitter, then give up."""
    for attempt in range(attempts - 1):
        try:
            return call()
        except retry_on:
            sleep(backoff_delay(attempt))
    return call()


class TokenBucket:
    """Rate limiter that allows short bursts above a steady pace."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic):
        self._rate, self._burst, self._clock = rate, burst, clock
        self._tokens, self._stamp = float(burst), clock()

    def allow(self, cost: float = 1.0) -> bool:
        """Take a token if one is left; otherwise the request should be refused."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._stamp) * self._rate)
        self._stamp = now
        if self._tokens < cost:
            return False
        self._tokens -= cost
        return True


class LRUCache(Generic[K, V]):
    """Bounded mapping that drops whatever was used least recently."""

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError("capacity must be at least 1")
        self._capacity = capacity
        self._items: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K, default: V | None = None) -> V | None:
        if key not in self._items:
            return default
        self._items.move_to_end(key)
        return self._items[key]

    def put(self, key: K, value: V) -> None:
        """Store a value, evicting the oldest entry when the cache is full."""
        self._items[key] = value
        self._items.move_to_end(key)
        if len(self._items) > self._capacity:
            self._items.popitem(last=False)
