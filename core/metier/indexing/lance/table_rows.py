"""Conversion between rows of an index and rows of a LanceDB table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from metier.chunking.chunk import Chunk
from metier.indexing.lance.row_checksums import CHECKSUM
from metier.indexing.lance.sql import KINDS, NUMBER, columns_of
from metier.indexing.lance.tables import KEY
from metier.indexing.store import Analyze, Row

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow

COLUMNS = ("id", "document", "source", "text", "start", "end", "heading", "place", "fields")
"""The columns that `row_of` needs; `place` is the location of a chunk."""


def schema_of(dim: int) -> pyarrow.Schema:
    """Return the columns of a new table; columns for fields are added when they are needed."""
    import pyarrow as pa

    return pa.schema(
        [
            pa.field("id", pa.string(), nullable=False, metadata=KEY),
            pa.field("document", pa.string()),
            pa.field("source", pa.string()),
            pa.field("text", pa.string()),
            pa.field("start", pa.int64()),
            pa.field("end", pa.int64()),
            pa.field("heading", pa.string()),
            pa.field("place", pa.string()),
            pa.field("fields", pa.string()),
            pa.field("digest", pa.string()),
            pa.field("terms", pa.string()),
            pa.field("vector", pa.list_(pa.float16(), dim)),
            pa.field(CHECKSUM, pa.int64()),
        ]
    )


def field_columns(rows: Sequence[Row]) -> dict[str, pyarrow.DataType]:
    """Return the names and types of the columns for the fields and the checksums of rows."""
    import pyarrow as pa

    names = {name for row in rows for name in columns_of(row.compared)}
    types = {
        name: pa.float64() if name.startswith(NUMBER) else pa.string() for name in sorted(names)
    }
    return {**types, CHECKSUM: pa.int64()}


def table_of(
    rows: Sequence[Row],
    vectors: npt.NDArray[np.float32],
    analyze: Analyze,
    schema: pyarrow.Schema,
) -> pyarrow.Table:
    """Convert n rows and their (n, dim) vectors to a table with the columns of a schema.

    Fields that a row lacks are null.
    """
    import pyarrow as pa

    columns: dict[str, Any] = {
        "id": [row.chunk.id for row in rows],
        "document": [row.chunk.document_id for row in rows],
        "source": [row.source for row in rows],
        "text": [row.chunk.text for row in rows],
        "start": [row.chunk.start for row in rows],
        "end": [row.chunk.end for row in rows],
        "heading": [row.chunk.heading for row in rows],
        "place": [row.chunk.location for row in rows],
        "fields": [json.dumps(dict(row.fields), ensure_ascii=False) for row in rows],
        "digest": [row.digest for row in rows],
        "terms": [" ".join(analyze(row.chunk.content)) for row in rows],
        "vector": vectors_array(vectors.astype(np.float16)),
    }
    by_column = [columns_of(row.compared) for row in rows]
    written = [field for field in schema if field.name in columns or _is_field(field.name)]
    for field in written:
        if field.name not in columns:
            columns[field.name] = [values.get(field.name) for values in by_column]
    return pa.table([columns[field.name] for field in written], schema=pa.schema(written))


def vectors_array(vectors: npt.NDArray[Any]) -> pyarrow.Array:
    """Convert a (n, dim) array to a column of n lists of fixed length."""
    import pyarrow as pa

    flat = pa.array(np.ascontiguousarray(vectors).reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])


def vectors_of(table: pyarrow.Table | pyarrow.RecordBatch, dim: int) -> npt.NDArray[np.float32]:
    """Return the vectors of a table as (n, dim) unit rows; float16 changed their length a bit."""
    column = table["vector"]
    chunks = column.chunks if hasattr(column, "chunks") else [column]
    parts = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in chunks]
    flat = np.concatenate(parts) if parts else np.empty(0)
    vectors = flat.reshape(-1, dim).astype(np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    norms[norms == 0.0] = 1.0
    unit: npt.NDArray[np.float32] = vectors / norms
    return unit


def row_of(record: dict[str, Any]) -> Row:
    """Convert a record with the columns `COLUMNS` to a row."""
    chunk = Chunk(
        id=record["id"],
        document_id=record["document"],
        text=record["text"],
        start=record["start"],
        end=record["end"],
        heading=record["heading"],
        location=record["place"],
    )
    return Row(chunk, json.loads(record["fields"]), record["source"])


def _is_field(name: str) -> bool:
    return name.startswith(KINDS)
