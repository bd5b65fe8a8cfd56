"""Metrics of ranked documents, by ir-measures, which has trec_eval compute them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metier.errors import MissingExtraError

DEPTH = 100
"""Documents found for each query: as many as the deepest metric looks at."""

METRICS = {"ndcg@10": "nDCG@10", "recall@100": "R@100", "mrr@10": "RR@10"}
"""Our name and ir-measures' name of each. nDCG has linear gains, as trec_eval has it."""

Grades = Mapping[str, Mapping[str, int]]


def ranking_metrics(
    grades: Grades, found: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, float]]:
    """Each metric for each query.

    Args:
        grades: of documents by id, by id of the query.
        found: ids of documents, best first, by id of the query; every query of `grades`.

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
    # trec_eval orders by score and breaks ties by id: the place in our order leaves no ties
    run = {
        query: {document: float(len(ranked) - place) for place, document in enumerate(ranked)}
        for query, ranked in found.items()
    }
    judged = {query: dict(of_query) for query, of_query in grades.items()}
    by_metric: dict[str, dict[str, float]] = {name: dict.fromkeys(grades, 0.0) for name in METRICS}
    for value in ir_measures.iter_calc(list(wanted), judged, run):
        by_metric[wanted[value.measure]][value.query_id] = float(value.value)
    return by_metric
