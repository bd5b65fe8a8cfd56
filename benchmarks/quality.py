"""Quality by number format, on test collections with judged documents."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.contestants import int8_runtime, runtime
from benchmarks.options import Options
from benchmarks.rows import Row, not_measured
from benchmarks.targets import at_most
from metier.evaluation.labeled_data import Collection, read_collection
from metier.evaluation.search_task import DEPTH, ranking_metrics
from metier.retrieval.nearest import nearest

CASE = "quality"


def quality_case(options: Options) -> list[Row]:
    """nDCG@10 of the embedded model, and the differences of other formats from float32."""
    exactly = runtime("embedded", dtype="float32", device=options.device)
    others = {
        "auto": runtime("embedded", dtype="auto", device=options.device),
        "int8": int8_runtime("embedded", device=options.device),
    }
    rows: list[Row] = []
    for folder in map(Path, options.folders):
        collection = read_collection(folder)
        sys.stderr.write(f"{CASE}: {folder.name}, {len(collection.documents)} documents\n")
        exact = _quality(exactly, collection)
        size = f"{len(collection.queries)} queries, {len(collection.documents)} documents"
        rows.append(Row(CASE, f"{folder.name}: nDCG@10, float32", exact, detail=size))
        rows += [_difference(folder.name, *other, exact, collection) for other in others.items()]
    return rows


def _difference(name: str, dtype: str, rt: Any, exact: float, collection: Collection) -> Row:
    what = f"{name}: nDCG@10, {dtype} from float32"
    if rt is None:
        return not_measured(CASE, what, "this version or device has no int8")
    score = _quality(rt, collection)
    detail = f"{score:.4f}, in {rt.embedder.dtype}"
    return Row(CASE, what, abs(score - exact), target=at_most(0.005), detail=detail)


def _quality(rt: Any, collection: Collection) -> float:
    """nDCG@10 by the order of the cosines alone: other stages of a search would hide the format."""
    texts = [f"{item.title or ''} {item.text}".strip() for item in collection.documents]
    ids = [item.id for item in collection.documents]
    documents = rt.embed_documents(texts)
    queries = rt.embed_queries(list(collection.queries.values()))
    positions, _ = nearest(queries, documents, DEPTH)
    rankings = {
        query: [ids[position] for position in row]
        for query, row in zip(collection.queries, positions, strict=True)
    }
    return fmean(ranking_metrics(collection.grades, rankings)["ndcg@10"].values())
