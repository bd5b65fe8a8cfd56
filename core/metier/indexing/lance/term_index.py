"""Search for terms on disk, by the full-text index of LanceDB over terms analyzed by metier."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from metier.indexing.lance.metadata import IndexMetadata, TermIndexRecord
from metier.indexing.lance.tables import Tables, retry_conflicts
from metier.indexing.store import Matches
from metier.retrieval.bm25 import SATURATION

_COLUMN = "terms"

_MAX_CACHED_RARITIES = 100_000
"""Number of terms whose rarity is cached, in about 10 MB."""


class TermIndex:
    """The index of the terms of chunks, which stand in one column, separated by spaces.

    LanceDB computes scores from the rows that it indexed: how many have a term, and how long they
    are. Removed rows count until the terms are indexed again, even where their files are deleted.
    The number of indexed rows is recorded, to find out whether all of them still exist.
    """

    def __init__(self, tables: Tables, metadata: IndexMetadata) -> None:
        self._tables = tables
        self._metadata = metadata
        self._cache: tuple[int, int, dict[str, float]] | None = None  # version, rows, rarities

    def create(self) -> None:
        """Index the terms unless they are indexed."""

        def work() -> None:
            table = self._tables.open(self._metadata.chunks)
            if self._index(table) is None:
                self.rebuild(table)

        with self._tables.writing():
            retry_conflicts(work)

    def is_behind(self, table: Any) -> bool:
        """Return whether some rows are not indexed yet; searches find them nevertheless."""
        index = self._index(table)
        return index is not None and bool(index.num_unindexed_rows)

    def is_whole(self, table: Any) -> bool:
        """Return whether all indexed rows still exist, so that scores are right."""
        index, record = self._index(table), self._metadata.term_index()
        if index is None or record is None:
            return False
        return (index.index_uuid, index.num_indexed_rows) == (record.id, record.rows)

    def rebuild(self, table: Any) -> None:
        """Index the terms of the rows in this version of the table again."""
        rows = int(table.count_rows())
        table.create_index(_COLUMN, config=_full_text_config())
        self.record(table, rows)

    def record(self, table: Any, rows: int) -> None:
        """Record the number of rows that the index of a table covers."""
        index = self._index(table)
        if index is not None:
            record = TermIndexRecord(index.index_uuid, rows, table.version)
            self._metadata.write_term_index(record)

    def search_terms(
        self, table: Any, terms: Sequence[str], count: int, sql: str | None
    ) -> Matches:
        """As `Store.search_terms`."""
        rarities = sum(self.rarity(table, term) for term in terms)
        if not terms or count < 1:
            return Matches([], np.empty(0, dtype=np.float32))
        rows = self._tables.best(_search(table, terms, sql), ["id", "_score"], count)
        # LanceDB multiplies by k1 + 1, as the original BM25 does; the order is the same
        highest = rarities * (SATURATION + 1)
        ranked = sorted((-row["_score"] / highest, row["id"]) for row in rows.to_pylist())
        ranked = ranked[:count]
        return Matches(
            [chunk_id for _, chunk_id in ranked],
            np.array([-score for score, _ in ranked], dtype=np.float32),
        )

    def rarity(self, table: Any, term: str) -> float:
        """As `Store.rarity`; cached until the table changes."""
        if self._cache is None or self._cache[0] != table.version:
            with self._tables.reading():
                self._cache = (table.version, int(table.count_rows()), {})
        _, rows, rarities = self._cache
        rarity = rarities.get(term)
        if rarity is None:
            search = _search(table, [term], None).limit(max(1, rows))
            with self._tables.reading():
                holders = search.select(["_score"]).to_arrow().num_rows
            rarity = math.log1p((rows - holders + 0.5) / (holders + 0.5))
            if len(rarities) >= _MAX_CACHED_RARITIES:
                rarities.clear()
            rarities[term] = rarity
        return rarity

    def _index(self, table: Any) -> Any:
        with self._tables.reading():
            indexes = (index for index in table.list_indices() if _COLUMN in index.columns)
            return next(indexes, None)


def index_folders(table: Any) -> set[str] | None:
    """Return the names of the folders of the index of terms that a table uses; None if unknown."""
    indexes = [index for index in table.list_indices() if _COLUMN in index.columns]
    if any(index.num_segments != 1 for index in indexes):
        return None
    return {str(index.index_uuid) for index in indexes}


def _search(table: Any, terms: Sequence[str], sql: str | None) -> Any:
    from lancedb import query

    match: Any = query.MatchQuery  # its stubs do not say which arguments have defaults
    search = table.search(match(" ".join(terms), _COLUMN), query_type="fts")
    return search if sql is None else search.where(sql, prefilter=True)


def _full_text_config() -> Any:
    """Return a configuration that splits terms at spaces and does not change them."""
    from lancedb.index import FTS

    return FTS(
        base_tokenizer="whitespace",
        max_token_length=None,
        lower_case=False,
        stem=False,
        remove_stop_words=False,
        ascii_folding=False,
    )
