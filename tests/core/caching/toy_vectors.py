"""Keys and vectors that a cache can store without a model."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from metier import Embeddings, ModelProfile, VectorCache
from metier.caching.cached_embedder import VectorStore

DIM = 64
PROFILE = ModelProfile("toy", "toy", "0", DIM, True, 32, 99, False)


@dataclass(frozen=True)
class ToyEmbedder:
    """The attributes of an embedder that a cache stores."""

    fingerprint: str = "f" * 16
    dtype: str = "float32"
    profile: ModelProfile = PROFILE


def keys(first: int, last: int) -> list[bytes]:
    """One key for each number."""
    return [number.to_bytes(32, "big") for number in range(first, last)]


def embeddings(first: int, last: int) -> Embeddings:
    """One unit vector for each number; they all differ."""
    numbers = np.arange(first, last)
    rows = np.stack([np.random.default_rng(number).normal(size=DIM) for number in numbers])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return Embeddings(rows.astype(np.float32), numbers.astype(np.int32), numbers % 2 == 0)


def fill(cache: VectorStore, first: int, last: int, embedder: ToyEmbedder | None = None) -> None:
    """Store the vectors of some numbers."""
    cache.put(embedder or ToyEmbedder(), keys(first, last), embeddings(first, last))


def stored(cache: VectorStore, first: int, last: int) -> list[int]:
    """The numbers whose vectors are in the cache; each vector must be the one that was stored."""
    positions, cached = cache.find(keys(first, last), DIM)
    numbers = [first + position for position in positions]
    for row, number in enumerate(numbers):
        own = embeddings(number, number + 1)
        assert (cached.vectors[row] == own.vectors[0]).all()
        assert (cached.tokens[row], cached.truncated[row]) == (own.tokens[0], own.truncated[0])
    return numbers


def run_sql(cache: VectorCache, statement: str) -> list[tuple[object, ...]]:
    """Run a statement on the file of a cache."""
    with closing(sqlite3.connect(file_of(cache))) as connection, connection:
        return connection.execute(statement).fetchall()


def file_of(cache: VectorCache) -> Path:
    """The file of a cache."""
    return cache.info().path
