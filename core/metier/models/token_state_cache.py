"""`TokenStateCache`: token states of texts, kept in memory up to a limit."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metier.models.embedder import TokenStates

LIMIT = 2**29
"""Bytes of token states that are kept: some 700,000 tokens of 384 dimensions."""


class TokenStateCache:
    """Token states by a key; the least recently used are removed first. Thread-safe.

    Args:
        limit: bytes; what one call asks for may take more until it is answered.
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
        """Keep states if there is room without removing others.

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
            compute: makes those at positions in `keys` that are not kept, equal ones once.
        """
        with self._lock:
            known = {key: self._kept[key] for key in keys if key in self._kept}
            for key in known:
                self._kept.move_to_end(key)
        first = {key: position for position, key in reversed(list(enumerate(keys)))}
        missing = sorted(position for key, position in first.items() if key not in known)
        if missing:
            computed = compute(missing)
            with self._lock:
                for position, states in zip(missing, computed, strict=True):
                    known[keys[position]] = states
                    self._keep(keys[position], states)
        return [known[key] for key in keys]

    def _keep(self, key: Hashable, states: TokenStates) -> None:
        before = self._kept.pop(key, None)
        self._bytes += states.bytes - (before.bytes if before is not None else 0)
        self._kept[key] = states
        while self._bytes > self._limit:
            _, removed = self._kept.popitem(last=False)
            self._bytes -= removed.bytes
