"""Retrieval measured by the metrics of trec_eval, with the index and search of a workflow."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from metier.errors import MissingExtraError
from metier.evaluation.labeled_data import Collection
from metier.evaluation.measurement import Outcome
from metier.evaluation.pipeline import Pipeline
from metier.evaluation.tasks import LEADING
from metier.progress import working

if TYPE_CHECKING:
    from metier.indexing.conditions import Condition
    from metier.indexing.index import Index
    from metier.indexing.search_results import Hit
    from metier.progress import Progress
    from metier.registry.instruction import Instruction
    from metier.registry.retrieval_settings import RetrievalSettings
    from metier.runtime.runtime import Runtime

DEPTH = 100
"""Documents found for each query: as many as the deepest metric looks at."""

METRICS = {"ndcg@10": "nDCG@10", "recall@100": "R@100", "mrr@10": "RR@10"}
"""Our name and ir-measures' name of each. nDCG has linear gains, as trec_eval has it."""

Grades = Mapping[str, Mapping[str, int]]


def ranking_metrics(
    grades: Grades, rankings: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, float]]:
    """Each metric for each query.

    Args:
        grades: of documents by id, by id of the query.
        rankings: ids of documents, best first, by id of the query; every query of `grades`.

    Returns:
        By metric, then by query: values in [0, 1].

    Raises:
        MissingExtraError: ir-measures is not installed.
    """
    try:
        import ir_measures
    except ImportError as error:
        raise MissingExtraError("Measuring a ranking", "eval", "ir-measures") from error
    wanted = {ir_measures.parse_measure(theirs): ours for ours, theirs in METRICS.items()}
    # trec_eval orders by score and breaks ties by id: ranks as scores leave no ties
    run = {
        query: {document: float(len(ranked) - rank) for rank, document in enumerate(ranked)}
        for query, ranked in rankings.items()
    }
    judged = {query: dict(of_query) for query, of_query in grades.items()}
    by_metric: dict[str, dict[str, float]] = {name: dict.fromkeys(grades, 0.0) for name in METRICS}
    for value in ir_measures.iter_calc(list(wanted), judged, run):
        by_metric[wanted[value.measure]][value.query_id] = float(value.value)
    return by_metric


SHOWN = 10
"""Documents that a search gives by default; metrics at 10 are those of such a search."""

_TOGETHER = 64
"""Queries searched to every depth before the next ones, while their passages are cached."""


def measure_retrieval(
    rt: Runtime,
    collection: Collection,
    pipeline: Pipeline,
    *,
    dim: int | None = None,
    rerank: bool | None = None,
) -> Outcome:
    """Metrics of a search, means over the queries.

    `ndcg@10`: how well the first ten documents are ordered by their grades, gains linear and
    discounted by the logarithm of the rank (Järvelin and Kekäläinen 2002). `recall@100`: share of
    the answering documents among the first hundred. `mrr@10`: one over the rank of the first
    answering document, 0 if it is not among ten.

    Raises:
        UsageError: reranking is asked for, and there is no reranker.
    """
    if rerank:
        rt.engine.require_reranker()  # before the documents are embedded
    index = build(rt, collection, pipeline, dim=dim)
    settings = rt.instructions.retrieval(pipeline.searched_as)
    return measure_search(
        index,
        collection,
        settings,
        instruction=pipeline.instruction,
        rerank=rerank,
        progress=rt.engine.progress,
    )


def build(
    rt: Runtime, collection: Collection, pipeline: Pipeline, *, dim: int | None = None
) -> Index:
    """The index that the workflow would search."""
    return rt.index(
        collection.documents,
        instruction=pipeline.instruction,
        domain=pipeline.searched_as,
        dim=dim,
    )


def measure_search(
    index: Index,
    collection: Collection,
    settings: RetrievalSettings,
    *,
    instruction: Instruction | None,
    rerank: bool | None,
    progress: Progress,
) -> Outcome:
    """Metrics of searches in an index, whose documents are those of the collection."""
    import numpy as np

    names, texts = list(collection.queries), list(collection.queries.values())
    hits: list[list[Hit]] = []
    seconds = 0.0
    with working(progress, "searching", len(texts)) as bar:
        for start in range(0, len(texts), _TOGETHER):
            some = texts[start : start + _TOGETHER]
            of_queries, took = search_to(
                index, some, DEPTH, settings=settings, instruction=instruction, rerank=rerank
            )
            hits += of_queries
            seconds += took
            bar.advance(len(some))
    ranked = {
        name: [hit.document_id for hit in of_query]
        for name, of_query in zip(names, hits, strict=True)
    }
    by_query = ranking_metrics(collection.grades, ranked)
    by_metric = {
        metric: np.array([values[name] for name in names]) for metric, values in by_query.items()
    }
    leading = by_metric[LEADING["retrieval"]]
    return Outcome(
        metrics={metric: float(values.mean()) for metric, values in by_metric.items()},
        config={
            "retrieval": settings.model_dump(mode="json", exclude={"evidence"}),
            "stages": sorted(
                {stage for of_query in hits for hit in of_query for stage in hit.scores}
            ),
            "chunking": dict(index.manifest.chunking),
            "documents": len(collection.documents),
            "queries": len(names),
            "queries_without_answer": collection.unanswered,
        },
        cases=names,
        leading=lambda rows: float(leading[rows].mean()),
        seconds=seconds / len(names),
    )


def search_to(
    index: Index,
    queries: Sequence[str],
    depth: int,
    *,
    rerank: bool | None,
    settings: RetrievalSettings | None = None,
    instruction: Instruction | None = None,
    where: Condition | None = None,
) -> tuple[list[list[Hit]], float]:
    """Documents by query to a depth, the first ten as a search for ten gives them.

    A search for more looks at more candidates, and a reranker reads more of them, so its first ten
    may be others; what users see is measured. The documents below come from searches for 100 and
    for `depth`, without a reranker, which only orders what a search finds.

    Returns:
        The hits of each query, each document once, and the seconds that the searches for ten took.
    """

    def search(top_k: int, rerank: bool | None) -> list[list[Hit]]:
        return index.search_many(
            queries,
            top_k=top_k,
            rerank=rerank,
            instruction=instruction,
            retrieval=settings,
            where=where,
            snippets=False,
        )

    start = time.perf_counter()
    hits = search(min(SHOWN, depth), rerank)
    seconds = time.perf_counter() - start
    for top_k in sorted({min(DEPTH, depth), depth}):
        if top_k <= SHOWN:
            continue
        for of_query, below in zip(hits, search(top_k, rerank=False), strict=True):
            seen = {hit.document_id for hit in of_query}
            of_query += [hit for hit in below if hit.document_id not in seen][
                : top_k - len(of_query)
            ]
    return hits, seconds
