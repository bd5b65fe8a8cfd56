"""Rows of an index as rows of a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from metier.chunking.chunk import Chunk
from metier.indexing.lance.sql import KINDS, TEXT, columns_of
from metier.indexing.lance.tables import KEY
from metier.indexing.store import Analyze, Row

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow

COLUMNS = ("id", "document", "source", "text", "start", "end", "heading", "place", "fields")
"""Columns of which a row is made again."""


def schema_of(dim: int) -> pyarrow.Schema:
    """The columns of a new table; those of fields are added as they come."""
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
        ]
    )


def field_columns(rows: Sequence[Row]) -> dict[str, pyarrow.DataType]:
    """The columns that the fields of rows need, with their types."""
    import pyarrow as pa

    names = {name for row in rows for name in columns_of(row.fields)}
    return {name: pa.string() if name.startswith(TEXT) else pa.float64() for name in sorted(names)}


def table_of(
    rows: Sequence[Row],
    vectors: npt.NDArray[np.float32],
    analyze: Analyze,
    schema: pyarrow.Schema,
) -> pyarrow.Table:
    """Rows and vectors for a table with these columns; what a row lacks is null there."""
    import pyarrow as pa

    columns: dict[str, Any] = {
        "id": [row.chunk.id for row in rows],
        "document": [row.chunk.document_id for row in rows],
        "source": [row.source for row in rows],
        "text": [row.chunk.text for row in rows],
        "start": [row.chunk.start for row in rows],
        "end": [row.chunk.end for row in rows],
        "heading": [row.chunk.heading for row in rows],
        "place": [row.chunk.place for row in rows],
        "fields": [json.dumps(dict(row.fields), ensure_ascii=False) for row in rows],
        "digest": [row.digest for row in rows],
        "terms": [" ".join(analyze(row.chunk.content)) for row in rows],
        "vector": vectors_array(vectors.astype(np.float16)),
    }
    by_column = [columns_of(row.fields) for row in rows]
    kept = [field for field in schema if field.name in columns or _is_field(field.name)]
    for field in kept:
        if field.name not in columns:
            columns[field.name] = [found.get(field.name) for found in by_column]
    return pa.table([columns[field.name] for field in kept], schema=pa.schema(kept))


def vectors_array(vectors: npt.NDArray[Any]) -> pyarrow.Array:
    """(n, dim) as a column of lists of fixed length."""
    import pyarrow as pa

    flat = pa.array(np.ascontiguousarray(vectors).reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])


def vectors_of(table: pyarrow.Table | pyarrow.RecordBatch, dim: int) -> npt.NDArray[np.float32]:
    """(n, dim) unit rows of a table's vectors, which 16-bit numbers left a little off."""
    column = table["vector"]
    chunks = column.chunks if hasattr(column, "chunks") else [column]
    parts = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in chunks]
    flat = np.concatenate(parts) if parts else np.empty(0)
    vectors = flat.reshape(-1, dim).astype(np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    norms[norms == 0.0] = 1.0
    unit: npt.NDArray[np.float32] = vectors / norms
    return unit


def row_of(found: dict[str, Any]) -> Row:
    """The row of what a table holds in the columns `COLUMNS`."""
    chunk = Chunk(
        id=found["id"],
        document_id=found["document"],
        text=found["text"],
        start=found["start"],
        end=found["end"],
        heading=found["heading"],
        place=found["place"],
    )
    return Row(chunk, json.loads(found["fields"]), found["source"])


def _is_field(name: str) -> bool:
    return name.startswith(KINDS)
