"""Short vectors: the first numbers of rotated ones, in a column beside the whole ones.

They are made of what the table holds and may be made again at any time. A column has a name of its
own each time, and is used once it is filled: whoever is interrupted leaves a column that nobody
reads, and the next fit removes it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metier.errors import InputError
from metier.indexing.lance.metadata import About
from metier.indexing.lance.table_rows import vectors_array, vectors_of
from metier.indexing.lance.tables import BATCH, CHUNKS, KEY, Tables, persisted
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

KEPT = 2**28
"""Bytes of short vectors that are kept in memory; of more than these LanceDB reads the column."""


@dataclass(frozen=True, slots=True)
class Use:
    """A funnel in use.

    Attributes:
        column: of the short vectors.
        shape: of the funnel.
        axes: (dim, dim) what vectors are rotated to.
    """

    column: str
    shape: Funnel
    axes: npt.NDArray[np.float32]


_Kept = tuple[tuple[int, str], "npt.NDArray[np.int64]", "npt.NDArray[np.float32]"]
"""Version and column, row ids, short vectors."""


class ShortVectors:
    """The short vectors of an index on disk."""

    def __init__(self, tables: Tables, about: About) -> None:
        self._tables = tables
        self._about = about
        self._sampled: tuple[int, npt.NDArray[np.float32]] | None = None
        self._kept: _Kept | None = None

    def in_use(self, table: Any) -> Use | None:
        """The funnel that searches take; None where they are exact."""
        found = self._about.funnel()
        if found is None or found[0] not in table.schema.names:
            return None
        return Use(*found, self._about.axes(found[0]))

    def near(
        self, table: Any, funnel: Use, queries: npt.NDArray[np.float32], count: int
    ) -> list[list[int]] | None:
        """Row ids of each query's shortlist, by short vectors kept in memory while the table is as
        it is; None where they are too many to be kept.

        Args:
            table: as it is now; row ids mean nothing in another version of it.
            funnel: in use.
            queries: (q, dim) unit rows.
            count: hits that are asked for.
        """
        if int(table.count_rows()) * funnel.shape.dim * 4 > KEPT:
            return None
        kept, now = self._kept, (table.version, funnel.column)
        if kept is None or kept[0] != now:
            kept = self._kept = (now, *self._read(table, funnel))
        _, rows, vectors = kept
        width = funnel.shape.width(count)
        short = queries @ funnel.axes[:, : funnel.shape.dim]
        # one row at a time, but as a matrix: it bounds the memory, and the product is no slower
        lists = (shortlist((short[at : at + 1] @ vectors.T)[0], width) for at in range(len(short)))
        return [rows[near].tolist() for near in lists]

    def added_to(self, rows: pyarrow.Table, schema: pyarrow.Schema) -> pyarrow.Table:
        """Rows for the table, with their short vectors if there is a funnel."""
        found = self._about.funnel()
        if found is None or found[0] not in schema.names:
            return rows
        column, funnel = found
        vectors = vectors_of(rows, self._dim())
        short = vectors @ self._about.axes(column)[:, : funnel.dim]
        return rows.append_column(schema.field(column), vectors_array(short))

    def refit(self) -> None:
        """Fit a funnel where there is none or the index has outgrown it, else fill what is empty.

        Rows are without a short vector if another process wrote them while this one was at it.
        """
        table = self._tables.open(CHUNKS)
        count = int(table.count_rows())
        before = self._about.funnel()
        if before is not None and _fits(before, table, count):
            self._fill(*before)
        elif count >= LEAST:
            try:
                self._fit(table, count)
            except InputError:
                if self._about.funnel() == before:  # else another process was quicker
                    raise

    def nearest(
        self,
        table: Any,
        queries: npt.NDArray[np.float32],
        count: int,
        sql: str | None,
        dim: int,
    ) -> list[Matches]:
        """The nearest by short vectors of a size that no column has: all are read and rotated."""
        axes = self._axes(table)
        asked = shortened(queries, axes, dim)
        ids: list[list[str]] = [[] for _ in asked]
        vectors: list[list[npt.NDArray[np.float32]]] = [[] for _ in asked]
        for batch in self._tables.batches(table, ["id", "vector"], sql):
            names = batch["id"].to_pylist()
            short = shortened(vectors_of(batch, len(axes)), axes, dim)
            for number, scores in enumerate(asked @ short.T):
                near = shortlist(scores, count)
                ids[number] += [names[place] for place in near]
                vectors[number].append(short[near])
        found = []
        for query, names, parts in zip(asked, ids, vectors, strict=True):
            together = np.concatenate(parts) if parts else np.empty((0, dim), dtype=np.float32)
            places, cosines = best(query, together, names, count)
            found.append(Matches([names[place] for place in places], cosines))
        return found

    def _read(
        self, table: Any, funnel: Use
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """The row ids and the short vectors of a table."""
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
        return self._about.manifest().provenance.dim

    def _axes(self, table: Any) -> npt.NDArray[np.float32]:
        """The axes of the funnel, else of a sample, which are kept while the table is as it is."""
        found = self._about.funnel()
        if found is not None and not found[1].is_exact:
            return self._about.axes(found[0])
        if self._sampled is None or self._sampled[0] != table.version:
            self._sampled = (table.version, self._sample(table, int(table.count_rows())))
        return self._sampled[1]

    def _sample(self, table: Any, count: int) -> npt.NDArray[np.float32]:
        dim = self._dim()
        if count == 0:
            return np.eye(dim, dtype=np.float32)
        return principal_axes(self._some(table, count, sample_size(count, dim)))

    def _some(self, table: Any, count: int, wanted: int) -> npt.NDArray[np.float32]:
        chosen = np.random.default_rng(0).choice(count, min(count, wanted), replace=False)
        with self._tables.reading():
            offsets = sorted(chosen.tolist())
            rows = table.take_offsets(offsets).select(["vector"]).to_arrow()
        return vectors_of(rows, self._dim())

    def _fit(self, table: Any, count: int) -> None:
        before = self._about.funnel()
        axes = self._sample(table, count)
        funnel = fit_funnel(
            lambda: self._vectors(table), count, self._some(table, count, PROBES), axes
        )
        column = _COLUMN + secrets.token_hex(4)
        if not funnel.is_exact:
            self._add(column, funnel.dim)
            self._about.write_axes(column, axes)
            self._fill(column, funnel)
        self._about.write_funnel(column, funnel)
        self._fill(column, funnel)  # what others wrote before they could know of it
        self._remove_others(column, before)

    def _vectors(self, table: Any) -> Iterator[npt.NDArray[np.float32]]:
        dim = self._dim()
        for batch in self._tables.batches(table, ["vector"]):
            yield vectors_of(batch, dim)

    def _add(self, column: str, dim: int) -> None:
        import pyarrow as pa

        schema = pa.schema([pa.field(column, pa.list_(pa.float32(), dim))])
        with self._tables.writing():
            persisted(lambda: self._tables.open(CHUNKS).add_columns(schema))

    def _fill(self, column: str, funnel: Funnel) -> None:
        import pyarrow as pa

        if funnel.is_exact:
            return
        table = self._tables.open(CHUNKS)
        axes = self._about.axes(column)
        key = pa.field("id", pa.string(), nullable=False, metadata=KEY)
        schema = pa.schema([key, pa.field(column, pa.list_(pa.float32(), funnel.dim))])
        empty = f"{column} IS NULL"
        for batch in self._tables.batches(table, ["id", "vector"], empty):
            short = vectors_of(batch, len(axes)) @ axes[:, : funnel.dim]
            filled = pa.table([batch["id"], vectors_array(short)], schema=schema)
            self._tables.update(CHUNKS, lambda _, filled=filled: filled)  # type: ignore[misc]

    def _remove_others(self, column: str, before: tuple[str, Funnel] | None) -> None:
        """Remove other columns, and axes but those that a search may just now need."""

        def work() -> None:
            table = self._tables.open(CHUNKS)
            old = [
                name for name in table.schema.names if name.startswith(_COLUMN) and name != column
            ]
            if old:
                table.drop_columns(old)

        with self._tables.writing():
            persisted(work)
        self._about.drop_axes(but={column} if before is None else {column, before[0]})


def _fits(found: tuple[str, Funnel], table: Any, count: int) -> bool:
    """Whether a funnel is of this size still, and its column there: two processes that fit one at
    the same time may remove each other's."""
    column, funnel = found
    there = funnel.is_exact or column in table.schema.names
    return there and not funnel.is_outgrown(count)
