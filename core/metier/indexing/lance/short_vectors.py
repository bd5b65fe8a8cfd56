"""Short vectors: the first dimensions of rotated vectors, in a column beside the full vectors.

They are computed from the table and can be computed again at any time. Each fit writes a new
column, which is used once it is filled; an interrupted fit leaves a column that is not used, and
the next fit removes it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metier.errors import InputError
from metier.indexing.lance.metadata import IndexMetadata
from metier.indexing.lance.table_rows import vectors_array, vectors_of
from metier.indexing.lance.tables import BATCH, KEY, Tables, retry_conflicts
from metier.indexing.store import Matches
from metier.retrieval.funnel import (
    LEAST,
    PROBES,
    Funnel,
    fit_funnel,
    principal_axes,
    sample_size,
    shortened,
)
from metier.retrieval.nearest import best, shortlist

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow

_COLUMN = "short_"

MAX_CACHED_BYTES = 2**28
"""Largest size of short vectors kept in memory; above it LanceDB searches the column."""


@dataclass(frozen=True, slots=True)
class ActiveFunnel:
    """The funnel that searches use.

    Attributes:
        column: name of the column of short vectors.
        shape: dimensions and widths of the funnel.
        axes: (dim, dim) axes that vectors are rotated to.
    """

    column: str
    shape: Funnel
    axes: npt.NDArray[np.float32]


_Cache = tuple[tuple[int, str], "npt.NDArray[np.int64]", "npt.NDArray[np.float32]"]
"""Table version and column, row ids, short vectors."""


class ShortVectors:
    """The short vectors of an index on disk."""

    def __init__(self, tables: Tables, metadata: IndexMetadata) -> None:
        self._tables = tables
        self._metadata = metadata
        self._sample_axes: tuple[int, npt.NDArray[np.float32]] | None = None  # version, axes
        self._cache: _Cache | None = None

    def active(self, table: Any) -> ActiveFunnel | None:
        """Return the funnel that searches use; None where they are exact."""
        record = self._metadata.funnel()
        if record is None or record[0] not in table.schema.names:
            return None
        return ActiveFunnel(*record, self._metadata.axes(record[0]))

    def near(
        self, table: Any, funnel: ActiveFunnel, queries: npt.NDArray[np.float32], count: int
    ) -> list[list[int]] | None:
        """Return the row ids of each query's shortlist, from short vectors cached in memory.

        Args:
            table: the table; row ids are valid for its version only.
            funnel: the active funnel.
            queries: (q, dim) unit rows.
            count: number of hits requested.

        Returns:
            q lists, or None if the short vectors are too large to be cached.
        """
        if int(table.count_rows()) * funnel.shape.dim * 4 > MAX_CACHED_BYTES:
            return None
        cache, key = self._cache, (table.version, funnel.column)
        if cache is None or cache[0] != key:
            cache = self._cache = (key, *self._read(table, funnel))
        _, rows, vectors = cache
        width = funnel.shape.width(count)
        short = queries @ funnel.axes[:, : funnel.shape.dim]
        # One query at a time bounds the memory. As a matrix, the product is as fast as for all.
        lists = (shortlist((short[i : i + 1] @ vectors.T)[0], width) for i in range(len(short)))
        return [rows[near].tolist() for near in lists]

    def add_to(self, rows: pyarrow.Table, schema: pyarrow.Schema) -> pyarrow.Table:
        """Add the short vectors to rows for a table with this schema, if there is a funnel."""
        record = self._metadata.funnel()
        if record is None or record[0] not in schema.names:
            return rows
        column, funnel = record
        vectors = vectors_of(rows, self._dim())
        short = vectors @ self._metadata.axes(column)[:, : funnel.dim]
        return rows.append_column(schema.field(column), vectors_array(short))

    def refit(self) -> None:
        """Fit a funnel if there is none or the index has outgrown it, else fill missing values.

        Rows lack a short vector if another process wrote them during the last fit.
        """
        table = self._tables.open(self._metadata.chunks)
        count = int(table.count_rows())
        before = self._metadata.funnel()
        if before is not None and _fits(before, table, count):
            self._fill(*before)
        elif count >= LEAST:
            try:
                self._fit(table, count)
            except InputError:
                if self._metadata.funnel() == before:  # else another process fitted one
                    raise

    def nearest(
        self,
        table: Any,
        queries: npt.NDArray[np.float32],
        count: int,
        sql: str | None,
        dim: int,
    ) -> list[Matches]:
        """As `Store.nearest` for a `dim` that no column has: all vectors are read and rotated."""
        axes = self._axes(table)
        short_queries = shortened(queries, axes, dim)
        ids: list[list[str]] = [[] for _ in short_queries]
        vectors: list[list[npt.NDArray[np.float32]]] = [[] for _ in short_queries]
        for batch in self._tables.batches(table, ["id", "vector"], sql):
            names = batch["id"].to_pylist()
            short = shortened(vectors_of(batch, len(axes)), axes, dim)
            for number, scores in enumerate(short_queries @ short.T):
                near = shortlist(scores, count)
                ids[number] += [names[index] for index in near]
                vectors[number].append(short[near])
        matches = []
        for query, names, parts in zip(short_queries, ids, vectors, strict=True):
            candidates = np.concatenate(parts) if parts else np.empty((0, dim), dtype=np.float32)
            order, cosines = best(query, candidates, names, count)
            matches.append(Matches([names[index] for index in order], cosines))
        return matches

    def _read(
        self, table: Any, funnel: ActiveFunnel
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Read the row ids and the short vectors of a table."""
        rows, vectors = [], []
        search = table.search().where(f"{funnel.column} IS NOT NULL").select([funnel.column])
        with self._tables.reading():
            for batch in search.with_row_id(True).to_batches(batch_size=BATCH):
                flat = batch[funnel.column].flatten().to_numpy()
                rows.append(batch["_rowid"].to_numpy().astype(np.int64))
                vectors.append(flat.reshape(-1, funnel.shape.dim))
        if not rows:
            return np.empty(0, np.int64), np.empty((0, funnel.shape.dim), np.float32)
        return np.concatenate(rows), np.concatenate(vectors)

    def _dim(self) -> int:
        return self._metadata.manifest().provenance.dim

    def _axes(self, table: Any) -> npt.NDArray[np.float32]:
        """Return the axes of the funnel, else those of a sample, cached until the table changes."""
        record = self._metadata.funnel()
        if record is not None and not record[1].is_exact:
            return self._metadata.axes(record[0])
        if self._sample_axes is None or self._sample_axes[0] != table.version:
            self._sample_axes = (table.version, self._fit_axes(table, int(table.count_rows())))
        return self._sample_axes[1]

    def _fit_axes(self, table: Any, count: int) -> npt.NDArray[np.float32]:
        dim = self._dim()
        if count == 0:
            return np.eye(dim, dtype=np.float32)
        return principal_axes(self._sample(table, count, sample_size(count, dim)))

    def _sample(self, table: Any, count: int, size: int) -> npt.NDArray[np.float32]:
        """Read a random sample of the vectors, which is always the same."""
        drawn = np.random.default_rng(0).choice(count, min(count, size), replace=False)
        with self._tables.reading():
            offsets = sorted(drawn.tolist())
            rows = table.take_offsets(offsets).select(["vector"]).to_arrow()
        return vectors_of(rows, self._dim())

    def _fit(self, table: Any, count: int) -> None:
        before = self._metadata.funnel()
        axes = self._fit_axes(table, count)
        funnel = fit_funnel(
            lambda: self._vectors(table), count, self._sample(table, count, PROBES), axes
        )
        column = _COLUMN + secrets.token_hex(4)
        if not funnel.is_exact:
            self._add(column, funnel.dim)
            self._metadata.write_axes(column, axes)
            self._fill(column, funnel)
        self._metadata.write_funnel(column, funnel)
        self._fill(column, funnel)  # rows that others wrote before they saw the funnel
        self._remove_others(column, before)

    def _vectors(self, table: Any) -> Iterator[npt.NDArray[np.float32]]:
        dim = self._dim()
        for batch in self._tables.batches(table, ["vector"]):
            yield vectors_of(batch, dim)

    def _add(self, column: str, dim: int) -> None:
        import pyarrow as pa

        schema = pa.schema([pa.field(column, pa.list_(pa.float32(), dim))])
        with self._tables.writing():
            retry_conflicts(lambda: self._tables.open(self._metadata.chunks).add_columns(schema))

    def _fill(self, column: str, funnel: Funnel) -> None:
        import pyarrow as pa

        if funnel.is_exact:
            return
        chunks = self._metadata.chunks
        table = self._tables.open(chunks)
        axes = self._metadata.axes(column)
        key = pa.field("id", pa.string(), nullable=False, metadata=KEY)
        schema = pa.schema([key, pa.field(column, pa.list_(pa.float32(), funnel.dim))])
        empty = f"{column} IS NULL"
        for batch in self._tables.batches(table, ["id", "vector"], empty):
            short = vectors_of(batch, len(axes)) @ axes[:, : funnel.dim]
            filled = pa.table([batch["id"], vectors_array(short)], schema=schema)
            self._tables.update(chunks, lambda _, filled=filled: filled)  # type: ignore[misc]

    def _remove_others(self, column: str, before: tuple[str, Funnel] | None) -> None:
        """Remove other columns, and axes except those that a running search may need."""

        def work() -> None:
            table = self._tables.open(self._metadata.chunks)
            old = [
                name for name in table.schema.names if name.startswith(_COLUMN) and name != column
            ]
            if old:
                table.drop_columns(old)

        with self._tables.writing():
            retry_conflicts(work)
        self._metadata.drop_axes(but={column} if before is None else {column, before[0]})


def _fits(record: tuple[str, Funnel], table: Any, count: int) -> bool:
    """Return whether a funnel suits the number of rows and its column exists.

    Processes that fit a funnel at the same time may remove each other's columns.
    """
    column, funnel = record
    exists = funnel.is_exact or column in table.schema.names
    return exists and not funnel.is_outgrown(count)
