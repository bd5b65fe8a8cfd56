"""Key/value cache of prefixes: an instruction is computed once and shared by its texts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from metier.errors import ModelError
from metier.models.batching import Tokens, is_out_of_memory
from metier.models.kernels.decoder import Decoder, Prefix

LIMIT = 256 * 1024**2
"""Bytes of states kept: over 60 instructions of 35 tokens with the 0.6B model in bfloat16."""


class PrefixCache:
    """Prefixes of one decoder, the least recently used dropped when they exceed a byte limit."""

    def __init__(self, decoder: Decoder, *, limit: int = LIMIT) -> None:
        self._decoder = decoder
        self._limit = limit
        self._kept: OrderedDict[bytes, Prefix] = OrderedDict()
        self._lock = threading.RLock()

    def get(self, pieces: Sequence[Tokens]) -> Prefix:
        """The prefix of all pieces, one after the other.

        The prefix that ends with each piece is kept: a reranker's system text and instruction are
        shared by all queries, and each query by all of its documents.

        Args:
            pieces: at least one, each a sequence of token ids.

        Raises:
            ModelError: the device has too little memory for them.
        """
        prefix: Prefix | None = None
        for end in range(1, len(pieces) + 1):
            key = np.concatenate(pieces[:end]).tobytes()
            longer = self._recall(key)
            if longer is None:
                longer = self._compute(pieces[end - 1], prefix)
                self._keep(key, longer)
            prefix = longer
        if prefix is None:
            raise ValueError("a prefix has at least one piece")
        return prefix

    @property
    def nbytes(self) -> int:
        """Memory of the states kept now."""
        with self._lock:
            return sum(prefix.nbytes for prefix in self._kept.values())

    def __len__(self) -> int:
        return len(self._kept)

    def _compute(self, piece: Tokens, before: Prefix | None) -> Prefix:
        try:
            return self._decoder.prefix(piece, before)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            count = len(piece) + (before.length if before is not None else 0)
            raise ModelError(
                f"The {count} tokens that stand before each text, of the instruction or the query, "
                "need more memory than there is.",
                fix="Shorten them, use a smaller model, or free memory on the device.",
            ) from error

    def _recall(self, key: bytes) -> Prefix | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: bytes, prefix: Prefix) -> None:
        if prefix.nbytes > self._limit:
            return
        with self._lock:
            self._kept[key] = prefix
            while self.nbytes > self._limit:
                self._kept.popitem(last=False)
