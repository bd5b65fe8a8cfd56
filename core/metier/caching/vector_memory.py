"""The vector cache in memory, for texts that are embedded repeatedly, such as a taxonomy."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from metier.models.embedder import Embedder, Embeddings

LIMIT = 16 * 1024**2
"""Maximum size in bytes: four thousand vectors of 1024 dimensions."""


class _Entry(NamedTuple):
    vector: npt.NDArray[np.float32]
    tokens: int
    truncated: bool


class VectorMemory:
    """Full vectors by key; the least recently used are dropped above a limit.

    Args:
        limit: maximum size of the vectors in bytes.
    """

    persistent = False

    def __init__(self, *, limit: int = LIMIT) -> None:
        self._limit = limit
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def find(self, keys: Sequence[bytes], dim: int) -> tuple[list[int], Embeddings]:
        """As `VectorCache.find`."""
        with self._lock:
            positions = [index for index, key in enumerate(keys) if key in self._entries]
            entries = [self._entries[keys[index]] for index in positions]
            for index in positions:
                self._entries.move_to_end(keys[index])
        vectors = np.empty((len(entries), dim), dtype=np.float32)
        for row, entry in enumerate(entries):
            vectors[row] = entry.vector
        return positions, Embeddings(
            vectors,
            np.array([entry.tokens for entry in entries], dtype=np.int32),
            np.array([entry.truncated for entry in entries], dtype=np.bool_),
        )

    def put(self, embedder: Embedder, keys: Sequence[bytes], encoded: Embeddings) -> None:
        """As `VectorCache.put`; the keys already depend on the model."""
        with self._lock:
            for index, key in enumerate(keys):
                # a copy, since a view would keep the whole array alive
                vector = encoded.vectors[index].copy()
                if key not in self._entries:
                    self._bytes += vector.nbytes
                self._entries[key] = _Entry(
                    vector, int(encoded.tokens[index]), bool(encoded.truncated[index])
                )
            while self._bytes > self._limit:
                _, dropped = self._entries.popitem(last=False)
                self._bytes -= dropped.vector.nbytes

    @property
    def nbytes(self) -> int:
        """Size of the vectors in bytes."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._entries)
