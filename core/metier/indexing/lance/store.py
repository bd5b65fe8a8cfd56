"""The store on disk: chunks in one table of LanceDB, whose commits happen wholly or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from metier.indexing.conditions import Condition
from metier.indexing.lance.about import ABOUT, About
from metier.indexing.lance.rows import (
    COLUMNS,
    field_columns,
    row_of,
    schema_of,
    table_of,
    vectors_of,
)
from metier.indexing.lance.short import ShortVectors
from metier.indexing.lance.sql import among, to_sql
from metier.indexing.lance.tables import CHUNKS, LISTED, Tables, persisted
from metier.indexing.lance.words import Words
from metier.indexing.manifest import Manifest
from metier.indexing.row import Row
from metier.indexing.store import Analyse, Found, Held
from metier.retrieval.top import best

if TYPE_CHECKING:
    import pyarrow

_SPARE = 16
"""Chunks looked at beyond those asked for, so that equal ones stand in the order of their ids."""

_FRAGMENTS = 16
"""Small writes after which a table is tidied up."""

_KEPT = timedelta(hours=1)
"""How long a reader may go on with what it opened while others write."""


class LanceStore:
    """Chunks in a folder or an object store.

    Every operation sees the table as it is when the operation begins, whichever process wrote it.

    Args:
        place: a folder, or an address that LanceDB knows.
        analyse: how texts become terms; the way of all who write the index.

    Raises:
        MissingExtraError: LanceDB is not installed.
    """

    def __init__(self, place: str | Path, analyse: Analyse = str.split) -> None:
        self.analyse = analyse
        self._tables = Tables(place)
        self._about = About(self._tables)
        self.place: str = self._tables.place
        self._words = Words(self._tables)
        self._short = ShortVectors(self._tables, self._about)

    def is_there(self) -> bool:
        """Whether an index is here."""
        return self._about.is_there()

    def has_begun(self) -> bool:
        """Whether there is an index or what is left of one."""
        return not {ABOUT, CHUNKS}.isdisjoint(self._tables.names())

    def begin(self, manifest: Manifest) -> None:
        """Begin an index where there is none, or go on with one that was begun.

        Of processes that begin one at the same time, the manifest of the first holds.
        """
        if not self._about.is_there():
            self._about.write_manifest(manifest)
        if CHUNKS not in self._tables.names():
            self._tables.create(CHUNKS, schema_of(self._about.manifest().mark.dim))
            self._words.begin()

    @property
    def manifest(self) -> Manifest:
        funnel = self._about.funnel()
        return replace(self._about.manifest(), funnel=None if funnel is None else funnel[1])

    def put(self, rows: Sequence[Row], vectors: npt.NDArray[np.float32]) -> None:
        """As `Store.put`; one commit."""
        if not rows:
            return
        once = {row.chunk.id: number for number, row in enumerate(rows)}  # the last of each id
        chosen = sorted(once.values())
        self._add_columns(field_columns(rows))
        table = self._open()
        last = [rows[number] for number in chosen]
        made = table_of(last, np.asarray(vectors)[chosen], self.analyse, table.schema)
        self._tables.upsert(CHUNKS, self._short.added_to(made, table.schema))

    def remove(self, ids: Collection[str]) -> None:
        """As `Store.remove`; one commit for each thousand."""
        listed = sorted(ids)
        for start in range(0, len(listed), LISTED):
            condition = among("id", listed[start : start + LISTED])
            with self._tables.writing():
                persisted(lambda condition=condition: self._open().delete(condition))  # type: ignore[misc]

    def contents(self) -> dict[str, Held]:
        """As `Store.contents`."""
        found: dict[str, Held] = {}
        columns = ["id", "document", "source", "digest"]
        for batch in self._tables.batches(self._open(), columns):
            lists = [batch[name].to_pylist() for name in columns]
            for chunk, document, source, digest in zip(*lists, strict=True):
                found.setdefault(document, Held(source, {})).chunks[chunk] = digest
        return found

    def __len__(self) -> int:
        """How many chunks there are."""
        table = self._open()
        with self._tables.reading():
            return int(table.count_rows())

    def nearest(
        self,
        queries: npt.NDArray[np.float32],
        count: int,
        where: Condition | None = None,
        *,
        dim: int | None = None,
    ) -> list[Found]:
        """As `Store.nearest`; by the funnel where there is one."""
        table = self._open()
        sql = None if where is None else to_sql(where, table.schema.names)
        plain = np.asarray(queries)
        if dim is not None and dim < plain.shape[1]:
            return self._short.nearest(table, plain, count, sql, dim)
        found = []
        for query, near in zip(plain, self._shortlists(table, plain, count, sql), strict=True):
            ids = near["id"].to_pylist()
            places, cosines = best(query, vectors_of(near, len(query)), ids, count)
            found.append(Found([ids[place] for place in places], cosines))
        return found

    def matching(self, terms: Sequence[str], count: int, where: Condition | None = None) -> Found:
        """As `Store.matching`.

        Until the next `compact` how rare a term is follows what was removed, and under a condition
        what was put meanwhile, a little off.
        """
        table = self._open()
        sql = None if where is None else to_sql(where, table.schema.names)
        return self._words.matching(table, terms, count, sql)

    def matches(self, terms: Sequence[str], ids: Sequence[str]) -> npt.NDArray[np.float32]:
        """As `Store.matches`."""
        table = self._open()
        found: dict[str, float] = {}
        for start in range(0, len(ids), LISTED):
            listed = ids[start : start + LISTED]
            best_first = self._words.matching(table, terms, len(listed), among("id", listed))
            found.update(zip(best_first.ids, best_first.scores.tolist(), strict=True))
        return np.array([found.get(one, 0.0) for one in ids], dtype=np.float32)

    def rarity(self, term: str) -> float:
        """As `Store.rarity`."""
        return self._words.rarity(self._open(), term)

    def rows(self, ids: Sequence[str]) -> list[Row]:
        """As `Store.rows`."""
        found = {one["id"]: one for one in self._by_id(ids, list(COLUMNS)).to_pylist()}
        return [row_of(found[one]) for one in ids if one in found]

    def vectors(self, ids: Sequence[str]) -> npt.NDArray[np.float32]:
        """As `Store.vectors`; from 16-bit numbers."""
        table = self._by_id(ids, ["id", "vector"])
        places = {one: place for place, one in enumerate(table["id"].to_pylist())}
        dim = self._about.manifest().mark.dim
        return vectors_of(table, dim)[[places[one] for one in ids if one in places]]

    def compact(self) -> None:
        """As `Store.compact`; fits the funnel where the index has outgrown it."""
        self._short.refit()
        table = self._open()
        with self._tables.writing():
            small = table.stats()["fragment_stats"]["num_small_fragments"]
            if small >= _FRAGMENTS or self._words.is_behind(table):
                persisted(lambda: self._open().optimize(cleanup_older_than=_KEPT))

    def drop(self) -> None:
        """As `Store.drop`; other files in the folder stay."""
        self._tables.drop(CHUNKS)
        self._about.drop()
        self._about.drop_axes()
        self._tables.remove_folder()

    def _open(self) -> Any:
        return self._tables.open(CHUNKS)

    def _shortlists(
        self,
        table: Any,
        queries: npt.NDArray[np.float32],
        count: int,
        sql: str | None,
    ) -> Iterator[pyarrow.Table]:
        """For each query the ids and vectors of the chunks that may be the nearest."""
        columns = ["id", "vector"]
        funnel = self._short.in_use(table)
        if funnel is not None and sql is None:
            near = self._short.near(table, funnel, queries, count)
            if near is not None:
                with self._tables.reading():
                    for rows in near:
                        yield table.take_row_ids(rows).select(columns).to_arrow()
                return
        for query in queries:
            if funnel is None:
                search = table.search(query, vector_column_name="vector").distance_type("cosine")
                search = search.limit(count + _SPARE)
            else:
                short = query @ funnel.axes[:, : funnel.shape.dim]
                search = table.search(short, vector_column_name=funnel.column).distance_type("dot")
                search = search.limit(funnel.shape.width(count))
            if sql is not None:
                search = search.where(sql, prefilter=True)
            with self._tables.reading():
                yield search.select([*columns, "_distance"]).to_arrow()

    def _by_id(self, ids: Sequence[str], columns: list[str]) -> pyarrow.Table:
        import pyarrow as pa

        table = self._open()
        parts = []
        with self._tables.reading():
            for start in range(0, max(1, len(ids)), LISTED):
                listed = ids[start : start + LISTED]
                condition = among("id", listed) if listed else "false"
                parts.append(table.search().where(condition).select(columns).to_arrow())
            return pa.concat_tables(parts)

    def _add_columns(self, wanted: Mapping[str, pyarrow.DataType]) -> None:
        """Make room for fields that no row had before."""
        import pyarrow as pa

        def work() -> None:
            table = self._open()
            there = table.schema.names
            missing = [pa.field(name, kind) for name, kind in wanted.items() if name not in there]
            if missing:
                table.add_columns(pa.schema(missing))

        with self._tables.writing():
            persisted(work)
