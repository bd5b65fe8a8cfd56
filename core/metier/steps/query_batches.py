"""Search with several queries at once: each query's best, and queries against documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from pydantic import BaseModel, ConfigDict, Field

from metier.errors import ParameterError
from metier.indexing.search_options import SearchOptions
from metier.indexing.search_results import Hit
from metier.registry.instruction import Instruction
from metier.registry.retrieval_settings import RetrievalSettings
from metier.results.own_columns import OwnFields, hidden_cells, hidden_columns, rows_beside
from metier.results.result import Result
from metier.results.table import Column, Table
from metier.steps.nearness import near_cosine
from metier.steps.searching import (
    Passage,
    SearchResult,
    excerpt_of,
    hit_row,
    index_passages,
    passage_hits,
    search_passages,
)
from metier.texts.texts import Texts

if TYPE_CHECKING:
    from metier.indexing.index import Index
    from metier.runtime.runtime import Runtime

MOST_COLUMNS = 60
"""Most documents that queries are set against in a matrix."""

_NOTHING = "nothing near"
_DEEPEST = 1000


class Match(BaseModel):
    """The best of a document for a query.

    Attributes:
        score: its cosine with the query.
        id: of the passage.
        location: where it stands, for people.
        text: of the passage.
    """

    model_config = ConfigDict(frozen=True)

    score: float
    id: str
    location: str
    text: str


class QueryResult(BaseModel):
    """What was found for one query of several.

    Attributes:
        id: of the query.
        query: its text.
        fields: the other fields of its row in the input.
        near: whether one of the hits is near: more similar to the query than unrelated texts are.
        hits: the passages found, best first.
        matches: the best of each document, in the order of the result's `documents`; None where
            nothing in the document is near.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    query: str
    fields: OwnFields = Field(default_factory=dict)
    near: bool
    hits: tuple[Hit, ...]
    matches: tuple[Match | None, ...] = ()


class BatchResult(Result):
    """What was found for several queries, in their order.

    Attributes:
        noun: what the passages are.
        searched: how many passages there were.
        threshold: least cosine of a match that is near.
        documents: what the passages are parts of, such as contracts, set against the queries; empty
            where there is one or where there are more than 60.
        queries: what was found for each.
    """

    noun: str
    searched: int
    threshold: float
    documents: tuple[str, ...] = ()
    queries: tuple[QueryResult, ...]

    def title(self) -> str:
        return f"{len(self.queries)} queries in {self.noun}"

    def headline(self) -> str:
        near = sum(query.near for query in self.queries)
        return (
            f"{near} of {len(self.queries)} queries with a near match among {self.searched} "
            f"{self.noun} (cosine at least {self.threshold:.2f})"
        )

    def tables(self) -> list[Table]:
        tables = [self._best_table(), self._matrix_table(), self._hits_table()]
        return [table for table in tables if table is not None]

    def matrix(self) -> list[list[float | None]]:
        """Cosines, (queries, documents), of the best of each document; None where none is near."""
        return [
            [None if match is None else match.score for match in query.matches]
            for query in self.queries
        ]

    def best(self, query: QueryResult) -> Hit | None:
        """The first hit of a query that is near, else its first; None where it has none."""
        near = (hit for hit in query.hits if _is_near(hit, self.threshold))
        return next(near, query.hits[0] if query.hits else None)

    def rows(self) -> list[dict[str, Any]]:
        pairs = [(query, hit) for query in self.queries for hit in query.hits]
        rows = [
            {"query_id": query.id, "query": query.query, "near": query.near, **hit_row(hit)}
            for query, hit in pairs
        ]
        beside_hits = rows_beside(rows, [hit.fields for _, hit in pairs])
        return rows_beside(beside_hits, [query.fields for query, _ in pairs])

    def _best_table(self) -> Table:
        own = hidden_columns([query.fields for query in self.queries])
        rows = [
            (
                query.id,
                query.query,
                None if hit is None else hit.scores.get("dense"),
                hit.location if hit is not None and query.near else _NOTHING,
                excerpt_of(hit) if hit is not None and query.near else "",
                *hidden_cells(query.fields, own),
            )
            for query, hit in ((query, self.best(query)) for query in self.queries)
        ]
        columns = ("id", "query", Column("cosine", "score"), "where", "text")
        return Table("Best match of each query", (*columns, *own), rows, head=len(rows))

    def _matrix_table(self) -> Table | None:
        if not self.documents:
            return None
        columns = (Column("query"), *(Column(name, "score") for name in self.documents))
        rows = [
            (query.query, *(_NOTHING if match is None else match.score for match in query.matches))
            for query in self.queries
        ]
        return Table(
            "Queries and documents", columns, rows, note="Cosine of the best match.", head=len(rows)
        )

    def _hits_table(self) -> Table:
        own = hidden_columns([hit.fields for query in self.queries for hit in query.hits])
        rows = [
            (
                query.query,
                hit.rank,
                hit.score,
                hit.location,
                excerpt_of(hit),
                *hidden_cells(hit.fields, own),
            )
            for query in self.queries
            for hit in query.hits
        ]
        columns = (Column("query", "label"), "rank", Column("score", "score"), "where", "text")
        return Table("All matches", (*columns, *own), rows, head=0)


class PassageSearch(TypedDict, total=False):
    """Keywords of `search_passages`, which `search_queries` and `search_one_or_many` take, too."""

    instruction: str | Instruction
    noun: str
    top_k: int
    dim: int | None
    rerank: bool | None
    retrieval: RetrievalSettings | None
    skipped: Sequence[str]


