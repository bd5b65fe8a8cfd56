"""legal/search-clauses: clauses of contracts by description."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from metier.plugin import (
    BatchResult,
    Dim,
    Documents,
    Queries,
    Query,
    Runtime,
    SearchResult,
    TopK,
    document_passages,
    search_one_or_many,
    workflow,
)
from metier_legal.structure.clauses import clause_sections


@workflow("legal/search-clauses", instruction="legal/clause-search")
def search_clauses(
    rt: Runtime,
    clauses: Annotated[
        Documents,
        Queries,
        Query,
        Field(description="Contracts (a folder, or text files) or single clauses (a table)."),
    ],
    query: Annotated[
        Query, Field(description="What the clause says or is about, in your words.")
    ] = None,
    *,
    queries: Annotated[
        Queries, Field(description="Several at once, such as a checklist, one a row.")
    ] = None,
    instruction: Annotated[
        str, Field(description="Instruction id, such as legal/force-majeure.")
    ] = "legal/clause-search",
    top_k: Annotated[TopK, Field(description="How many clauses.")] = 10,
    dim: Dim = None,
) -> SearchResult | BatchResult:
    """Find the clauses of contracts that fit a description, with where they stand.

    Several descriptions are set against the contracts, with the best clause of each.

    Contracts are divided at their headings, as an index of the domain divides them; a text that is
    one clause stays whole. A row's `title`, such as the name of the contract, is read before each
    of its clauses.
    """
    passages = document_passages(rt, clauses, splitter=clause_sections, instruction=instruction)
    return search_one_or_many(
        rt,
        passages,
        query,
        queries,
        instruction=instruction,
        noun="clauses",
        top_k=top_k,
        dim=dim,
    )
