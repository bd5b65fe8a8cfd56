"""The store on disk: chunks in a LanceDB table, which is changed by atomic commits."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from metier.errors import InputError, UsageError, warn_caller
from metier.indexing.conditions import Condition
from metier.indexing.lance import old_versions
from metier.indexing.lance.metadata import METADATA, IndexMetadata
from metier.indexing.lance.purging import remove_old_files, require_purgeable, write_anew
from metier.indexing.lance.row_checksums import damaged_ids, with_checksums
from metier.indexing.lance.short_vectors import ShortVectors
from metier.indexing.lance.sql import among, fields_in, require_keys, to_sql
from metier.indexing.lance.table_rows import (
    COLUMNS,
    field_columns,
    row_of,
    schema_of,
    table_of,
    vectors_of,
)
from metier.indexing.lance.tables import CHUNKS, IDS_PER_STATEMENT, Tables, retry_conflicts
from metier.indexing.lance.term_index import TermIndex
from metier.indexing.lance.verifying import Verification, damaged_words, require_intact_state
from metier.indexing.manifest import Manifest, require_unchanged
from metier.indexing.store import ID, Analyze, Matches, Row, StoredDocument
from metier.indexing.verification import VerificationReport
from metier.progress import Progress
from metier.retrieval.nearest import best

if TYPE_CHECKING:
    import pyarrow

_MAX_SMALL_FRAGMENTS = 32
"""Number of small writes after which a table is compacted, which writes all its rows again."""

_MAX_REINDEXED = 2**20
"""Number of rows up to which indexing all terms again writes less than LanceDB's own way, which
compacts the table first. Above it, whole files of the table are left as they are."""


class LanceStore:
    """Chunks in a folder or in object storage.

    Every operation reads the version of the table at its start, whichever process wrote it.

    Args:
        path: a folder, or an address that LanceDB supports.
        analyze: splits texts into terms; the same function for all writers of the index.

    Raises:
        MissingExtraError: LanceDB is not installed.
    """

    def __init__(self, path: str | Path, analyze: Analyze = str.split) -> None:
        self.analyze = analyze
        self._tables = Tables(path)
        self._metadata = IndexMetadata(self._tables)
        self.path: str = self._tables.path
        self._terms = TermIndex(self._tables, self._metadata)
        self._short = ShortVectors(self._tables, self._metadata)

    def exists(self) -> bool:
        """Return whether the index exists; one that lacks a table is an `InputError`."""
        has_manifest = self._metadata.exists()
        self._metadata.require_tables()
        return has_manifest

    def has_tables(self) -> bool:
        """Return whether there is an index or the rest of one."""
        return METADATA in self._tables.names() or bool(self._chunk_tables())

    def begin(self, manifest: Manifest) -> None:
        """Create the index, or complete one whose creation was interrupted.

        If processes create it at the same time, the manifest of the first is kept.
        """
        if not self._metadata.exists():
            self._metadata.write_manifest(manifest)
        chunks = self._metadata.chunks
        if chunks not in self._tables.names():
            self._tables.create(chunks, schema_of(self._metadata.manifest().provenance.dim))
        self._terms.create()
        self._warn_of_lost_writes()

    def rebuild(self, manifest: Manifest, source: str) -> None:
        """Replace the index by a new one, whose documents, of `source`, are not written yet.

        If several processes do, that of the last one remains.
        """
        try:
            exists = self._metadata.exists()
        except InputError:
            exists = False  # it is damaged
        if not exists:
            self.drop()
        else:
            self._metadata.begin_build(manifest, source)
            self._drop_chunks(self._chunk_tables() - {self._metadata.chunks})
            self._metadata.drop_axes()
        self.begin(manifest)

    @property
    def manifest(self) -> Manifest:
        funnel = self._metadata.funnel()
        return replace(self._metadata.manifest(), funnel=None if funnel is None else funnel[1])

    def put(self, rows: Sequence[Row], vectors: npt.NDArray[np.float32]) -> None:
        """As `Store.put`; one commit."""
        if not rows:
            return
        last = {row.chunk.id: index for index, row in enumerate(rows)}  # of rows with equal ids
        indexes = sorted(last.values())
        distinct, plain = [rows[index] for index in indexes], np.asarray(vectors)[indexes]

        def table_rows(table: Any) -> pyarrow.Table:
            full = table_of(distinct, plain, self.analyze, table.schema)
            full = with_checksums(full, table.schema)
            return self._short.add_to(full, table.schema)

        with self._committing() as chunks:
            self._tables.add_columns(chunks, field_columns(rows))
            self._tables.upsert(chunks, table_rows)

    def remove(self, ids: Collection[str]) -> None:
        """As `Store.remove`; one commit for every thousand chunks."""
        ordered = sorted(ids)
        for start in range(0, len(ordered), IDS_PER_STATEMENT):
            part = ordered[start : start + IDS_PER_STATEMENT]
            with self._committing() as chunks:
                self._tables.delete(chunks, among("id", part))

    def contents(self) -> dict[str, StoredDocument]:
        """As `Store.contents`."""
        documents: dict[str, StoredDocument] = {}
        columns = ["id", "document", "source", "digest"]
        with self.snapshot():
            for batch in self._tables.batches(self._open(), columns):
                lists = [batch[name].to_pylist() for name in columns]
                for chunk, document, source, digest in zip(*lists, strict=True):
                    stored = documents.setdefault(document, StoredDocument(source, {}))
                    stored.chunks[chunk] = digest
        return documents

    def __len__(self) -> int:
        """Return the number of chunks."""
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
        """As `Store.nearest`; uses the funnel if there is one."""
        table = self._open()
        sql = self._filter(table, where)
        plain = np.asarray(queries)
        if dim is not None and dim < plain.shape[1]:
            return self._short.nearest(table, plain, count, sql, dim)
        matches = []
        for query, near in zip(plain, self._shortlists(table, plain, count, sql), strict=True):
            ids = near["id"].to_pylist()
            order, cosines = best(query, vectors_of(near, len(query)), ids, count)
            matches.append(Matches([ids[index] for index in order], cosines))
        return matches

    def search_terms(
        self, terms: Sequence[str], count: int, where: Condition | None = None
    ) -> Matches:
        """As `Store.search_terms`.

        Until the next `compact`, the rarity of terms is computed from the rows indexed last: it
        includes rows removed since then, and may exclude rows put since then.
        """
        table = self._open()
        sql = self._filter(table, where)
        return self._terms.search_terms(table, terms, count, sql)

    def score_terms(self, terms: Sequence[str], ids: Sequence[str]) -> npt.NDArray[np.float32]:
        """As `Store.score_terms`."""
        table = self._open()
        scores: dict[str, float] = {}
        for start in range(0, len(ids), IDS_PER_STATEMENT):
            part = ids[start : start + IDS_PER_STATEMENT]
            matches = self._terms.search_terms(table, terms, len(part), among("id", part))
            scores.update(zip(matches.ids, matches.scores.tolist(), strict=True))
        return np.array([scores.get(chunk_id, 0.0) for chunk_id in ids], dtype=np.float32)

    def rarity(self, term: str) -> float:
        """As `Store.rarity`."""
        return self._terms.rarity(self._open(), term)

    def rows(self, ids: Sequence[str]) -> list[Row]:
        """As `Store.rows`."""
        records = {record["id"]: record for record in self._by_id(ids, list(COLUMNS)).to_pylist()}
        with self._tables.reading():  # damaged fields may be no JSON
            return [row_of(records[chunk_id]) for chunk_id in ids if chunk_id in records]

    def vectors(self, ids: Sequence[str]) -> npt.NDArray[np.float32]:
        """As `Store.vectors`; they are stored as float16."""
        table = self._by_id(ids, ["id", "vector"])
        positions = {chunk_id: index for index, chunk_id in enumerate(table["id"].to_pylist())}
        dim = self._metadata.manifest().provenance.dim
        return vectors_of(table, dim)[[positions[key] for key in ids if key in positions]]

    def compact(self) -> None:
        """As `Store.compact`; fits the funnel again if the index has outgrown it."""
        with self._committing(), self._tables.writing():
            with self._tables.shared():
                self._short.refit()
                retry_conflicts(self._update_terms)
            retry_conflicts(self._compact_tables)
        self._tables.finish_files()

    def verify(self, progress: Progress) -> VerificationReport:
        """As `Store.verify`."""
        return Verification(self.path).run(progress)

    def purge(self, progress: Progress) -> None:
        """As `Store.purge`."""
        require_purgeable(self.verify(progress))
        with self._committing() as chunks:
            write_anew(self._tables, self._metadata, self._terms)
            self._drop_chunks(self._chunk_tables() - {chunks})  # of an interrupted rebuild
            remove_old_files(self._tables)

    def damaged(self, ids: Sequence[str]) -> set[str]:
        """As `Store.damaged`."""
        with self.snapshot(), self._tables.reading():
            table = self._open()
            rows = self._tables.batches(table, table.schema.names)
            if len(ids) <= IDS_PER_STATEMENT:
                rows = iter([self._by_id(ids, table.schema.names)])
            return damaged_ids(rows, self._short.active(table)).intersection(ids)

    def drop(self) -> None:
        """As `Store.drop`; other files in the folder stay."""
        with suppress(InputError):  # an index that lacks what was dropped is no damaged one
            self._metadata.forget_tables()
        self._drop_chunks(self._chunk_tables())
        self._metadata.drop()
        self._metadata.drop_axes()
        self._tables.remove_folder()

    def has_headings(self) -> bool:
        """As `Store.has_headings`."""
        table = self._open()
        with self._tables.reading():
            return bool(table.count_rows("heading <> ''"))

    def fields(self) -> list[str]:
        """As `Store.fields`."""
        return sorted(fields_in(self._open().schema.names) - {ID})

    def begin_source(self, source: str) -> None:
        """As `Store.begin_source`."""
        with self._committing():
            self._metadata.begin_source(source)

    def end_sources(self, sources: Collection[str]) -> None:
        """As `Store.end_sources`."""
        with self._committing():
            self._metadata.end_sources(sources)

    def unfinished(self) -> list[str]:
        """As `Store.unfinished`."""
        return self._metadata.unfinished()

    def snapshot(self) -> AbstractContextManager[None]:
        """As `Store.snapshot`."""
        return self._tables.snapshot()

    @contextmanager
    def writing(self, opened: Manifest) -> Iterator[None]:
        """As `Store.writing`."""
        with self._metadata.writing():
            require_unchanged(self._metadata.manifest(), opened, self.path)
            require_intact_state(self._tables)
            yield

    @contextmanager
    def _committing(self) -> Iterator[str]:
        """Return a context for changes of the build that this thread writes to.

        Its value is the name of the table of chunks. The index may be rebuilt between the check
        before a change and the change itself, which then fails, since its table is gone, or makes
        the rest of a table. So it is checked after the change, too.
        """
        self._metadata.require_build()
        chunks = self._metadata.chunks
        try:
            yield chunks
        except InputError:
            self._metadata.require_build()  # raises what says more, if it does
            raise
        try:
            self._metadata.require_build()
        except UsageError:
            self._tables.drop(chunks)
            raise

    def _update_terms(self) -> None:
        table = self._open()
        is_behind = self._terms.is_behind(table) and int(table.count_rows()) <= _MAX_REINDEXED
        is_damaged = bool(damaged_words(self._tables, table))  # which would be carried over
        if is_behind or is_damaged or not self._terms.is_whole(table):
            self._terms.rebuild(table)

    def _compact_tables(self) -> None:
        table, folder = self._open(), self._tables.folder
        is_large = old_versions.take_much(table, folder)
        old_versions.remove_old(self._tables.open(METADATA), folder, is_large=is_large)
        rows, is_whole = int(table.count_rows()), self._terms.is_whole(table)
        was_compacted = old_versions.remove_old(table, folder, is_large=is_large)
        small = table.stats()["fragment_stats"]["num_small_fragments"]
        if small >= _MAX_SMALL_FRAGMENTS or self._terms.is_behind(table):
            table.optimize()
            was_compacted = True
        if was_compacted and is_whole:
            self._terms.record(table, rows)

    def _warn_of_lost_writes(self) -> None:
        record = self._metadata.term_index()  # first, as others may write in between
        if record is not None and self._open().version < record.version:
            warn_caller(
                f"The index at {self.path} lacks its last writes, because files are missing. "
                "Update it with all its documents, or build it again with $rebuild.",
                parameters={"rebuild": True},
            )

    def _open(self) -> Any:
        return self._tables.open(self._metadata.chunks)

    def _drop_chunks(self, tables: Collection[str]) -> None:
        for name in tables:
            self._tables.drop(name)

    def _chunk_tables(self) -> set[str]:
        return {name for name in self._tables.names() if name.startswith(CHUNKS)}

    def _shortlists(
        self,
        table: Any,
        queries: npt.NDArray[np.float32],
        count: int,
        sql: str | None,
    ) -> Iterator[pyarrow.Table]:
        """Yield, for each query, the ids and vectors of the chunks that may be the nearest."""
        columns = ["id", "vector"]
        funnel = self._short.active(table)
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
                limit = count
            else:
                short = query @ funnel.axes[:, : funnel.shape.dim]
                search = table.search(short, vector_column_name=funnel.column).distance_type("dot")
                limit = funnel.shape.width(count)
            if sql is not None:
                search = search.where(sql, prefilter=True)
            yield self._tables.best(search, [*columns, "_distance"], limit)

    def _filter(self, table: Any, where: Condition | None) -> str | None:
        """Return a condition as SQL; None without one."""
        if where is None:
            return None
        require_keys(where, self._metadata.manifest().schema, self.path)
        return to_sql(where, table.schema.names)

    def _by_id(self, ids: Sequence[str], columns: list[str]) -> pyarrow.Table:
        import pyarrow as pa

        table = self._open()
        parts = []
        with self._tables.reading():
            for start in range(0, max(1, len(ids)), IDS_PER_STATEMENT):
                part = ids[start : start + IDS_PER_STATEMENT]
                condition = among("id", part) if part else "false"
                parts.append(table.search().where(condition).select(columns).to_arrow())
            return pa.concat_tables(parts)
