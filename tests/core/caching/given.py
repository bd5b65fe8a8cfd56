"""An embedder as the cache sees one, and vectors that are known without a model."""

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
class Made:
    """What a cache asks of the embedder that made its vectors."""

    fingerprint: str = "f" * 16
    dtype: str = "float32"
    profile: ModelProfile = PROFILE


def keys(first: int, last: int) -> list[bytes]:
    return [number.to_bytes(32, "big") for number in range(first, last)]


def encoded(first: int, last: int) -> Embeddings:
    """Unit vectors that differ, one for each number."""
    rows = np.stack([np.random.default_rng(one).normal(size=DIM) for one in range(first, last)])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    numbers = np.arange(first, last)
    return Embeddings(rows.astype(np.float32), numbers.astype(np.int32), numbers % 2 == 0)


def fill(cache: VectorStore, first: int, last: int, made: Made | None = None) -> None:
    cache.put(made or Made(), keys(first, last), encoded(first, last))


def held(cache: VectorStore, first: int, last: int) -> list[int]:
    """The numbers whose vectors are kept; each must be the one that was put."""
    places, found = cache.find(keys(first, last), DIM)
    numbers = [first + place for place in places]
    for row, number in enumerate(numbers):
        own = encoded(number, number + 1)
        assert (found.vectors[row] == own.vectors[0]).all()
        assert (found.tokens[row], found.truncated[row]) == (own.tokens[0], own.truncated[0])
    return numbers


def run_sql(cache: VectorCache, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file_of(cache))) as connection, connection:
        return connection.execute(statement).fetchall()


def file_of(cache: VectorCache) -> Path:
    return cache.info().path
