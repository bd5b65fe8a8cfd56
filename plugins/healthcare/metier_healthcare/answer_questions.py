"""healthcare/answer-questions: the passage of patient information that answers a question."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from metier.plugin import (
    BatchResult,
    Dim,
    Documents,
    InstructionId,
    Queries,
    Query,
    Rerank,
    Runtime,
    SearchResult,
    TopK,
    document_passages,
    search_one_or_many,
    sections_by_heading,
    workflow,
)


@workflow("healthcare/answer-questions", instruction="healthcare/medical-qa")
def answer_questions(
    rt: Runtime,
    pages: Annotated[
        Documents,
        Field(description="Leaflets, web pages or answers: a folder, files, or rows of a table."),
    ],
    query: Annotated[Query, Field(description="A question in a patient's words.")] = None,
    *,
    queries: Annotated[Queries, Field(description="Several questions at once, one a row.")] = None,
    instruction: InstructionId = "healthcare/medical-qa",
    top_k: Annotated[TopK, Field(description="How many passages.")] = 5,
    rerank: Rerank = None,
    dim: Dim = None,
) -> SearchResult | BatchResult:
    """Find the passages of patient information that answer a question.

    Pages are divided at their headings, and where a section is longer than the model reads. What is
    asked of a disease counts, such as its treatment or its outlook, and the passage is shown as it
    stands: nothing is written anew. Several questions are set against the pages, with the best of
    each page.
    """
    return search_one_or_many(
        rt,
        document_passages(rt, pages, splitter=sections_by_heading, instruction=instruction),
        query,
        queries,
        instruction=instruction,
        noun="passages",
        top_k=top_k,
        dim=dim,
        rerank=rerank,
    )
