"""Search, measured: the index and the search that a domain's workflow stands on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from metier.evaluation.folder import Collection
from metier.evaluation.measured import LEADING, Outcome
from metier.evaluation.pipeline import Pipeline
from metier.evaluation.ranking import DEPTH, ranking_metrics

if TYPE_CHECKING:
    from metier.runtime import Runtime


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
    """
    import numpy as np

    index = rt.index(
        collection.documents, instruction=pipeline.instruction, domain=pipeline.domain, dim=dim
    )
    names = list(collection.queries)
    began = time.perf_counter()
    hits = index.search_many(
        list(collection.queries.values()), top_k=DEPTH, rerank=rerank, snippets=False
    )
    seconds = time.perf_counter() - began
    found = {name: [hit.document_id for hit in one] for name, one in zip(names, hits, strict=True)}
    by_query = ranking_metrics(collection.grades, found)
    by_place = {
        metric: np.array([values[name] for name in names]) for metric, values in by_query.items()
    }
    leading = by_place[LEADING["retrieval"]]
    return Outcome(
        metrics={metric: float(values.mean()) for metric, values in by_place.items()},
        config={
            "weights": rt.instructions.retrieval(pipeline.domain).weights,
            "stages": sorted({stage for one in hits for hit in one for stage in hit.scores}),
            "documents": len(collection.documents),
            "queries": len(names),
            "queries_without_answer": collection.unanswered,
        },
        cases=names,
        leading=lambda places: float(leading[places].mean()),
        seconds=seconds / len(names),
    )
