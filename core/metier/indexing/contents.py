"""What an index holds: its chunks with their vectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metier.retrieval.vectors import Vectors

if TYPE_CHECKING:
    from metier.chunking.chunk import Chunk
    from metier.indexing.conditions import Condition
    from metier.indexing.field_values import Value
    from metier.indexing.store import Row, Store

_BLOCK = 8192
"""Number of chunks read at a time."""


@dataclass(frozen=True, slots=True)
class IndexedChunk:
    """A chunk of an index.

    Attributes:
        chunk: the text and its location.
        fields: of its document and, above them, of its section.
        source: what the document came from, such as a file or a folder.
    """

    chunk: Chunk
    fields: Mapping[str, Value]
    source: str


@dataclass(frozen=True, slots=True)
class IndexContents:
    """Chunks of an index with their vectors.

    Attributes:
        chunks: n of them, by document and in each in the order of the text.
        vectors: (n, dim) unit vectors of the chunks, as documents.
    """

    chunks: tuple[IndexedChunk, ...]
    vectors: Vectors


def read_contents(store: Store, where: Condition | None = None) -> IndexContents:
    """Read the chunks of a store that meet a condition, and their vectors."""
    rows: list[Row] = []
    vectors = []
    with store.snapshot():
        provenance = store.manifest.provenance
        ids = [chunk for document in store.contents().values() for chunk in document.chunks]
        for start in range(0, len(ids), _BLOCK):
            block = store.rows(ids[start : start + _BLOCK])
            if where is not None:
                block = [row for row in block if where.holds(row.compared)]
            vectors.append(store.vectors([row.chunk.id for row in block]))
            rows += block
    order = sorted(range(len(rows)), key=lambda row: _position(rows[row].chunk))
    plain = np.concatenate([np.zeros((0, provenance.dim), np.float32), *vectors])[order]
    chunks = (IndexedChunk(rows[row].chunk, rows[row].fields, rows[row].source) for row in order)
    return IndexContents(tuple(chunks), Vectors.of(plain, provenance))


def _position(chunk: Chunk) -> tuple[str, int, str]:
    return chunk.document_id, chunk.start, chunk.id
