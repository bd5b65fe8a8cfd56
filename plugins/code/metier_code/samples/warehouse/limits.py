"""Limits on calls to the carriers' services."""

from __future__ import annotations

import time
from collections.abc import Callable


class CarrierQuota:
    """Labels that may be printed within a while, with short bursts above it."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic):
        self._rate, self._burst, self._clock = rate, burst, clock
        self._tokens, self._stamp = float(burst), clock()

    def allow(self, cost: float = 1.0) -> bool:
        # the carrier counts per second
        now = self._clock()
        self._tokens = min(
            self._burst, self._tokens + (now - self._stamp) * self._rate
        )
        self._stamp = now

        if self._tokens < cost:
            return False
        self._tokens -= cost
        return True


class LabelCache:
    """Labels that were printed lately."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._labels: dict[str, bytes] = {}

    def put(self, parcel: str, label: bytes) -> None:
        self._labels[parcel] = label
        while len(self._labels) > self._capacity:
            self._labels.pop(next(iter(self._labels)))
