"""Token states of passages that were looked at, kept in memory up to a number of bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence

from metier.models.embedder import TokenStates

LIMIT = 2**29
"""Bytes that are kept: some 700,000 tokens of 384 numbers."""


class StateMemory:
    """States by a key, the ones longest unused let go first. Safe to use from several threads.

    Args:
        limit: bytes; what is asked for at once may take more until it is answered.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._kept: OrderedDict[Hashable, TokenStates] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def bytes(self) -> int:
        """Memory in use."""
        return self._bytes

    def offer(self, key: Hashable, states: TokenStates) -> bool:
        """Keep states if there is room without letting others go.

        Returns:
            Whether there was.
        """
        with self._lock:
            if self._bytes + states.bytes > self._limit:
                return False
            self._keep(key, states)
            return True

    def get(
        self, keys: Sequence[Hashable], compute: Callable[[list[int]], Sequence[TokenStates]]
    ) -> list[TokenStates]:
        """The states of keys.

        Args:
            keys: of n texts.
            compute: makes those of places in `keys` that are not kept, equal ones once.
        """
        with self._lock:
            found = {key: self._kept[key] for key in keys if key in self._kept}
            for key in found:
                self._kept.move_to_end(key)
        first = {key: place for place, key in reversed(list(enumerate(keys))) if key not in found}
        missing = sorted(first.values())
        if missing:
            made = compute(missing)
            with self._lock:
                for place, states in zip(missing, made, strict=True):
                    found[keys[place]] = states
                    self._keep(keys[place], states)
        return [found[key] for key in keys]

    def _keep(self, key: Hashable, states: TokenStates) -> None:
        before = self._kept.pop(key, None)
        self._bytes += states.bytes - (before.bytes if before is not None else 0)
        self._kept[key] = states
        while self._bytes > self._limit:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= gone.bytes
