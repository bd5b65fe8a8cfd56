"""core/search: texts that fit a query, under any instruction."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from metier.plugin import (
    Dim,
    Documents,
    InstructionId,
    Item,
    Passage,
    Rerank,
    Runtime,
    SearchResult,
    TopK,
    search_passages,
    workflow,
)


@workflow("core/search", instruction="core/passage-search")
def search(
    rt: Runtime,
    documents: Annotated[Documents, Field(description="What to search in.")],
    query: Annotated[str, Field(min_length=1, description="What to find, in your words.")],
    *,
    instruction: Annotated[
        InstructionId,
        Field(description="Id of a retrieval or similarity instruction, of any domain or pack."),
    ] = "core/passage-search",
    top_k: TopK = 10,
    rerank: Rerank = None,
    dim: Dim = None,
) -> SearchResult:
    """Find the texts that fit a query, best first.

    A row's `title` is read before its text. A plain-text file is one text.
    """
    return search_passages(
        rt,
        query,
        [_passage(document) for document in documents],
        instruction=instruction,
        noun="texts",
        top_k=top_k,
        dim=dim,
        rerank=rerank,
    )


def _passage(document: Item) -> Passage:
    title = document.title
    if title is None:
        return Passage(document.id, document.text, document.id)
    return Passage(
        document.id,
        document.text,
        f"{document.id}, {title}",
        title=title,
        facts={"title": title},
    )
