"""Clauses as queries for clauses of their kind: `python -m benchmarks.example_clauses FOLDER`.

The folder is a test collection of clauses whose queries are named `<number>-<kind>`. Up to six
clauses of each kind are queries; every other clause of a kind of theirs is relevant. Settings may
be chosen on the first half of the queries and read on the second.
"""

from __future__ import annotations

import hashlib
import math
import sys
from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path
from statistics import fmean

from metier import Documents, Index, Runtime, SearchOptions
from metier.evaluation.labeled_data import read_collection
from metier_legal.searching.query_forms import INSTRUCTIONS, WEIGHTS

_MOST = 6
"""Queries of a kind."""
_VARIANTS: dict[str, dict[str, float]] = {
    "as for descriptions": {},
    "as for examples": WEIGHTS["example"],
    "vectors alone": {"dense": 1.0, "lexical": 0.0, "interaction": 0.0, "feedback": 0.0},
    "terms alone": {"dense": 0.0, "lexical": 1.0, "interaction": 0.0, "feedback": 0.0},
}


def main(folder: Path) -> None:
    """Print nDCG@10 of both halves for each variant of the settings."""
    collection = read_collection(folder)
    texts = {document.id: document.text for document in collection.documents}
    kinds: dict[str, set[str]] = defaultdict(set)
    for query, judged in collection.grades.items():
        for document, grade in judged.items():
            if grade:
                kinds[query.partition("-")[2]].add(document)
    queries = sorted({clause for members in kinds.values() for clause in _first(members)})
    relevant = {
        query: set().union(*(members for members in kinds.values() if query in members)) - {query}
        for query in queries
    }
    rt = Runtime("embedded", dtype="float32", cache=True, progress=False)
    rows = [{"id": id, "text": text} for id, text in texts.items()]
    index = rt.index(Documents.of(rows), domain="legal", instruction="legal/clause-search")
    for name, weights in _VARIANTS.items():
        scores = _scores(rt, index, {query: texts[query] for query in queries}, relevant, weights)
        halves = [
            fmean(scores[query] for query in queries if _half(query) == half) for half in (0, 1)
        ]
        sys.stdout.write(f"{name}: {halves[0]:.4f} {halves[1]:.4f} ({len(queries)} queries)\n")


def _scores(
    rt: Runtime,
    index: Index,
    queries: dict[str, str],
    relevant: dict[str, set[str]],
    weights: dict[str, float],
) -> dict[str, float]:
    options = SearchOptions(
        top_k=11,
        instruction=INSTRUCTIONS["example"],
        snippets=False,
        retrieval=rt.instructions.retrieval("legal").model_copy(update=weights),
    )
    lists = index.search_many(list(queries.values()), options=options)
    return {
        query: _ndcg([hit.document_id for hit in hits if hit.document_id != query], relevant[query])
        for query, hits in zip(queries, lists, strict=True)
    }


def _ndcg(ids: Sequence[str], relevant: Collection[str]) -> float:
    gain = sum(1 / math.log2(rank + 2) for rank, id in enumerate(ids[:10]) if id in relevant)
    return gain / sum(1 / math.log2(rank + 2) for rank in range(min(10, len(relevant))))


def _first(clauses: Collection[str]) -> list[str]:
    return sorted(clauses, key=_hash)[:_MOST]


def _half(query: str) -> int:
    return _hash(f"half{query}") % 2


def _hash(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
