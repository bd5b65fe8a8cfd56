"""healthcare/search-literature: abstracts that answer a research question."""

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


@workflow("healthcare/search-literature", instruction="healthcare/literature-search")
def search_literature(
    rt: Runtime,
    abstracts: Annotated[
        Documents,
        Field(description="Abstracts or articles: rows with a title and a text, or files."),
    ],
    query: Annotated[
        Query, Field(description="A research question, or a claim to be verified.")
    ] = None,
    *,
    queries: Annotated[Queries, Field(description="Several questions at once, one a row.")] = None,
    instruction: InstructionId = "healthcare/literature-search",
    top_k: Annotated[TopK, Field(description="How many abstracts.")] = 10,
    rerank: Rerank = None,
    dim: Dim = None,
) -> SearchResult | BatchResult:
    """Find the abstracts that answer a research question, best first.

    An abstract is found as a whole, by its best part where it is longer than the model reads; the
    sentence that comes nearest to the question is marked. Its `title` is read before it. Several
    questions are set against the abstracts one by one.
    """
    return search_one_or_many(
        rt,
        [_passage(abstract) for abstract in abstracts],
        query,
        queries,
        instruction=instruction,
        noun="abstracts",
        top_k=top_k,
        dim=dim,
        rerank=rerank,
    )


def _passage(abstract: Item) -> Passage:
    title = abstract.title or ""
    location = f"{abstract.id}, {title}" if title else abstract.id
    return Passage(abstract.id, abstract.text, location, title=title, facts=dict(abstract.fields))
