"""How often a search says that nothing is near: with an answer, and without one."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from benchmarks.options import Options
from benchmarks.rows import Row
from metier.evaluation.labeled_data import read_collection
from metier.steps.nearness import near_cosine

CASE = "nearness"

_TASK = "core/passage-search"
_QUERIES = 100
_DOCUMENTS = 500


def nearness_case(options: Options) -> list[Row]:
    """Share of queries whose best match is near, in their own collection and in the others."""
    from metier import Runtime

    rt = Runtime("embedded", device=options.device, progress=False)
    queries, documents, names = [], [], []
    for folder in options.folders:
        collection = read_collection(Path(folder))
        names.append(Path(folder).resolve().name)
        sys.stderr.write(f"{CASE}: {names[-1]}\n")
        asked = dict(list(collection.queries.items())[:_QUERIES])
        judged = {
            document
            for query in asked
            for document, grade in collection.grades[query].items()
            if grade > 0
        }
        ordered = sorted(collection.documents, key=lambda document: document.id not in judged)
        texts = [document.text for document in ordered][:_DOCUMENTS]
        queries.append(np.asarray(rt.embed_queries(list(asked.values()), instruction=_TASK)))
        documents.append(np.asarray(rt.embed_documents(texts, instruction=_TASK)))
    least = near_cosine(rt, _TASK)
    rows = []
    for position, name in enumerate(names):
        own = (queries[position] @ documents[position].T).max(axis=1) >= least
        others = [
            (asked @ documents[position].T).max(axis=1) >= least
            for other, asked in enumerate(queries)
            if names[other].partition("-")[0] != name.partition("-")[0]
        ]
        rows.append(Row(CASE, f"{name}: near, own queries", float(own.mean())))
        if others:
            share = float(np.concatenate(others).mean())
            rows.append(Row(CASE, f"{name}: near, queries of other fields", share))
    return rows
