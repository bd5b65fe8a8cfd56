"""Rows and vectors that a store can hold without a model."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from metier.chunking.chunk import Chunk
from metier.indexing.manifest import Manifest
from metier.indexing.store import Row
from metier.registry.provenance import Provenance

DIM = 16
MANIFEST = Manifest(
    Provenance("toy", "f" * 16, DIM), "0", "core", {"version": 1, "max_tokens": 99, "overlap": 0}
)


def row(number: int, /, **fields: object) -> Row:
    """The row of a document with one chunk."""
    text = f"text number {number}"
    chunk = Chunk(f"{number:032x}", f"document {number}", text, 0, len(text), "", f"line {number}")
    return Row(chunk, fields, "the input")


def rows(numbers: Iterable[int]) -> list[Row]:
    """Rows of documents with the fields `number` and `kind`."""
    return [
        row(number, number=number, kind="even" if number % 2 == 0 else "odd") for number in numbers
    ]


def vectors(numbers: Iterable[int], dim: int = DIM) -> npt.NDArray[np.float32]:
    """One unit vector for each number; they all differ."""
    drawn = np.stack([np.random.default_rng(number).normal(size=dim) for number in numbers])
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn.astype(np.float32)
