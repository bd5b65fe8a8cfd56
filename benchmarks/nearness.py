"""How often a search says that nothing is near: with an answer, and without one."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from benchmarks.options import Options
from benchmarks.rows import Row
from metier.evaluation.labeled_data import read_collection
from metier.registry.retrieval_settings import RetrievalSettings
from metier.retrieval.query_words import QueryWords
from metier.retrieval.terms import Analyzer
from metier.steps.nearness import near_cosine
from metier.texts.rows import Item

if TYPE_CHECKING:
    from metier import Runtime

CASE = "nearness"

_TASK = "core/passage-search"
_QUERIES = 100
_DOCUMENTS = 500


@dataclass(frozen=True, slots=True)
class _Compared:
    """Queries and documents of a collection, with their unit vectors as rows."""

    name: str
    words: list[QueryWords]
    queries: npt.NDArray[np.float32]
    documents: list[Item]
    vectors: npt.NDArray[np.float32]

    @property
    def field(self) -> str:
        return self.name.partition("-")[0]


def nearness_case(options: Options) -> list[Row]:
    """Share of queries to which something is near, in their own collection and in the others."""
    from metier import Runtime

    rt = Runtime("embedded", device=options.device, progress=False)
    compared = [_read(rt, Path(folder)) for folder in options.folders]
    least = near_cosine(rt, _TASK)
    rows = []
    for collection in compared:
        own = _near(collection, collection, least)
        rows.append(Row(CASE, f"{collection.name}: near, own queries", float(own.mean())))
        others = [
            _near(other, collection, least) for other in compared if other.field != collection.field
        ]
        if others:
            share = float(np.concatenate(others).mean())
            rows.append(Row(CASE, f"{collection.name}: near, queries of other fields", share))
    return rows


def _read(rt: Runtime, folder: Path) -> _Compared:
    collection = read_collection(folder)
    name = folder.resolve().name
    sys.stderr.write(f"{CASE}: {name}\n")
    asked = dict(list(collection.queries.items())[:_QUERIES])
    judged = {
        document
        for query in asked
        for document, grade in collection.grades[query].items()
        if grade > 0
    }
    ordered = sorted(collection.documents, key=lambda document: document.id not in judged)
    documents = ordered[:_DOCUMENTS]
    texts = [document.text for document in documents]
    analyzer = Analyzer(RetrievalSettings())
    return _Compared(
        name,
        [QueryWords(analyzer, query) for query in asked.values()],
        np.asarray(rt.embed_queries(list(asked.values()), instruction=_TASK)),
        documents,
        np.asarray(rt.embed_documents(texts, instruction=_TASK)),
    )


def _near(asked: _Compared, searched: _Compared, least: float) -> npt.NDArray[np.bool_]:
    """For each query whether any document is near it: by its cosine, or by all of its words."""
    by_cosine = (asked.queries @ searched.vectors.T).max(axis=1) >= least
    near = [
        is_near
        or any(
            words.are_all_in(document.title or "", document.text) for document in searched.documents
        )
        for words, is_near in zip(asked.words, by_cosine, strict=True)
    ]
    return np.array(near)
