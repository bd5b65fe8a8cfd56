"""Lexical search on disk: LanceDB's own index of terms, which were made as everywhere else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from metier.indexing.lance.tables import CHUNKS, Tables, persisted
from metier.indexing.store import Found
from metier.retrieval.bm25 import SATURATION

_COLUMN = "terms"


class Words:
    """The terms of the chunks of an index, in a column of their own with spaces between them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._seen: tuple[int, int, dict[str, float]] | None = None  # version, rows, rarities

    def begin(self) -> None:
        """Let LanceDB index the terms; they are divided at spaces and nowhere else."""

        def work() -> None:
            table = self._tables.open(CHUNKS)
            if not any(_COLUMN in index.columns for index in table.list_indices()):
                table.create_index(_COLUMN, config=_as_they_are())

        with self._tables.writing():
            persisted(work)

    def is_behind(self, table: Any) -> bool:
        """Whether there are terms that are not indexed yet; they are found all the same."""
        with self._tables.reading():
            for index in table.list_indices():
                if _COLUMN in index.columns:
                    return bool(table.index_stats(index.name).num_unindexed_rows)
        return False

    def matching(self, table: Any, terms: Sequence[str], count: int, sql: str | None) -> Found:
        """As `Store.matching`."""
        most = sum(self.rarity(table, term) for term in terms)
        if not terms or count < 1:
            return Found([], np.empty(0, dtype=np.float32))
        rows = self._search(table, " ".join(terms), count, sql).to_pylist()
        # LanceDB multiplies by k1 + 1, as BM25 was first written; the order is the same
        whole = most * (SATURATION + 1)
        ranked = sorted((-row["_score"] / whole, row["id"]) for row in rows)
        return Found(
            [one for _, one in ranked], np.array([-score for score, _ in ranked], dtype=np.float32)
        )

    def rarity(self, table: Any, term: str) -> float:
        """As `Store.rarity`; counted once until the table changes."""
        if self._seen is None or self._seen[0] != table.version:
            with self._tables.reading():
                self._seen = (table.version, int(table.count_rows()), {})
        _, rows, known = self._seen
        if term not in known:
            holders = self._search(table, term, max(1, rows), None).num_rows
            known[term] = math.log1p((rows - holders + 0.5) / (holders + 0.5))
        return known[term]

    def _search(self, table: Any, terms: str, count: int, sql: str | None) -> Any:
        from lancedb import query

        match: Any = query.MatchQuery  # what its defaults are it says at run time alone
        with self._tables.reading():
            search = table.search(match(terms, _COLUMN), query_type="fts").limit(count)
            search = search if sql is None else search.where(sql, prefilter=True)
            return search.select(["id", "_score"]).to_arrow()


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
