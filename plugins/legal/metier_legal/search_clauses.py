"""legal/search-clauses: clauses of contracts by description."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from metier.plugin import (
    Dim,
    Documents,
    Passage,
    Runtime,
    SearchResult,
    TopK,
    search_passages,
    workflow,
)
from metier_legal.clauses import split_clauses


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

    Contracts are divided at their headings; a text that is one clause stays whole. A row's `title`,
    such as the name of the contract, is read before each of its clauses.
    """
    passages = [
        Passage(
            id=f"{document.id}:{clause.start}-{clause.end}",
            text=clause.text,
            location=f"{document.id}, {clause.heading}" if clause.heading else document.id,
            content=clause.in_context,
            title=document.title or "",
            facts={"source": document.id, "start": clause.start, "end": clause.end},
        )
        for document in clauses
        for clause in split_clauses(document.text)
    ]
    return search_passages(
        rt, query, passages, instruction=instruction, noun="clauses", top_k=top_k, dim=dim
    )
