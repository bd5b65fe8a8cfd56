"""The store in memory, which ends with the process."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from metier.indexing.conditions import Condition
from metier.indexing.manifest import Manifest
from metier.indexing.store import Analyze, Matches, Row, StoredDocument
from metier.indexing.verification import VerificationReport
from metier.progress import Progress
from metier.retrieval.bm25 import Bm25
from metier.retrieval.funnel import (
    LEAST,
    PROBES,
    Funnel,
    fit_funnel,
    principal_axes,
    sample_size,
    shortened,
)
from metier.retrieval.nearest import best, shortlist


class GrowingArray:
    """A (n, dim) float32 array that grows by doubling.

    A view keeps its rows, except those that are overwritten later.

    Args:
        dim: number of columns.
    """

    def __init__(self, dim: int) -> None:
        self._array = np.empty((0, dim), dtype=np.float32)
        self._count = 0

    def view(self) -> npt.NDArray[np.float32]:
        """Return the rows written so far, without copying them."""
        return self._array[: self._count]

    def write(self, positions: Sequence[int], rows: npt.NDArray[np.float32]) -> None:
        """Write rows at positions; new positions continue the array without a gap."""
        count = max(self._count, max(positions, default=-1) + 1)
        if count > len(self._array):
            size = (max(count, 2 * len(self._array)), self._array.shape[1])
            larger = np.empty(size, dtype=np.float32)
            larger[: self._count] = self.view()
            self._array = larger
        self._array[list(positions)] = rows
        self._count = count

    def keep(self, positions: Sequence[int]) -> None:
        """Keep the rows at these positions, in their order, and drop the others."""
        self._array = self._array[list(positions)]
        self._count = len(positions)


_BLOCK = 2**27
"""Most bytes of scores computed at a time, where there are many queries."""

_BATCH = 8192
"""Number of vectors read at a time where all are read."""


class MemoryStore:
    """Rows and vectors in memory; searches are exact until a funnel is worth fitting."""

    path: str | None = None

    def __init__(self, manifest: Manifest, analyze: Analyze) -> None:
        self._manifest = manifest
        self._analyze = analyze
        self._rows: list[Row] = []
        self._positions: dict[str, int] = {}  # of rows, by chunk id
        self._vectors = GrowingArray(manifest.provenance.dim)
        self._funnel: Funnel | None = None
        self._axes: npt.NDArray[np.float32] | None = None  # of the funnel: (dim, funnel dim)
        self._short: GrowingArray | None = None  # vectors rotated to the axes
        self._unfinished: set[str] = set()  # sources
        self._lock = threading.RLock()
        self._version = 0
        self._all_axes: tuple[int, npt.NDArray[np.float32]] | None = None
        self._terms: tuple[int, Bm25] | None = None
        self._scores: tuple[int, tuple[str, ...], npt.NDArray[np.float32]] | None = None
        self._filtered: tuple[int, Condition, npt.NDArray[np.int64]] | None = None

    @property
    def manifest(self) -> Manifest:
        return replace(self._manifest, funnel=self._funnel)

    def put(self, rows: Sequence[Row], vectors: npt.NDArray[np.float32]) -> None:
        """As `Store.put`."""
        if not rows:
            return
        plain = np.asarray(vectors)
        with self._lock:
            positions = self._positions_for(rows)
            self._vectors.write(positions, plain)  # first, since memory may run out
            if self._short is not None and self._axes is not None:
                self._short.write(positions, plain @ self._axes)
            for position, row in zip(positions, rows, strict=True):
                self._rows[position : position + 1] = [row]
                self._positions[row.chunk.id] = position
            self._version += 1

    def remove(self, ids: Collection[str]) -> None:
        """As `Store.remove`."""
        removed = set(ids)
        with self._lock:
            kept = [index for index, row in enumerate(self._rows) if row.chunk.id not in removed]
            self._rows = [self._rows[index] for index in kept]
            self._positions = {row.chunk.id: index for index, row in enumerate(self._rows)}
            self._vectors.keep(kept)
            if self._short is not None:
                self._short.keep(kept)
            self._version += 1

    def contents(self) -> dict[str, StoredDocument]:
        """As `Store.contents`."""
        documents: dict[str, StoredDocument] = {}
        with self._lock:
            for row in self._rows:
                empty = StoredDocument(row.source, {})
                document = documents.setdefault(row.chunk.document_id, empty)
                document.chunks[row.chunk.id] = row.digest
        return documents

    def __len__(self) -> int:
        """Return the number of chunks."""
        return len(self._rows)

    def nearest(
        self,
        queries: npt.NDArray[np.float32],
        count: int,
        where: Condition | None = None,
        *,
        dim: int | None = None,
    ) -> list[Matches]:
        """As `Store.nearest`; uses the funnel if there is one."""
        full = np.asarray(queries)
        with self._lock:  # lists and views taken here keep their rows while others write
            rows, vectors = self._rows, self._vectors.view()
            allowed = None if where is None else self._rows_meeting(where)
            compared, short_queries, width = vectors, full, count
            if dim is not None and dim < vectors.shape[1]:
                axes = self._axes_of_all()
                vectors = compared = shortened(vectors, axes, dim)
                full = short_queries = shortened(full, axes, dim)
            elif self._short is not None and self._funnel is not None and self._axes is not None:
                compared, short_queries = self._short.view(), full @ self._axes
                width = self._funnel.width(count)
        matches = []
        shortlists = _shortlists(short_queries, compared, width, allowed)
        for query, positions in zip(full, shortlists, strict=True):
            ids = [rows[position].chunk.id for position in positions]
            order, cosines = best(query, vectors[positions], ids, count)
            matches.append(Matches([ids[index] for index in order], cosines))
        return matches

    def search_terms(
        self, terms: Sequence[str], count: int, where: Condition | None = None
    ) -> Matches:
        """As `Store.search_terms`."""
        with self._lock:
            rows, scores = self._rows, self._term_scores(terms)
            if where is not None:
                allowed = self._rows_meeting(where)
                unfiltered, scores = scores, np.zeros_like(scores)
                scores[allowed] = unfiltered[allowed]
        near = shortlist(scores, count, slack=0.0)
        ranked = sorted((-scores[index], rows[index].chunk.id) for index in near if scores[index])
        return Matches(
            [chunk_id for _, chunk_id in ranked[:count]],
            np.array([-score for score, _ in ranked[:count]], dtype=np.float32),
        )

    def score_terms(self, terms: Sequence[str], ids: Sequence[str]) -> npt.NDArray[np.float32]:
        """As `Store.score_terms`."""
        with self._lock:
            scores, positions = self._term_scores(terms), self._positions
            known = [scores[positions[key]] if key in positions else 0.0 for key in ids]
        return np.array(known, dtype=np.float32)

    def rarity(self, term: str) -> float:
        """As `Store.rarity`."""
        with self._lock:
            return self._bm25().rarity(term)

    def rows(self, ids: Sequence[str]) -> list[Row]:
        """As `Store.rows`."""
        with self._lock:
            return [self._rows[self._positions[key]] for key in ids if key in self._positions]

    def vectors(self, ids: Sequence[str]) -> npt.NDArray[np.float32]:
        """As `Store.vectors`."""
        with self._lock:
            positions = [self._positions[key] for key in ids if key in self._positions]
            return self._vectors.view()[positions]

    def compact(self) -> None:
        """As `Store.compact`."""
        with self._lock:
            count = len(self._rows)
            if self._funnel is not None and not self._funnel.is_outgrown(count):
                return
            self._funnel = self._axes = self._short = None
            if count >= LEAST:
                self._fit(self._vectors.view(), self._axes_of_all())

    def has_headings(self) -> bool:
        """As `Store.has_headings`."""
        return any(row.chunk.heading for row in self._rows)

    def fields(self) -> list[str]:
        """As `Store.fields`."""
        with self._lock:
            return sorted({name for row in self._rows for name in row.fields})

    def begin_source(self, source: str) -> None:
        """As `Store.begin_source`."""
        with self._lock:
            self._unfinished.add(source)

    def end_sources(self, sources: Collection[str]) -> None:
        """As `Store.end_sources`."""
        with self._lock:
            self._unfinished.difference_update(sources)

    def unfinished(self) -> list[str]:
        """As `Store.unfinished`."""
        with self._lock:
            return sorted(self._unfinished)

    def snapshot(self) -> AbstractContextManager[None]:
        """As `Store.snapshot`; no other process can write to this store."""
        return nullcontext()

    def writing(self, opened: Manifest) -> AbstractContextManager[None]:
        """As `Store.writing`; nobody can rebuild this store."""
        return nullcontext()

    def damaged(self, ids: Sequence[str]) -> set[str]:
        """As `Store.damaged`; nothing in memory is."""
        return set()

    def verify(self, progress: Progress) -> VerificationReport:
        """As `Store.verify`; there are no files."""
        return VerificationReport(None, len(self))

    def purge(self, progress: Progress) -> None:
        """As `Store.purge`; nothing that was removed is in memory."""

    def drop(self) -> None:
        """As `Store.drop`."""
        self.remove(list(self._positions))
        self.end_sources(self.unfinished())
        self.compact()

    def _positions_for(self, rows: Sequence[Row]) -> list[int]:
        """Return the positions of rows; new rows follow the last one."""
        new: dict[str, int] = {}
        positions = []
        for chunk_id in (row.chunk.id for row in rows):
            position = self._positions.get(chunk_id)
            end = len(self._rows) + len(new)
            positions.append(new.setdefault(chunk_id, end) if position is None else position)
        return positions

    def _fit(self, vectors: npt.NDArray[np.float32], axes: npt.NDArray[np.float32]) -> None:
        probes = vectors[_sample(len(vectors), PROBES)]
        self._funnel = fit_funnel(lambda: _batches(vectors), len(vectors), probes, axes)
        if not self._funnel.is_exact:
            self._axes = np.ascontiguousarray(axes[:, : self._funnel.dim])
            self._short = GrowingArray(self._funnel.dim)
            start = 0
            for batch in _batches(vectors):
                self._short.write(range(start, start + len(batch)), batch @ self._axes)
                start += len(batch)

    def _axes_of_all(self) -> npt.NDArray[np.float32]:
        """Return the principal axes of the current vectors, fitted once for each version."""
        if self._all_axes is None or self._all_axes[0] != self._version:
            vectors = self._vectors.view()
            size = sample_size(*vectors.shape)
            axes = principal_axes(vectors[_sample(len(vectors), size)])
            self._all_axes = (self._version, axes)
        return self._all_axes[1]

    def _bm25(self) -> Bm25:
        """Return the term statistics of the current rows, computed once for each version."""
        if self._terms is None or self._terms[0] != self._version:
            bm25 = Bm25(self._analyze(row.chunk.content) for row in self._rows)
            self._terms = (self._version, bm25)
        return self._terms[1]

    def _term_scores(self, terms: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return the BM25 scores of all rows; the last ones are cached, as a search needs them
        twice."""
        key, cached = tuple(terms), self._scores
        if cached is None or cached[:2] != (self._version, key):
            cached = self._scores = (self._version, key, self._bm25().scores(terms))
        return cached[2]

    def _rows_meeting(self, where: Condition) -> npt.NDArray[np.int64]:
        """Return the positions of rows that meet a condition; the last ones are cached."""
        cached = self._filtered
        if cached is None or cached[0] != self._version or cached[1] != where:
            matching = [index for index, row in enumerate(self._rows) if where.holds(row.compared)]
            cached = (self._version, where, np.array(matching, dtype=np.int64))
            self._filtered = cached
        return cached[2]


def _shortlists(
    queries: npt.NDArray[np.float32],
    vectors: npt.NDArray[np.float32],
    width: int,
    allowed: npt.NDArray[np.int64] | None,
) -> Iterator[npt.NDArray[np.int64]]:
    """Yield, for each query, the positions of the vectors with the highest inner products."""
    if allowed is not None:
        vectors = vectors[allowed]
    block = max(1, _BLOCK // max(1, 4 * len(vectors)))
    for start in range(0, len(queries), block):
        for scores in queries[start : start + block] @ vectors.T:
            near = shortlist(scores, width)
            yield near if allowed is None else allowed[near]


def _batches(vectors: npt.NDArray[np.float32]) -> Iterator[npt.NDArray[np.float32]]:
    for start in range(0, len(vectors), _BATCH):
        yield vectors[start : start + _BATCH]


def _sample(count: int, size: int) -> npt.NDArray[np.int64]:
    """Return the sorted positions of a random sample, which is always the same."""
    positions = np.random.default_rng(0).choice(count, min(count, size), replace=False)
    return np.sort(positions)
