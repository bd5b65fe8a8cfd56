"""The store on disk: chunks in one table of LanceDB, whose commits happen wholly or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from metier.errors import warn_caller
from metier.indexing.conditions import Condition
from metier.indexing.lance.lexical import Words
from metier.indexing.lance.metadata import ABOUT, About
from metier.indexing.lance.rotated_vectors import ShortVectors
from metier.indexing.lance.sql import among, fields_in, to_sql
from metier.indexing.lance.table_rows import (
    COLUMNS,
    field_columns,
    row_of,
    schema_of,
    table_of,
    vectors_of,
)
from metier.indexing.lance.tables import CHUNKS, LISTED, Tables, persisted
from metier.indexing.manifest import Manifest
from metier.indexing.store import Analyze, Matches, Row, StoredDocument
from metier.retrieval.nearest import best

if TYPE_CHECKING:
    import pyarrow

_FRAGMENTS = 16
"""Small writes after which a table is tidied up."""

_KEPT = timedelta(hours=1)
"""How long a reader may go on with what it opened while others write; what was replaced takes room
until then."""


class LanceStore:
    """Chunks in a folder or an object store.

    Every operation sees the table as it is when the operation begins, whichever process wrote it.

    Args:
        place: a folder, or an address that LanceDB knows.
        analyze: how texts become terms; the way of all who write the index.

    Raises:
        MissingExtraError: LanceDB is not installed.
    """

    def __init__(self, place: str | Path, analyze: Analyze = str.split) -> None:
        self.analyze = analyze
        self._tables = Tables(place)
        self._about = About(self._tables)
        self.path: str = self._tables.path
        self._words = Words(self._tables, self._about)
        self._short = ShortVectors(self._tables, self._about)

    def exists(self) -> bool:
        """Whether an index is here."""
        return self._about.exists()

    def has_tables(self) -> bool:
        """Whether there is an index or what is left of one."""
        return not {ABOUT, CHUNKS}.isdisjoint(self._tables.names())

    def begin(self, manifest: Manifest) -> None:
        """Begin an index where there is none, or go on with one that was begun.

        Of processes that begin one at the same time, the manifest of the first holds.
        """
        if not self._about.exists():
            self._about.write_manifest(manifest)
        if CHUNKS not in self._tables.names():
            self._tables.create(CHUNKS, schema_of(self._about.manifest().provenance.dim))
        self._words.begin()
        self._warn_of_lost_writes()

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
        last, plain = [rows[number] for number in chosen], np.asarray(vectors)[chosen]

        def made(table: Any) -> pyarrow.Table:
            whole = table_of(last, plain, self.analyze, table.schema)
            return self._short.added_to(whole, table.schema)

        self._tables.upsert(CHUNKS, made)

    def remove(self, ids: Collection[str]) -> None:
        """As `Store.remove`; one commit for each thousand."""
        listed = sorted(ids)
        for start in range(0, len(listed), LISTED):
            self._tables.delete(CHUNKS, among("id", listed[start : start + LISTED]))

    def contents(self) -> dict[str, StoredDocument]:
        """As `Store.contents`."""
        found: dict[str, StoredDocument] = {}
        columns = ["id", "document", "source", "digest"]
        for batch in self._tables.batches(self._open(), columns):
            lists = [batch[name].to_pylist() for name in columns]
            for chunk, document, source, digest in zip(*lists, strict=True):
                found.setdefault(document, StoredDocument(source, {})).chunks[chunk] = digest
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
    ) -> list[Matches]:
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
            found.append(Matches([ids[place] for place in places], cosines))
        return found

    def search_terms(
        self, terms: Sequence[str], count: int, where: Condition | None = None
    ) -> Matches:
        """As `Store.search_terms`.

        Until the next `compact` scores follow what was indexed: what was removed since counts in
        how rare a term is, and what was put may not.
        """
        table = self._open()
        sql = None if where is None else to_sql(where, table.schema.names)
        return self._words.search_terms(table, terms, count, sql)

    def score_terms(self, terms: Sequence[str], ids: Sequence[str]) -> npt.NDArray[np.float32]:
        """As `Store.score_terms`."""
        table = self._open()
        found: dict[str, float] = {}
        for start in range(0, len(ids), LISTED):
            listed = ids[start : start + LISTED]
            best_first = self._words.search_terms(table, terms, len(listed), among("id", listed))
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
        dim = self._about.manifest().provenance.dim
        return vectors_of(table, dim)[[places[one] for one in ids if one in places]]

    def compact(self) -> None:
        """As `Store.compact`; fits the funnel where the index has outgrown it."""
        self._short.refit()
        with self._tables.writing():
            persisted(self._tidy)

    def drop(self) -> None:
        """As `Store.drop`; other files in the folder stay."""
        self._tables.drop(CHUNKS)
        self._about.drop()
        self._about.drop_axes()
        self._tables.remove_folder()

    def has_headings(self) -> bool:
        """As `Store.has_headings`."""
        table = self._open()
        with self._tables.reading():
            return bool(table.count_rows("heading <> ''"))

    def fields(self) -> list[str]:
        """As `Store.fields`."""
        return sorted(fields_in(self._open().schema.names))

    def begin_source(self, source: str) -> None:
        """As `Store.begin_source`."""
        self._about.begin_source(source)

    def end_sources(self, sources: Collection[str]) -> None:
        """As `Store.end_sources`."""
        self._about.end_sources(sources)

    def unfinished(self) -> list[str]:
        """As `Store.unfinished`."""
        return self._about.unfinished()

    def snapshot(self) -> AbstractContextManager[None]:
        """As `Store.snapshot`."""
        return self._tables.snapshot()

    def _tidy(self) -> None:
        table, about = self._open(), self._tables.open(ABOUT)
        if _has_old(about):
            about.optimize(cleanup_older_than=_KEPT)
        rows, is_whole = int(table.count_rows()), self._words.is_whole(table)
        small = table.stats()["fragment_stats"]["num_small_fragments"]
        if small >= _FRAGMENTS or self._words.is_behind(table) or _has_old(table):
            table.optimize(cleanup_older_than=_KEPT)
            if is_whole:
                self._words.note(table, rows)
        if not is_whole:
            self._words.renew(table)

    def _warn_of_lost_writes(self) -> None:
        noted = self._about.indexed()  # first: others may write between the two
        if noted is not None and self._open().version < noted.version:
            warn_caller(
                f"The index at {self.path} lacks what was last written to it: files of it are "
                "missing. Update it with all its documents, or build it again with rebuild=True "
                "(--rebuild)."
            )

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
                wanted = count
            else:
                short = query @ funnel.axes[:, : funnel.shape.dim]
                search = table.search(short, vector_column_name=funnel.column).distance_type("dot")
                wanted = funnel.shape.width(count)
            if sql is not None:
                search = search.where(sql, prefilter=True)
            yield self._tables.best(search, [*columns, "_distance"], wanted)

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


def _has_old(table: Any) -> bool:
    """Whether there is something that no reader needs any more."""
    versions = table.list_versions()
    return len(versions) > 1 and datetime.now() - versions[0]["timestamp"] > _KEPT
