"""Vectors in memory, for texts that are embedded again and again, such as those of a taxonomy."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from metier.models.embedder import Embedder, Embeddings

LIMIT = 16 * 1024**2
"""Bytes of vectors kept: four thousand sentences at 1024 numbers."""


class _Entry(NamedTuple):
    vector: npt.NDArray[np.float32]
    tokens: int
    truncated: bool


class VectorMemory:
    """Full vectors by key, those not used for longest dropped when they exceed a byte limit.

    Args:
        limit: bytes of vectors it may hold.
    """

    lasting = False

    def __init__(self, *, limit: int = LIMIT) -> None:
        self._limit = limit
        self._kept: OrderedDict[bytes, _Entry] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def find(self, keys: Sequence[bytes], dim: int) -> tuple[list[int], Embeddings]:
        """As `VectorCache.find`."""
        with self._lock:
            places = [place for place, key in enumerate(keys) if key in self._kept]
            found = [self._kept[keys[place]] for place in places]
            for place in places:
                self._kept.move_to_end(keys[place])
        vectors = np.empty((len(found), dim), dtype=np.float32)
        for row, one in enumerate(found):
            vectors[row] = one.vector
        return places, Embeddings(
            vectors,
            np.array([one.tokens for one in found], dtype=np.int32),
            np.array([one.truncated for one in found], dtype=np.bool_),
        )

    def put(self, embedder: Embedder, keys: Sequence[bytes], encoded: Embeddings) -> None:
        """As `VectorCache.put`; the keys alone tell models apart."""
        with self._lock:
            for place, key in enumerate(keys):
                # a copy: a row of the call's array would keep all of it alive
                vector = encoded.vectors[place].copy()
                if key not in self._kept:
                    self._bytes += vector.nbytes
                self._kept[key] = _Entry(
                    vector, int(encoded.tokens[place]), bool(encoded.truncated[place])
                )
            while self._bytes > self._limit:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= dropped.vector.nbytes

    @property
    def nbytes(self) -> int:
        """Memory of the vectors kept now."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._kept)
