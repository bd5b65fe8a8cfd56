"""Search in a large index: the funnel beside exact search, in time, recall and memory."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

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
_TOP = 10
_BLOCK = 8192
_GB = 1e9


def index_case(options: Options) -> list[Row]:
    """300,000 vectors of 1,024 numbers: at least 5 times as fast at a recall of 0.99."""
    count = options.scaled(_COUNT)
    basis = _basis()
    store = _filled(count, basis)
    began = time.perf_counter()
    store.compact()
    fitted = time.perf_counter() - began
    peak = peak_bytes()
    funnel = store.manifest.funnel
    if funnel is None or funnel.is_exact:
        return [not_measured(CASE, f"{count} x {_DIM}", "so few vectors are searched exactly")]
    vectors = store.vectors([_id(number) for number in range(count)])
    took: dict[str, list[float]] = {"funnel": [], "exact": []}
    recalls = []
    for number in range(options.rounds):
        queries = _vectors(_QUERIES, basis, seed=-1 - number)
        found, seconds = _timed(lambda one: _ids(store, one), queries)
        true, exact = _timed(lambda one: _exact(vectors, one), queries)
        took["funnel"].append(statistics.median(seconds))
        took["exact"].append(statistics.median(exact))
        shares = [len({*one} & {*other}) / _TOP for one, other in zip(found, true, strict=True)]
        recalls.append(statistics.mean(shares))
        sys.stderr.write(
            f"{CASE}: round {number + 1} of {options.rounds}: "
            f"p50 {took['funnel'][-1] * 1e3:.1f} ms, exact {took['exact'][-1] * 1e3:.1f} ms, "
            f"recall {recalls[-1]:.4f}\n"
        )
    ratios = [one / other for one, other in zip(took["exact"], took["funnel"], strict=True)]
    what = f"{count} x {_DIM}"
    detail = (
        f"funnel {statistics.median(took['funnel']) * 1e3:.1f} ms, "
        f"exact {statistics.median(took['exact']) * 1e3:.1f} ms; shortlist of "
        f"{funnel.width(_TOP)} by {funnel.dim} numbers, fitted in {fitted:.0f} s"
    )
    short = count * funnel.dim * 4
    return [
        spread(
            CASE,
            f"times as fast: p50 of a search, {what}, against exact",
            Spread.of(ratios),
            target=at_least(5.0),
            detail=detail,
        ),
        spread(CASE, f"recall@{_TOP}, {what}", Spread.of(recalls), target=Target(0.99)),
        Row(
            CASE,
            f"GB of vectors, {what}",
            (vectors.nbytes + short) / _GB,
            detail=f"whole {vectors.nbytes / _GB:.2f} GB, short {short / _GB:.3f} GB; the process "
            f"had {peak / _GB:.2f} GB at most while it was filled and fitted",
        ),
    ]


def _basis() -> npt.NDArray[np.float32]:
    """Axes that no number of a vector lies along."""
    drawn = np.random.default_rng(0).standard_normal((_DIM, _DIM))
    return np.linalg.qr(drawn)[0].astype(np.float32)


def _vectors(count: int, basis: npt.NDArray[np.float32], *, seed: int) -> npt.NDArray[np.float32]:
    """Unit vectors whose variance falls off as 1/i along the i-th axis, as that of embeddings."""
    rng = np.random.default_rng(abs(seed) * 2 + (seed < 0))
    drawn = rng.standard_normal((count, _DIM), dtype=np.float32)
    drawn *= np.arange(1, _DIM + 1, dtype=np.float32) ** -0.5
    made = drawn @ basis
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made


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


def _ids(store: MemoryStore, query: npt.NDArray[np.float32]) -> list[int]:
    (found,) = store.nearest(query[None], _TOP)
    return [int(one, 16) for one in found.ids]


def _exact(vectors: npt.NDArray[np.float32], query: npt.NDArray[np.float32]) -> list[int]:
    scores = vectors @ query
    near = np.argpartition(scores, len(scores) - _TOP)[-_TOP:]
    return [int(place) for place in near]


def _timed(
    search: Callable[[npt.NDArray[np.float32]], list[int]], queries: npt.NDArray[np.float32]
) -> tuple[list[list[int]], list[float]]:
    """What each query found, and its seconds."""
    search(queries[0])
    found, seconds = [], []
    for query in queries:
        began = time.perf_counter()
        found.append(search(query))
        seconds.append(time.perf_counter() - began)
    return found, seconds
