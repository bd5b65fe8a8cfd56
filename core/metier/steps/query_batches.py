"""Search with several queries at once: each query's best, and queries against documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict, Unpack

from metier.errors import ParameterError
from metier.indexing.near_search import (
    DocumentMatch,
    NearHits,
    NearRule,
    heading_of_chunk,
)
from metier.indexing.search_options import SearchOptions
from metier.registry.instruction import Instruction
from metier.registry.retrieval_settings import RetrievalSettings
from metier.results.left_out import to_left_out
from metier.steps.batch_result import BatchResult, Match, QueryResult
from metier.steps.nearness import near_cosine
from metier.steps.searching import (
    Passage,
    SearchResult,
    index_passages,
    passage_hits,
    search_passages,
)
from metier.texts.reader import LeftOut
from metier.texts.rows import Item
from metier.texts.texts import Texts

if TYPE_CHECKING:
    from metier.chunking.chunk import Chunk
    from metier.indexing.index import Index
    from metier.runtime.runtime import Runtime

MOST_COLUMNS = 60
"""Most documents that queries are set against in a matrix."""

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
    skipped: Sequence[LeftOut | str]


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
        if query is None:
            problem = "There is nothing to look for: neither $query nor $queries is given."
            fix = "Give one query, or several of them with $queries."
        else:
            problem = "$query and $queries are given both."
            fix = "Give one query, or several of them, but not both."
        raise ParameterError(problem, fix=fix, parameters={"query": ..., "queries": ...})


def search_queries(
    rt: Runtime, queries: Texts, passages: Sequence[Passage], **options: Unpack[PassageSearch]
) -> BatchResult:
    """Find the passages that answer each of several queries, which are embedded together.

    A match is near if its cosine reaches that of `near_cosine`, or if the passage holds all words
    of the query, a single word in its heading: see `NearRule`.

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
    known = {passage.id: passage for passage in passages}
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
        heading_of=_heading_of(known),
    )
    shown = [_of_passages(query, known) for query in batch.queries]
    skipped = to_left_out(options.get("skipped", ()))
    return batch.model_copy(update={"queries": tuple(shown), "skipped": skipped})


def search_index(
    rt: Runtime,
    index: Index,
    queries: Texts,
    options: SearchOptions,
    *,
    noun: str = "documents",
    documents: Mapping[str, str] | None = None,
    heading_of: Callable[[Chunk], str] = heading_of_chunk,
    threshold: float | None = None,
) -> BatchResult:
    """Search an index with several queries, which are embedded together.

    See `NearRule` for what is near. Up to 60 documents are set against the queries, by the
    vectors of all of their chunks.

    Args:
        rt: the Runtime that the index was opened with.
        index: in memory or on disk.
        queries: texts to look for.
        options: of the search.
        noun: what is searched, for people.
        documents: for the id of each document of the index the name of what it is a part of; None
            for the documents themselves.
        heading_of: what stands above a chunk of the index.
        threshold: least cosine of what is near; None for that of `near_cosine`.
    """
    if threshold is None:
        instruction = options.instruction or index.instruction
        threshold = round(near_cosine(rt, instruction, index.manifest.provenance.dim), 4)
    rule = NearRule(threshold, documents, MOST_COLUMNS, heading_of)
    result = index.search_near(queries.strings, rule, options)
    names = result.documents if len(result.documents) > 1 else []
    return BatchResult(
        noun=noun,
        searched=result.searched,
        threshold=threshold,
        documents=tuple(names),
        queries=tuple(
            _query_result(name, item, near_hits, is_compared=bool(names))
            for name, item, near_hits in zip(
                _query_names(queries), queries, result.queries, strict=True
            )
        ),
    )


def _query_result(name: str, item: Item, near_hits: NearHits, *, is_compared: bool) -> QueryResult:
    near_ranks = [
        hit.rank for hit, is_near in zip(near_hits.hits, near_hits.near, strict=True) if is_near
    ]
    matches = [match and _match(match) for match in near_hits.matches] if is_compared else []
    return QueryResult(
        id=name,
        query=item.text,
        fields=dict(item.fields),
        near=bool(near_ranks) or any(matches),
        hits=tuple(near_hits.hits),
        near_ranks=tuple(near_ranks),
        matches=tuple(matches),
    )


def _query_names(queries: Texts) -> list[str]:
    """The ids of queries; numbers, from 1, where all are lines of text files, as `list.txt:7`."""
    if all(not item.fields and _LINE_OF_FILE.fullmatch(item.id) for item in queries):
        return [str(number) for number in range(1, len(queries) + 1)]
    return [item.id for item in queries]


def _match(match: DocumentMatch) -> Match:
    return Match(
        score=round(match.cosine, 4),
        id=match.chunk.document_id,
        location=match.chunk.location,
        text=match.chunk.text,
        language=str(match.fields.get("language", "")),
    )


def _of_passages(query: QueryResult, passages: Mapping[str, Passage]) -> QueryResult:
    """The result of a query with what the passages, here by id, say of themselves."""
    matches = [match and _of_passage(match, passages[match.id]) for match in query.matches]
    hits = passage_hits(query.hits, passages)
    return query.model_copy(update={"hits": hits, "matches": tuple(matches)})


def _of_passage(match: Match, passage: Passage) -> Match:
    language = str(passage.facts.get("language", ""))
    changed = {"location": passage.location, "text": passage.text, "language": language}
    return match.model_copy(update=changed)


def _heading_of(passages: Mapping[str, Passage]) -> Callable[[Chunk], str]:
    """What the title and the headings above the passages, here by id, are."""

    def heading_of(chunk: Chunk) -> str:
        passage = passages[chunk.document_id]
        content = passage.content or ""
        above = content.removesuffix(passage.text) if content.endswith(passage.text) else ""
        return f"{passage.title}\n{above}"

    return heading_of
