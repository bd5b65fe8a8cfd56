"""Search with several queries at once: each query's best, and queries against documents."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict, Unpack

from metier.errors import ParameterError
from metier.indexing.search_options import SearchOptions
from metier.indexing.search_results import Hit
from metier.registry.instruction import Instruction
from metier.registry.retrieval_settings import RetrievalSettings
from metier.steps.batch_result import BatchResult, Match, QueryResult, is_near
from metier.steps.nearness import near_cosine
from metier.steps.searching import (
    Passage,
    SearchResult,
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

_DEEPEST = 1000
_LINE_OF_FILE = re.compile(r"(.+\.(txt|md|markdown)|stdin):\d+", re.IGNORECASE)
"""Ids of the lines of text files, which no person has chosen."""


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
                id=name,
                query=item.text,
                fields=dict(item.fields),
                near=any(is_near(hit, threshold) for hit in hits),
                hits=tuple(hits),
                matches=tuple(best.get(name) for name in names),
            )
            for name, item, hits, best in zip(
                _query_names(queries), queries, hit_lists, matches, strict=True
            )
        ),
    )


def _query_names(queries: Texts) -> list[str]:
    """The ids of queries; numbers, from 1, where all are lines of text files, as `list.txt:7`."""
    if all(not item.fields and _LINE_OF_FILE.fullmatch(item.id) for item in queries):
        return [str(number) for number in range(1, len(queries) + 1)]
    return [item.id for item in queries]


def _columns(hit_lists: Sequence[Sequence[Hit]], documents: Mapping[str, str] | None) -> list[str]:
    """Names of the documents that queries are set against; none where there is one."""
    if documents is not None:
        names = list(dict.fromkeys(documents.values()))
    else:
        names = sorted({hit.document_id for hits in hit_lists for hit in hits})
    return names if len(names) > 1 else []


def _matches(
    hits: Sequence[Hit], documents: Mapping[str, str] | None, threshold: float
) -> dict[str, Match]:
    """The best hit for each document that has one that is near, by the document's name."""
    best: dict[str, Match] = {}
    for hit in sorted(hits, key=lambda hit: -hit.scores.get("dense", -1.0)):
        if is_near(hit, threshold):
            name = hit.document_id if documents is None else documents[hit.document_id]
            match = Match(
                score=round(hit.scores["dense"], 4),
                id=hit.document_id,
                location=hit.location,
                text=hit.text,
                language=str(hit.fields.get("language", "")),
            )
            best.setdefault(name, match)
    return best


def _of_passages(query: QueryResult, passages: Mapping[str, Passage]) -> QueryResult:
    """The result of a query with what the passages, here by id, say of themselves."""
    matches = [match and _of_passage(match, passages[match.id]) for match in query.matches]
    hits = passage_hits(query.hits, passages)
    return query.model_copy(update={"hits": hits, "matches": tuple(matches)})


def _of_passage(match: Match, passage: Passage) -> Match:
    language = str(passage.facts.get("language", ""))
    return match.model_copy(update={"location": passage.location, "language": language})