def search_one_or_many(
    rt: Runtime,
    passages: Sequence[Passage],
    query: str | None,
    queries: Texts | None,
    **options: Unpack[PassageSearch],
) -> SearchResult | BatchResult:
    """`search_passages` for a query, `search_queries` for several.

    Raises:
        ParameterError: neither of them is given, or both are.
    """
    require_one(query, queries)
    if queries is not None:
        return search_queries(rt, queries, passages, **options)
    assert query is not None
    return search_passages(rt, query, passages, **options)


def require_one(query: object, queries: object) -> None:
    """Refuse a search with neither a query nor queries, or with both.

    Raises:
        ParameterError: neither of them is given, or both are.
    """
    if (query is None) == (queries is None):
        problem = "Both are given" if query is not None else "There is nothing to look for"
        raise ParameterError(
            f"{problem}: $query and $queries.",
            fix="Give one query, or several of them, but not both.",
            parameters={"query": ..., "queries": ...},
        )


def search_queries(
    rt: Runtime, queries: Texts, passages: Sequence[Passage], **options: Unpack[PassageSearch]
) -> BatchResult:
    """Find the passages that answer each of several queries, which are embedded together.

    Whether a match is near is judged by its cosine, see `near_cosine`.

    Args:
        rt: the Runtime.
        queries: texts to look for.
        passages: what is searched. Those of up to 60 documents (`Passage.document`) are set against
            the queries document by document.
        options: as of `search_passages`.
    """
    if options.get("rerank"):
        rt.engine.require_reranker()  # before the passages are embedded
    noun = options.get("noun", "passages")
    index = index_passages(rt, passages, options["instruction"], options.get("dim"), noun)
    batch = search_index(
        rt,
        index,
        queries,
        SearchOptions(
            top_k=options.get("top_k", 10),
            rerank=options.get("rerank"),
            retrieval=options.get("retrieval"),
        ),
        noun=noun,
        documents={passage.id: passage.document or passage.id for passage in passages},
    )
    known = {passage.id: passage for passage in passages}
    shown = [_of_passages(query, known) for query in batch.queries]
    skipped = tuple(options.get("skipped", ()))
    return batch.model_copy(update={"queries": tuple(shown), "skipped": skipped})


def search_index(
    rt: Runtime,
    index: Index,
    queries: Texts,
    options: SearchOptions,
    *,
    noun: str = "documents",
    documents: Mapping[str, str] | None = None,
) -> BatchResult:
    """Search an index with several queries, which are embedded together.

    Args:
        rt: the Runtime that the index was opened with.
        index: in memory or on disk.
        queries: texts to look for.
        options: of the search.
        noun: what is searched, for people.
        documents: for the id of each document of the index the name of what it is a part of; None
            for the documents themselves. Up to 60 of them are set against the queries.
    """
    hit_lists = index.search_many(queries.strings, options=options)
    instruction = options.instruction or index.instruction
    threshold = round(near_cosine(rt, instruction, index.manifest.provenance.dim), 4)
    count = index.info().documents
    names: list[str] = []
    matches: list[dict[str, Match]] = [{} for _ in hit_lists]
    if (count if documents is None else len(set(documents.values()))) <= MOST_COLUMNS:
        deep = replace(options, top_k=_DEEPEST, rerank=False, snippets=False)
        deep_lists = index.search_many(queries.strings, options=deep)
        matches = [_matches(hits, documents, threshold) for hits in deep_lists]
        names = _columns(deep_lists, documents)
    return BatchResult(
        noun=noun,
        searched=count,
        threshold=threshold,
        documents=tuple(names),
        queries=tuple(
            QueryResult(
                id=item.id,
                query=item.text,
                fields=dict(item.fields),
                near=any(_is_near(hit, threshold) for hit in hits),
                hits=tuple(hits),
                matches=tuple(best.get(name) for name in names),
            )
            for item, hits, best in zip(queries, hit_lists, matches, strict=True)
        ),
    )


def _columns(hit_lists: Sequence[Sequence[Hit]], documents: Mapping[str, str] | None) -> list[str]:
    """Names of the documents that queries are set against; none where there is one."""
    if documents is not None:
        names = list(dict.fromkeys(documents.values()))
    else:
        names = sorted({hit.document_id for hits in hit_lists for hit in hits})
    return names if len(names) > 1 else []


def _is_near(hit: Hit, threshold: float) -> bool:
    return hit.scores.get("dense", -1.0) >= threshold


def _matches(
    hits: Sequence[Hit], documents: Mapping[str, str] | None, threshold: float
) -> dict[str, Match]:
    """The best hit for each document that has one that is near, by the document's name."""
    best: dict[str, Match] = {}
    for hit in sorted(hits, key=lambda hit: -hit.scores.get("dense", -1.0)):
        if _is_near(hit, threshold):
            name = hit.document_id if documents is None else documents[hit.document_id]
            match = Match(
                score=round(hit.scores["dense"], 4),
                id=hit.document_id,
                location=hit.location,
                text=hit.text,
            )
            best.setdefault(name, match)
    return best


def _of_passages(query: QueryResult, passages: Mapping[str, Passage]) -> QueryResult:
    """The result of a query with what the passages, here by id, say of themselves."""
    matches = [
        match and match.model_copy(update={"location": passages[match.id].location})
        for match in query.matches
    ]
    hits = passage_hits(query.hits, passages)
    return query.model_copy(update={"hits": hits, "matches": tuple(matches)})
