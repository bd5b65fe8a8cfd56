"""finance/search-filings: passages and rows of tables of annual reports by question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from metier.plugin import (
    BatchResult,
    Dim,
    Documents,
    InstructionId,
    Passage,
    Queries,
    Query,
    Rerank,
    Runtime,
    SearchResult,
    TopK,
    document_passages,
    search_one_or_many,
    workflow,
)
from metier_finance.filing_tables import TableRow, tables_of
from metier_finance.filings import filing_sections


@workflow("finance/search-filings", instruction="finance/filings-search")
def search_filings(
    rt: Runtime,
    filings: Annotated[
        Documents,
        Field(description="Annual reports and other filings: a folder, files, or rows of a table."),
    ],
    query: Annotated[
        Query, Field(description="What you want to know, with line items and years if you can.")
    ] = None,
    *,
    queries: Annotated[Queries, Field(description="Several questions at once, one a row.")] = None,
    instruction: InstructionId = "finance/filings-search",
    top_k: Annotated[TopK, Field(description="How many passages and rows.")] = 10,
    rerank: Rerank = None,
    dim: Dim = None,
) -> SearchResult | BatchResult:
    """Find the passages and rows of tables in annual reports that answer a question.

    Several questions are set against the reports, with the best of each report.

    Each row of a table is read, and shown, with the headings and the paragraph above the table and
    with the table's header, which has its periods and units. A row whose label is what the
    question asks about comes before one that only has its words.
    """
    passages = document_passages(rt, filings, splitter=filing_sections, instruction=instruction)
    rows = {item.id: _rows_of(item.text) for item in filings}
    return search_one_or_many(
        rt,
        [_shown(passage, rows[passage.document]) for passage in passages],
        query,
        queries,
        instruction=instruction,
        noun="passages",
        top_k=top_k,
        dim=dim,
        rerank=rerank,
    )


def _rows_of(text: str) -> dict[int, TableRow]:
    """Rows of tables by the offset after their last character that is no white space."""
    rows = (row for _, of_table in tables_of(text) for row in of_table)
    return {row.start + len(text[row.start : row.end].rstrip()): row for row in rows}


def _shown(passage: Passage, rows: Mapping[int, TableRow]) -> Passage:
    """A row of a table with its header above it; any other passage as it is."""
    row = rows.get(passage.facts["end"])
    if row is None or passage.facts["start"] > row.start:
        return passage
    *_, cells = passage.text.splitlines()
    facts = {**passage.facts, "start": row.start, "header": row.header}
    lines = (part for part in (row.header, row.group, cells.strip()) if part)
    content = passage.content or passage.text
    return replace(passage, text="\n".join(lines), content=content, facts=facts)
