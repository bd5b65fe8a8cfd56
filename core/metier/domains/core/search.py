"""core/search: texts that fit a query, under any instruction."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from metier.plugin import (
    BatchResult,
    Dim,
    Documents,
    InstructionId,
    Item,
    Passage,
    Queries,
    Query,
    Rerank,
    Runtime,
    SearchResult,
    TopK,
    search_one_or_many,
    workflow,
)


@workflow("core/search", instruction="core/passage-search")
def search(
    rt: Runtime,
    documents: Annotated[Documents, Field(description="What to search in.")],
    query: Query = None,
    *,
    queries: Queries = None,
    instruction: Annotated[
        InstructionId,
        Field(description="Id of a retrieval or similarity instruction, of any domain or pack."),
    ] = "core/passage-search",
    top_k: TopK = 10,
    rerank: Rerank = None,
    dim: Dim = None,
) -> SearchResult | BatchResult:
    """Find the texts that fit a query, or each of several, best first.

    A row's `title` is read before its text. A plain-text file is one text.
    """
    return search_one_or_many(
        rt,
        [_passage(document) for document in documents],
        query,
        queries,
        instruction=instruction,
        noun="texts",
        top_k=top_k,
        dim=dim,
        rerank=rerank,
    )


def _passage(document: Item) -> Passage:
    title = document.title
    location = document.id if title is None else f"{document.id}, {title}"
    return Passage(
        document.id, document.text, location, title=title or "", facts=dict(document.fields)
    )
