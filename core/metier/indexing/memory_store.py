"""The store in memory: gone with the process."""

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
    """(n, dim) float32 that grows by doubling.

    What `view` gave stays as it was but for rows that are written again.

    Args:
        dim: numbers of a row.
    """

    def __init__(self, dim: int) -> None:
        self._array = np.empty((0, dim), dtype=np.float32)
        self._count = 0

    def view(self) -> npt.NDArray[np.float32]:
        """The rows that are there now, not copied."""
        return self._array[: self._count]

    def write(self, places: Sequence[int], rows: npt.NDArray[np.float32]) -> None:
        """Write rows at places, of which new ones follow the last without a gap."""
        count = max(self._count, max(places, default=-1) + 1)
        if count > len(self._array):
            size = (max(count, 2 * len(self._array)), self._array.shape[1])
            grown = np.empty(size, dtype=np.float32)
            grown[: self._count] = self.view()
            self._array = grown
        self._array[list(places)] = rows
        self._count = count

    def keep(self, places: Sequence[int]) -> None:
        """Keep the rows at these places, in their order, and drop the others."""
        self._array = self._array[list(places)]
        self._count = len(places)


_BLOCK = 2**27
"""Bytes of scores computed at once, where there are many queries."""

_BATCH = 8192
"""Vectors read at a time where all are read."""


