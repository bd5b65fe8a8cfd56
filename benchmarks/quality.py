"""What a number format costs in quality, on test collections with judged documents."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.contestants import int8_runtime, runtime
from benchmarks.options import Options
from benchmarks.rows import Row, not_measured
from benchmarks.targets import at_most

CASE = "quality"
CUT = 10


@dataclass(frozen=True, slots=True)
class Collection:
    """A test collection in BEIR layout.

    Attributes:
        documents: text by id, the title before the text.
        queries: text by id, those with a relevant document.
        grades: grade by document id, by query id.
    """

    documents: Mapping[str, str]
    queries: Mapping[str, str]
    grades: Mapping[str, Mapping[str, float]]


def quality_case(options: Options) -> list[Row]:
    """nDCG@10 of the embedded model, and how far the other formats are from float32."""
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
    found = _quality(rt, collection)
    detail = f"{found:.4f}, in {rt.embedder.dtype}"
    return Row(CASE, what, abs(found - exact), target=at_most(0.005), detail=detail)


def _quality(rt: Any, collection: Collection) -> float:
    ids = list(collection.documents)
    documents = rt.embed_documents(list(collection.documents.values()))
    queries = rt.embed_queries(list(collection.queries.values()))
    order = np.argsort(-(queries @ documents.T), axis=1, kind="stable")[:, :CUT]
    scores = [
        ndcg([grades.get(ids[at], 0.0) for at in best], list(grades.values()))
        for best, grades in zip(order, map(collection.grades.get, collection.queries), strict=True)
    ]
    return float(np.mean(scores))


def ndcg(found: Sequence[float], judged: Sequence[float]) -> float:
    """nDCG of the grades found, best first, with linear gain, as trec_eval has it."""
    ideal = sorted(judged, reverse=True)[: len(found)]
    return _gain(found) / _gain(ideal)


def _gain(grades: Sequence[float]) -> float:
    return float(np.sum(np.asarray(grades) / np.log2(np.arange(2, len(grades) + 2))))


def read_collection(folder: Path) -> Collection:
    """Read corpus.jsonl, queries.jsonl and qrels.tsv, which begins with a line of names."""
    grades: dict[str, dict[str, float]] = {}
    with (folder / "qrels.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            grade = float(row["score"])
            if grade > 0:
                grades.setdefault(row["query-id"], {})[row["corpus-id"]] = grade
    documents = {
        row["_id"]: f"{row.get('title') or ''} {row['text']}".strip()
        for row in _lines(folder / "corpus.jsonl")
    }
    queries = {
        row["_id"]: row["text"] for row in _lines(folder / "queries.jsonl") if row["_id"] in grades
    }
    return Collection(documents, queries, grades)


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]
