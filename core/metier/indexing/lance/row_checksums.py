"""Checksums of the rows of an index: what a row holds is what was written.

A checksum stands beside its row, so that it goes where the row goes when LanceDB writes files
anew: damage that came before stays visible after it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow

    from metier.indexing.lance.short_vectors import ActiveFunnel

CHECKSUM = "checksum"
"""Name of the column. A row that was written by a version without checksums has null there."""

DERIVED = "short_"
"""Beginning of the names of columns that are computed from others and not part of checksums."""

_SHORT_TOLERANCE = 1e-3
"""How far a short vector may be from the rotated vector: products differ in their last digits."""


def checksums(rows: pyarrow.Table | pyarrow.RecordBatch) -> list[int]:
    """Return the CRC-32 of each row, of all its columns but null ones and derived ones."""
    import pyarrow as pa

    names = sorted(name for name in rows.schema.names if _has_part(name))
    columns = []
    for name in names:
        column = rows[name]
        if pa.types.is_string(column.type):
            column = column.cast(pa.binary())  # damaged text may be no valid UTF-8
        columns.append(column.to_pylist())
    vectors = _vector_bytes(rows)
    values: Iterator[tuple[Any, ...]] = zip(*columns, strict=True)
    return [
        zlib.crc32(vector, zlib.crc32(repr(_present(names, row)).encode()))
        for row, vector in zip(values, vectors, strict=True)
    ]


def with_checksums(rows: pyarrow.Table, schema: pyarrow.Schema) -> pyarrow.Table:
    """Add the checksums to rows for a table with this schema, if it has a column for them."""
    import pyarrow as pa

    if CHECKSUM not in schema.names:
        return rows
    column = pa.array(checksums(rows), type=pa.int64())
    return rows.append_column(schema.field(CHECKSUM), column)


def damaged_rows(
    rows: pyarrow.Table | pyarrow.RecordBatch, funnel: ActiveFunnel | None
) -> tuple[list[int], int]:
    """Compare rows with their checksums, and their short vectors with the vectors.

    Returns:
        Positions of the rows that are damaged, and the number of rows without a checksum.
    """
    if CHECKSUM in rows.schema.names:
        written = rows[CHECKSUM].to_pylist()
    else:
        written = [None] * rows.num_rows
    damaged = {
        position
        for position, (before, now) in enumerate(zip(written, checksums(rows), strict=True))
        if before not in (None, now)
    }
    if funnel is not None:
        damaged.update(_wrong_short_vectors(rows, funnel))
    return sorted(damaged), written.count(None)


def damaged_ids(
    batches: Iterable[pyarrow.Table | pyarrow.RecordBatch], funnel: ActiveFunnel | None
) -> set[str]:
    """Return the ids of the rows that are damaged."""
    ids: set[str] = set()
    for rows in batches:
        positions, _ = damaged_rows(rows, funnel)
        ids.update(texts_at(rows, "id", positions))
    return ids


def texts_at(
    rows: pyarrow.Table | pyarrow.RecordBatch, name: str, positions: Iterable[int]
) -> list[str]:
    """Return the texts of a column at positions, in which damage may have left no valid UTF-8."""
    import pyarrow as pa

    column = rows[name].cast(pa.binary()).take(pa.array(positions, type=pa.int64()))
    return [(value or b"").decode("utf-8", "replace") for value in column.to_pylist()]


def _has_part(name: str) -> bool:
    return name not in (CHECKSUM, "vector") and not name.startswith(DERIVED)


def _present(names: list[str], values: tuple[Any, ...]) -> list[tuple[str, Any]]:
    """Return the columns that have a value: a column that is added later changes no checksum."""
    return [pair for pair in zip(names, values, strict=True) if pair[1] is not None]


def _vector_bytes(rows: pyarrow.Table | pyarrow.RecordBatch) -> list[bytes]:
    column = rows["vector"]
    size = column.type.list_size
    chunks = column.chunks if hasattr(column, "chunks") else [column]
    flat = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in chunks]
    vectors = (np.concatenate(flat) if flat else np.empty(0)).reshape(-1, size)
    return [vector.tobytes() for vector in vectors]


def _wrong_short_vectors(
    rows: pyarrow.Table | pyarrow.RecordBatch, funnel: ActiveFunnel
) -> list[int]:
    import pyarrow.compute as pc

    from metier.indexing.lance.table_rows import vectors_of

    present = np.flatnonzero(pc.is_valid(rows[funnel.column]).to_numpy(zero_copy_only=False))
    if not len(present):
        return []
    taken = rows.take(present)
    short = np.array(taken[funnel.column].to_pylist(), dtype=np.float32)
    expected = vectors_of(taken, len(funnel.axes)) @ funnel.axes[:, : funnel.shape.dim]
    with np.errstate(invalid="ignore"):
        is_near = (np.abs(short - expected) <= _SHORT_TOLERANCE).all(axis=1)
    wrong: list[int] = present[~is_near].tolist()
    return wrong