class MemoryStore:
    """Rows and vectors in this process; exact up to the size where a funnel pays."""

    path: str | None = None

    def __init__(self, manifest: Manifest, analyze: Analyze) -> None:
        self._manifest = manifest
        self._analyze = analyze
        self._rows: list[Row] = []
        self._places: dict[str, int] = {}
        self._vectors = GrowingArray(manifest.mark.dim)
        self._funnel: Funnel | None = None
        self._axes: npt.NDArray[np.float32] | None = None  # of the funnel, its dim of them
        self._short: GrowingArray | None = None  # rotated to them
        self._begun: set[str] = set()  # sources that are written
        self._lock = threading.RLock()
        self._version = 0
        self._rotated: tuple[int, npt.NDArray[np.float32]] | None = None
        self._lexicon: tuple[int, Bm25] | None = None
        self._scored: tuple[int, tuple[str, ...], npt.NDArray[np.float32]] | None = None
        self._meeting: tuple[int, Condition, npt.NDArray[np.int64]] | None = None

    @property
    def manifest(self) -> Manifest:
        return replace(self._manifest, funnel=self._funnel)

    def put(self, rows: Sequence[Row], vectors: npt.NDArray[np.float32]) -> None:
        """As `Store.put`."""
        if not rows:
            return
        plain = np.asarray(vectors)
        with self._lock:
            places = self._places_for(rows)
            self._vectors.write(places, plain)  # first what may fail, for want of memory
            if self._short is not None and self._axes is not None:
                self._short.write(places, plain @ self._axes)
            for place, row in zip(places, rows, strict=True):
                self._rows[place : place + 1] = [row]
                self._places[row.chunk.id] = place
            self._version += 1

    def remove(self, ids: Collection[str]) -> None:
        """As `Store.remove`."""
        gone = set(ids)
        with self._lock:
            kept = [place for place, row in enumerate(self._rows) if row.chunk.id not in gone]
            self._rows = [self._rows[place] for place in kept]
            self._places = {row.chunk.id: place for place, row in enumerate(self._rows)}
            self._vectors.keep(kept)
            if self._short is not None:
                self._short.keep(kept)
            self._version += 1

    def contents(self) -> dict[str, StoredDocument]:
        """As `Store.contents`."""
        found: dict[str, StoredDocument] = {}
        with self._lock:
            for row in self._rows:
                held = found.setdefault(row.chunk.document_id, StoredDocument(row.source, {}))
                held.chunks[row.chunk.id] = row.digest
        return found

    def __len__(self) -> int:
        """How many chunks there are."""
        return len(self._rows)

    def nearest(
        self,
        queries: npt.NDArray[np.float32],
        count: int,
        where: Condition | None = None,
        *,
        dim: int | None = None,
    ) -> list[Matches]:
        """As `Store.nearest`; by the funnel where there is one."""
        whole = np.asarray(queries)
        with self._lock:  # a search sees what is there when it begins: rows are only ever added
            rows, vectors = self._rows, self._vectors.view()
            allowed = None if where is None else self._those_meeting(where)
            compared, asked, width = vectors, whole, count
            if dim is not None and dim < vectors.shape[1]:
                axes = self._axes_of_all()
                vectors = compared = shortened(vectors, axes, dim)
                whole = asked = shortened(whole, axes, dim)
            elif self._short is not None and self._funnel is not None and self._axes is not None:
                compared, asked = self._short.view(), whole @ self._axes
                width = self._funnel.width(count)
        found = []
        near = _shortlists(asked, compared, width, allowed)
        for query, places in zip(whole, near, strict=True):
            ids = [rows[place].chunk.id for place in places]
            order, cosines = best(query, vectors[places], ids, count)
            found.append(Matches([ids[number] for number in order], cosines))
        return found

    def search_terms(
        self, terms: Sequence[str], count: int, where: Condition | None = None
    ) -> Matches:
        """As `Store.search_terms`."""
        with self._lock:
            rows, scores = self._rows, self._scores(terms)
            if where is not None:
                allowed = self._those_meeting(where)
                scores, every = np.zeros_like(scores), scores
                scores[allowed] = every[allowed]
        near = shortlist(scores, count, slack=0.0)
        ranked = sorted((-scores[place], rows[place].chunk.id) for place in near if scores[place])
        return Matches(
            [one for _, one in ranked[:count]],
            np.array([-score for score, _ in ranked[:count]], dtype=np.float32),
        )

    def score_terms(self, terms: Sequence[str], ids: Sequence[str]) -> npt.NDArray[np.float32]:
        """As `Store.score_terms`."""
        with self._lock:
            scores = self._scores(terms)
            known = [scores[self._places[one]] if one in self._places else 0.0 for one in ids]
        return np.array(known, dtype=np.float32)

    def rarity(self, term: str) -> float:
        """As `Store.rarity`."""
        with self._lock:
            return self._words().rarity(term)

    def rows(self, ids: Sequence[str]) -> list[Row]:
        """As `Store.rows`."""
        with self._lock:
            return [self._rows[self._places[one]] for one in ids if one in self._places]

    def vectors(self, ids: Sequence[str]) -> npt.NDArray[np.float32]:
        """As `Store.vectors`."""
        with self._lock:
            places = [self._places[one] for one in ids if one in self._places]
            return self._vectors.view()[places]

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
            self._begun.add(source)

    def end_sources(self, sources: Collection[str]) -> None:
        """As `Store.end_sources`."""
        with self._lock:
            self._begun.difference_update(sources)

    def unfinished(self) -> list[str]:
        """As `Store.unfinished`."""
        with self._lock:
            return sorted(self._begun)

    def snapshot(self) -> AbstractContextManager[None]:
        """As `Store.snapshot`; nobody else can write here."""
        return nullcontext()

    def drop(self) -> None:
        """As `Store.drop`."""
        self.remove(list(self._places))
        self.end_sources(self.unfinished())
        self.compact()

    def _places_for(self, rows: Sequence[Row]) -> list[int]:
        """Where rows stand or will stand: new ones behind the last."""
        new: dict[str, int] = {}
        places = []
        for identity in (row.chunk.id for row in rows):
            place = self._places.get(identity)
            end = len(self._rows) + len(new)
            places.append(new.setdefault(identity, end) if place is None else place)
        return places

    def _fit(self, vectors: npt.NDArray[np.float32], axes: npt.NDArray[np.float32]) -> None:
        probes = vectors[_some(len(vectors), PROBES)]
        self._funnel = fit_funnel(lambda: _batches(vectors), len(vectors), probes, axes)
        if not self._funnel.is_exact:
            self._axes = np.ascontiguousarray(axes[:, : self._funnel.dim])
            self._short = GrowingArray(self._funnel.dim)
            begun = 0
            for batch in _batches(vectors):
                self._short.write(range(begun, begun + len(batch)), batch @ self._axes)
                begun += len(batch)

    def _axes_of_all(self) -> npt.NDArray[np.float32]:
        """The axes of what is there now, fitted once until it changes."""
        if self._rotated is None or self._rotated[0] != self._version:
            vectors = self._vectors.view()
            size = sample_size(*vectors.shape)
            axes = principal_axes(vectors[_some(len(vectors), size)])
            self._rotated = (self._version, axes)
        return self._rotated[1]

    def _words(self) -> Bm25:
        """The terms of what is there now, made once until it changes."""
        if self._lexicon is None or self._lexicon[0] != self._version:
            made = Bm25(self._analyze(row.chunk.content) for row in self._rows)
            self._lexicon = (self._version, made)
        return self._lexicon[1]

    def _scores(self, terms: Sequence[str]) -> npt.NDArray[np.float32]:
        """The scores of all rows; those of the last terms are remembered: a search asks twice."""
        asked, known = tuple(terms), self._scored
        if known is None or known[:2] != (self._version, asked):
            known = self._scored = (self._version, asked, self._words().scores(terms))
        return known[2]

    def _those_meeting(self, where: Condition) -> npt.NDArray[np.int64]:
        """Places of the rows that meet a condition; the last condition is remembered."""
        known = self._meeting
        if known is None or known[0] != self._version or known[1] != where:
            met = [place for place, row in enumerate(self._rows) if where.holds(row.fields)]
            known = (self._version, where, np.array(met, dtype=np.int64))
            self._meeting = known
        return known[2]


def _shortlists(
    queries: npt.NDArray[np.float32],
    vectors: npt.NDArray[np.float32],
    width: int,
    allowed: npt.NDArray[np.int64] | None,
) -> Iterator[npt.NDArray[np.int64]]:
    """For each query the places of the vectors with the highest products."""
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


def _some(count: int, wanted: int) -> npt.NDArray[np.int64]:
    """Places of a sample, the same one every time."""
    chosen = np.random.default_rng(0).choice(count, min(count, wanted), replace=False)
    return np.sort(chosen)
