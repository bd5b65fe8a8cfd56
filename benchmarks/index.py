"""Search in a large index: the funnel compared with exact search in time, recall and memory."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from benchmarks.options import Options
from benchmarks.rounds import Spread
from benchmarks.rows import Row, not_measured, spread
from benchmarks.streaming import peak_bytes
from benchmarks.targets import Target, at_least
from metier.chunking.chunk import Chunk
from metier.indexing.manifest import Manifest
from metier.indexing.memory_store import MemoryStore
from metier.indexing.store import Row as IndexRow
from metier.registry.provenance import Provenance

CASE = "index"
_COUNT = 300_000
_DIM = 1024
_QUERIES = 100
_TOP_K = 10
_BLOCK = 8192
_GB = 1e9


@dataclass(frozen=True, slots=True)
class Measurement:
    """Figures of each round.

    Attributes:
        funnel: median seconds of a search with the funnel.
        exact: median seconds of an exact search.
        recalls: mean recall@10 of the funnel.
    """

    funnel: list[float] = field(default_factory=list)
    exact: list[float] = field(default_factory=list)
    recalls: list[float] = field(default_factory=list)


def index_case(options: Options) -> list[Row]:
    """300,000 vectors of 1,024 dimensions: at least 5 times as fast at a recall of 0.99."""
    count = options.scaled(_COUNT)
    basis = _basis()
    store = _filled(count, basis)
    start = time.perf_counter()
    store.compact()
    fit_seconds = time.perf_counter() - start
    peak = peak_bytes()
    funnel = store.manifest.funnel
    size = f"{count} x {_DIM}"
    if funnel is None or funnel.is_exact:
        return [not_measured(CASE, size, "so few vectors are searched exactly")]
    vectors = store.vectors([_id(number) for number in range(count)])
    measured = _measure(store, vectors, basis, options.rounds)
    detail = (
        f"funnel {statistics.median(measured.funnel) * 1e3:.1f} ms, "
        f"exact {statistics.median(measured.exact) * 1e3:.1f} ms; shortlist of "
        f"{funnel.width(_TOP_K)} by {funnel.dim} dimensions, fitted in {fit_seconds:.0f} s"
    )
    short = count * funnel.dim * 4
    return [
        spread(
            CASE,
            f"times as fast: p50 of a search, {size}, against exact",
            Spread.of(e / f for e, f in zip(measured.exact, measured.funnel, strict=True)),
            target=at_least(5.0),
            detail=detail,
        ),
        spread(CASE, f"recall@{_TOP_K}, {size}", Spread.of(measured.recalls), target=Target(0.99)),
        Row(
            CASE,
            f"GB of vectors, {size}",
            (vectors.nbytes + short) / _GB,
            detail=f"full {vectors.nbytes / _GB:.2f} GB, short {short / _GB:.3f} GB; the process "
            f"had {peak / _GB:.2f} GB at most while it was filled and fitted",
        ),
    ]


def _measure(
    store: MemoryStore, vectors: npt.NDArray[np.float32], basis: npt.NDArray[np.float32], count: int
) -> Measurement:
    """Search with the funnel and exactly, in `count` rounds of new queries."""
    measured = Measurement()
    for number in range(count):
        queries = _vectors(_QUERIES, basis, seed=-1 - number)
        results, funnel_seconds = _timed(lambda query: _search(store, query), queries)
        expected, exact_seconds = _timed(lambda query: _exact(vectors, query), queries)
        measured.funnel.append(statistics.median(funnel_seconds))
        measured.exact.append(statistics.median(exact_seconds))
        shares = [
            len({*ids} & {*best}) / _TOP_K for ids, best in zip(results, expected, strict=True)
        ]
        measured.recalls.append(statistics.mean(shares))
        sys.stderr.write(
            f"{CASE}: round {number + 1} of {count}: p50 {measured.funnel[-1] * 1e3:.1f} ms, "
            f"exact {measured.exact[-1] * 1e3:.1f} ms, recall {measured.recalls[-1]:.4f}\n"
        )
    return measured


def _basis() -> npt.NDArray[np.float32]:
    """Random orthogonal axes."""
    drawn = np.random.default_rng(0).standard_normal((_DIM, _DIM))
    return np.linalg.qr(drawn)[0].astype(np.float32)


def _vectors(count: int, basis: npt.NDArray[np.float32], *, seed: int) -> npt.NDArray[np.float32]:
    """Unit vectors whose variance falls off as 1/i along the i-th axis, as with embeddings."""
    rng = np.random.default_rng(abs(seed) * 2 + (seed < 0))
    drawn = rng.standard_normal((count, _DIM), dtype=np.float32)
    drawn *= np.arange(1, _DIM + 1, dtype=np.float32) ** -0.5
    vectors = drawn @ basis
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def _filled(count: int, basis: npt.NDArray[np.float32]) -> MemoryStore:
    manifest = Manifest(Provenance("random", "0" * 16, _DIM), "0", "core")
    store = MemoryStore(manifest, str.split)
    for start in range(0, count, _BLOCK):
        numbers = range(start, min(count, start + _BLOCK))
        store.put([_row(number) for number in numbers], _vectors(len(numbers), basis, seed=start))
    return store


def _row(number: int) -> IndexRow:
    return IndexRow(Chunk(_id(number), str(number), "text", 0, 4, "", str(number)))


def _id(number: int) -> str:
    return f"{number:032x}"


def _search(store: MemoryStore, query: npt.NDArray[np.float32]) -> list[int]:
    (matches,) = store.nearest(query[None], _TOP_K)
    return [int(chunk_id, 16) for chunk_id in matches.ids]


def _exact(vectors: npt.NDArray[np.float32], query: npt.NDArray[np.float32]) -> list[int]:
    scores = vectors @ query
    near = np.argpartition(scores, len(scores) - _TOP_K)[-_TOP_K:]
    return [int(index) for index in near]


def _timed(
    search: Callable[[npt.NDArray[np.float32]], list[int]], queries: npt.NDArray[np.float32]
) -> tuple[list[list[int]], list[float]]:
    """Return the results of each query and its seconds."""
    search(queries[0])
    results, seconds = [], []
    for query in queries:
        start = time.perf_counter()
        results.append(search(query))
        seconds.append(time.perf_counter() - start)
    return results, seconds
