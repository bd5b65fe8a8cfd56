"""Lexical search on disk: LanceDB's own index of terms, which were made as everywhere else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from metier.indexing.lance.metadata import About, Indexed
from metier.indexing.lance.tables import CHUNKS, Tables, persisted
from metier.indexing.store import Matches
from metier.retrieval.bm25 import SATURATION

_COLUMN = "terms"

_MOST = 100_000
"""Terms whose rarity is kept: some ten megabytes."""


class Words:
    """The terms of the chunks of an index, in a column of their own with spaces between them.

    LanceDB's scores follow what it indexed: how many rows have a term, and how long they are. Rows
    that are gone since count in them, even where their files were tidied away, until the terms are
    indexed anew. What the index was made of is noted, to see whether all of it is there still.
    """

    def __init__(self, tables: Tables, about: About) -> None:
        self._tables = tables
        self._about = about
        self._seen: tuple[int, int, dict[str, float]] | None = None  # version, rows, rarities

    def begin(self) -> None:
        """Let LanceDB index the terms; they are divided at spaces and nowhere else."""

        def work() -> None:
            table = self._tables.open(CHUNKS)
            if self._index(table) is None:
                self.renew(table)

        with self._tables.writing():
            persisted(work)

    def is_behind(self, table: Any) -> bool:
        """Whether there are terms that are not indexed yet; they are found all the same."""
        index = self._index(table)
        return index is not None and bool(index.num_unindexed_rows)

    def is_whole(self, table: Any) -> bool:
        """Whether all rows that were indexed are there still, so that scores are what they are."""
        index, noted = self._index(table), self._about.indexed()
        if index is None or noted is None:
            return False
        return (index.index_uuid, index.num_indexed_rows) == (noted.id, noted.rows)

    def renew(self, table: Any) -> None:
        """Index the terms anew; of the rows of this table, whatever others write meanwhile."""
        rows = int(table.count_rows())
        table.create_index(_COLUMN, config=_as_they_are())
        self.note(table, rows)

    def note(self, table: Any, rows: int) -> None:
        """Remember of how many rows the index of a table was made."""
        index = self._index(table)
        if index is not None:
            self._about.write_indexed(Indexed(index.index_uuid, rows, table.version))

    def search_terms(
        self, table: Any, terms: Sequence[str], count: int, sql: str | None
    ) -> Matches:
        """As `Store.search_terms`."""
        most = sum(self.rarity(table, term) for term in terms)
        if not terms or count < 1:
            return Matches([], np.empty(0, dtype=np.float32))
        found = self._tables.best(_search(table, terms, sql), ["id", "_score"], count)
        # LanceDB multiplies by k1 + 1, as BM25 was first written; the order is the same
        whole = most * (SATURATION + 1)
        ranked = sorted((-row["_score"] / whole, row["id"]) for row in found.to_pylist())
        ranked = ranked[:count]
        return Matches(
            [one for _, one in ranked], np.array([-score for score, _ in ranked], dtype=np.float32)
        )

    def rarity(self, table: Any, term: str) -> float:
        """As `Store.rarity`; counted once until the table changes."""
        if self._seen is None or self._seen[0] != table.version:
            with self._tables.reading():
                self._seen = (table.version, int(table.count_rows()), {})
        _, rows, known = self._seen
        found = known.get(term)
        if found is None:
            search = _search(table, [term], None).limit(max(1, rows))
            with self._tables.reading():
                holders = search.select(["_score"]).to_arrow().num_rows
            found = math.log1p((rows - holders + 0.5) / (holders + 0.5))
            if len(known) >= _MOST:
                known.clear()
            known[term] = found
        return found

    def _index(self, table: Any) -> Any:
        with self._tables.reading():
            found = (one for one in table.list_indices() if _COLUMN in one.columns)
            return next(found, None)


def _search(table: Any, terms: Sequence[str], sql: str | None) -> Any:
    from lancedb import query

    match: Any = query.MatchQuery  # what its defaults are it says at run time alone
    search = table.search(match(" ".join(terms), _COLUMN), query_type="fts")
    return search if sql is None else search.where(sql, prefilter=True)


def _as_they_are() -> Any:
    from lancedb.index import FTS

    return FTS(
        base_tokenizer="whitespace",
        max_token_length=None,
        lower_case=False,
        stem=False,
        remove_stop_words=False,
        ascii_folding=False,
    )
