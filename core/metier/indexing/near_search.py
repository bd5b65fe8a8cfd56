"""Search that says what is near a query, and what is nearest in each document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metier.indexing.search_results import Hit
from metier.retrieval.query_words import QueryWords

if TYPE_CHECKING:
    import numpy.typing as npt

    from metier.chunking.chunk import Chunk
    from metier.indexing.conditions import Condition
    from metier.indexing.field_values import Value
    from metier.indexing.store import Row, Store, StoredDocument

_BLOCK = 4096
"""Chunks whose vectors or texts are in memory at a time."""


def heading_of_chunk(chunk: Chunk) -> str:
    """The title and the headings that a chunk stands under."""
    return chunk.heading


@dataclass(frozen=True, slots=True)
class NearRule:
    """When a chunk is near a query, and what chunks are parts of.

    A chunk is near if its cosine with the query reaches a threshold, or if it holds all words of
    the query, in any inflection and without common words; a single word has to be in its heading.

    Attributes:
        threshold: least cosine.
        documents: for the id of each document of the index the name of what it is a part of; None
            for the documents themselves.
        most_documents: above this number of names, queries are not set against them.
        heading_of: what stands above a chunk.
    """

    threshold: float
    documents: Mapping[str, str] | None = None
    most_documents: int = 60
    heading_of: Callable[[Chunk], str] = heading_of_chunk


@dataclass(frozen=True, slots=True)
class DocumentMatch:
    """The chunk of a document that has the highest cosine of those that are near a query.

    Attributes:
        chunk: the chunk.
        fields: of the document and of the section.
        cosine: with the query, to six decimals.
        count: how many chunks of the document are near: by their cosine, or by their words where
            no cosine is high enough.
    """

    chunk: Chunk
    fields: Mapping[str, Value]
    cosine: float
    count: int = 1


@dataclass(frozen=True, slots=True)
class NearHits:
    """What was found for a query.

    Attributes:
        hits: best first.
        near: for each hit whether it is near.
        matches: for each document that the queries are set against the nearest chunk; None where
            none is near.
    """

    hits: list[Hit]
    near: list[bool]
    matches: list[DocumentMatch | None]


@dataclass(frozen=True, slots=True)
class NearSearch:
    """What was found for several queries.

    Attributes:
        searched: number of documents of the index.
        documents: names of those that the queries are set against; none where there are too many.
        queries: what was found for each.
    """

    searched: int
    documents: list[str]
    queries: list[NearHits]


def near_search(
    store: Store,
    hit_lists: Sequence[list[Hit]],
    vectors: npt.NDArray[np.float32],
    words: Sequence[QueryWords],
    rule: NearRule,
    where: Condition | None = None,
) -> NearSearch:
    """Say which hits are near, and find the nearest chunk of each document by all of its vectors.

    Args:
        store: that was searched; it does not change meanwhile.
        hit_lists: what was found for each query.
        vectors: (queries, dim) unit vectors of the queries.
        words: of the queries.
        rule: says what is near, and what documents there are.
        where: condition that chunks have to meet.
    """
    contents = store.contents()
    chunks = _chunks_by_name(contents, rule)
    if where is not None:
        chunks = {name: _meeting(store, ids, where) for name, ids in chunks.items()}
    matches = {
        name: _match_document(store, ids, vectors, words, rule)
        for name, ids in chunks.items()
        if ids
    }
    return NearSearch(
        len(contents),
        list(matches),
        [
            NearHits(
                hits,
                _mark_near(store, hits, words[query], rule),
                [of_document[query] for of_document in matches.values()],
            )
            for query, hits in enumerate(hit_lists)
        ],
    )


def _mark_near(store: Store, hits: Sequence[Hit], words: QueryWords, rule: NearRule) -> list[bool]:
    rows = {row.chunk.id: row for row in store.rows([hit.id for hit in hits])}
    return [
        hit.id in rows and _is_near(words, hit.scores.get("dense", -1.0), rows[hit.id].chunk, rule)
        for hit in hits
    ]


def _chunks_by_name(contents: Mapping[str, StoredDocument], rule: NearRule) -> dict[str, list[str]]:
    """The ids of the chunks of each document that queries are set against, by its name."""
    names = {document: document for document in sorted(contents)}
    if rule.documents is not None:
        names = {id: name for id, name in rule.documents.items() if id in contents}
    if len(set(names.values())) > rule.most_documents:
        return {}
    chunks: dict[str, list[str]] = {}
    for document, name in names.items():
        chunks.setdefault(name, []).extend(sorted(contents[document].chunks))
    return chunks


def _meeting(store: Store, ids: Sequence[str], where: Condition) -> list[str]:
    return [
        row.chunk.id
        for block in _blocks(ids)
        for row in store.rows(block)
        if where.holds(row.compared)
    ]


def _match_document(
    store: Store,
    ids: Sequence[str],
    vectors: npt.NDArray[np.float32],
    words: Sequence[QueryWords],
    rule: NearRule,
) -> list[DocumentMatch | None]:
    """The nearest of the chunks of a document for each query; of equally near ones the first."""
    # equal vectors are equally near, also where the last bits of their products differ
    blocks = [store.vectors(block) @ vectors.T for block in _blocks(ids)]
    cosines = np.concatenate(blocks).round(6)
    best: list[tuple[str, float] | None] = [None] * len(words)
    counts = (cosines >= rule.threshold).sum(axis=0).tolist()
    by_words = []
    for query, scores in enumerate(cosines.T):
        position = int(scores.argmax())
        if scores[position] >= rule.threshold:
            best[query] = ids[position], float(scores[position])
        else:
            by_words.append(query)
    if by_words:
        start = 0
        for block in _blocks(ids):
            rows = store.rows(block)
            for query in by_words:
                scores = cosines[start : start + len(block), query]
                near = _near_by_words(rows, scores, words[query], rule)
                counts[query] += len(near)
                # of equally near ones the first
                best[query] = max([best[query], *near], key=_cosine_of)
            start += len(block)
    rows_by_id = {row.chunk.id: row for row in store.rows([match[0] for match in best if match])}
    return [
        match and _document_match(rows_by_id[match[0]], match[1], count)
        for match, count in zip(best, counts, strict=True)
    ]


def _near_by_words(
    rows: Sequence[Row], cosines: npt.NDArray[np.float32], words: QueryWords, rule: NearRule
) -> list[tuple[str, float]]:
    """The ids and cosines of the near rows, in their order."""
    return [
        (row.chunk.id, cosine)
        for row, cosine in zip(rows, cosines.tolist(), strict=True)
        if _is_near(words, cosine, row.chunk, rule)
    ]


def _cosine_of(match: tuple[str, float] | None) -> float:
    return -2.0 if match is None else match[1]


def _is_near(words: QueryWords, cosine: float, chunk: Chunk, rule: NearRule) -> bool:
    if cosine >= rule.threshold:
        return True
    return words.are_all_in(rule.heading_of(chunk), chunk.text)


def _document_match(row: Row, cosine: float, count: int) -> DocumentMatch:
    return DocumentMatch(row.chunk, row.fields, cosine, count)


def _blocks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + _BLOCK] for start in range(0, len(ids), _BLOCK))
