"""The cases by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import (
    clustering,
    coldstart,
    documents,
    embedded,
    gemm,
    identifiers,
    index,
    int8,
    memory,
    nearness,
    quality,
    queries,
    rerank,
    searches,
    startup,
)
from benchmarks.options import Options
from benchmarks.rows import Row


@dataclass(frozen=True, slots=True)
class Case:
    """A named measurement.

    Attributes:
        name: name on the command line.
        summary: description in one line.
        run: measures and returns rows of the table.
        needs_folders: whether it reads test collections; such a case runs only when named.
    """

    name: str
    summary: str
    run: Callable[[Options], list[Row]]
    needs_folders: bool = False


CASES = {
    case.name: case
    for case in (
        Case(gemm.CASE, "what matrix products reach", gemm.gemm_case),
        Case(startup.CASE, "commands that must answer at once", startup.startup_case),
        Case(coldstart.CASE, "from the shell to a result", coldstart.coldstart_case),
        Case(embedded.CASE, "2,000 documents, embedded model", embedded.embedded_case),
        Case(memory.CASE, "20,000 documents in a stream", memory.memory_case),
        Case(clustering.CASE, "20,000 texts in groups", clustering.clustering_case),
        Case(index.CASE, "search in 300,000 vectors of 1,024 dimensions", index.index_case),
        Case(queries.CASE, "256 queries, 0.6B shape", queries.queries_case),
        Case(rerank.CASE, "1 query x 100 documents, 0.6B shape", rerank.rerank_case),
        Case(documents.CASE, "512 documents, 0.6B shape", documents.documents_case),
        Case(int8.CASE, "the same documents, ours in int8 and in bfloat16", int8.int8_case),
        Case(
            identifiers.CASE,
            "identifiers found in generated notes, by kind",
            identifiers.identifiers_case,
        ),
        Case(quality.CASE, "nDCG@10 by number format", quality.quality_case, needs_folders=True),
        Case(
            searches.CASE,
            "nDCG@10 by stage of a search",
            searches.searches_case,
            needs_folders=True,
        ),
        Case(
            nearness.CASE,
            "how often nothing is near",
            nearness.nearness_case,
            needs_folders=True,
        ),
    )
}
