"""legal/search-clauses: clauses of contracts by description, by question or by example."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from metier import SearchOptions, Texts
from metier.plugin import (
    BatchResult,
    Dim,
    Documents,
    Item,
    ParameterError,
    Queries,
    Query,
    Rerank,
    Runtime,
    TopK,
    workflow,
)
from metier_legal.searching.clause_index import open_clause_index
from metier_legal.searching.clause_search import ClauseSearch
from metier_legal.searching.clause_search_result import ClauseSearchResult
from metier_legal.searching.filters import (
    ClauseFilter,
    ClauseKinds,
    ContractNames,
    HeadingNames,
    chosen_contracts,
)
from metier_legal.searching.query_forms import INSTRUCTIONS, WEIGHTS, QueryForm, form_of_all

Contracts = Annotated[
    Documents,
    Field(description="Contracts (a folder, or text files) or single clauses (a table)."),
]
ClauseQuery = Annotated[
    Query, Field(description="What the clause says or is about, a question, or a clause like it.")
]
Example = Annotated[
    Documents | None,
    Field(description="File with a clause that others are to be like, in place of a query."),
]
Form = Annotated[
    Literal["auto", "description", "question", "example"],
    Field(description="What queries are; by default as they look."),
]
FormInstruction = Annotated[
    str | None,
    Field(description="Instruction id, such as legal/force-majeure; by default that of the form."),
]
MostClauses = Annotated[TopK, Field(description="How many clauses.")]
IndexFolder = Annotated[
    Path | None,
    Field(description="Folder that keeps the index, which is brought up to date."),
]


@workflow("legal/search-clauses", instruction="legal/clause-search")
def search_clauses(
    rt: Runtime,
    clauses: Contracts,
    query: ClauseQuery = None,
    *,
    queries: Queries = None,
    example: Example = None,
    query_form: Form = "auto",
    instruction: FormInstruction = None,
    kind: ClauseKinds = (),
    contract: ContractNames = (),
    heading: HeadingNames = (),
    top_k: MostClauses = 10,
    rerank: Rerank = None,
    dim: Dim = None,
    at: IndexFolder = None,
) -> ClauseSearchResult | BatchResult:
    """Find the clauses of contracts that fit a description, with where they stand.

    A query describes a clause, asks a question, or is a clause that others are to be like. Of
    several contracts each has its best clause, and those with nothing near are named. Several
    queries are set against the contracts, with the best clause of each.

    Contracts are divided at their headings, as an index of the domain divides them; a text that is
    one clause stays whole. A row's `title`, such as the name of the contract, is read before each
    of its clauses.
    """
    texts = _texts(query, queries, example)
    form: QueryForm = "example" if query_form == "auto" else query_form
    if query_form == "auto" and example is None:
        form = form_of_all(texts.strings)
    used = instruction or INSTRUCTIONS[form]
    opened = open_clause_index(rt, clauses, instruction=used, dim=dim, at=at)
    contracts = chosen_contracts(list(opened.contracts.values()), contract)
    chosen = ClauseFilter.of(contracts, kind, heading)
    options = SearchOptions(
        top_k=top_k,
        where=chosen.condition(of_all=at is None and len(contracts) == len(opened.contracts)),
        instruction=used,
        retrieval=rt.instructions.retrieval("legal").model_copy(update=WEIGHTS[form]),
        rerank=rerank,
    )
    search = ClauseSearch(rt, opened, chosen, options, form)
    if queries is not None or len(texts) > 1:
        return search.run_many(texts)
    return search.run(texts[0].text)


def _texts(query: str | None, queries: Texts | None, example: Texts | None) -> Texts:
    """What is looked for.

    Raises:
        ParameterError: nothing is given, or more than one of them.
    """
    given = [value for value in (query, queries, example) if value is not None]
    if len(given) == 1:
        return Texts([Item("1", given[0])]) if isinstance(given[0], str) else given[0]
    raise ParameterError(
        "There is nothing to look for: neither $query nor $queries nor $example is given."
        if not given
        else "More than one of $query, $queries and $example is given.",
        fix="Give a query, several with $queries, or a clause with $example.",
        parameters={"query": ..., "queries": ..., "example": ...},
    )
