"""legal/search-clauses: clauses of contracts by description."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from metier.plugin import (
    Dim,
    Documents,
    Runtime,
    SearchResult,
    TopK,
    document_passages,
    search_passages,
    workflow,
)
from metier_legal.clauses import clause_sections


@workflow("legal/search-clauses", instruction="legal/clause-search")
def search_clauses(
    rt: Runtime,
    clauses: Annotated[
        Documents,
        Field(description="Contracts (a folder, or text files) or single clauses (a table)."),
    ],
    query: Annotated[
        str, Field(min_length=1, description="What the clause says or is about, in your words.")
    ],
    *,
    instruction: Annotated[
        str, Field(description="Instruction id, such as legal/force-majeure.")
    ] = "legal/clause-search",
    top_k: Annotated[TopK, Field(description="How many clauses.")] = 10,
    dim: Dim = None,
) -> SearchResult:
    """Find the clauses of contracts that fit a description, with where they stand.

    Contracts are divided at their headings, as an index of the domain divides them; a text that is
    one clause stays whole. A row's `title`, such as the name of the contract, is read before each
    of its clauses.
    """
    passages = document_passages(rt, clauses, splitter=clause_sections, instruction=instruction)
    return search_passages(
        rt, query, passages, instruction=instruction, noun="clauses", top_k=top_k, dim=dim
    )
