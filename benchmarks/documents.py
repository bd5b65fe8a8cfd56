"""Qwen3-Embedding of the 0.6B shape: documents of mixed length."""

from __future__ import annotations

from typing import Any

from benchmarks.checkpoint import layer_parameters, random_embedder
from benchmarks.contestants import (
    DEFAULT_BATCH_SIZE,
    by_batch_size,
    check_same_vectors,
    peer_at,
    peer_embedder,
    runtime,
)
from benchmarks.gemm import gemm_peak
from benchmarks.options import Options
from benchmarks.rounds import Contestant, Rounds, Spread, rounds
from benchmarks.rows import Row, ratio, spread
from benchmarks.targets import at_least
from benchmarks.texts import documents

CASE = "qwen3-documents"


def documents_case(options: Options) -> list[Row]:
    """Documents of lognormal length: the peer, its float32, ours in `auto`, the product peak."""
    folder, texts = random_embedder(options.layers), mixed_documents(options)
    rt = runtime(folder, dtype=options.dtype, device=options.device)
    tokens = total_tokens(rt, texts)
    peer = peer_embedder(folder, dtype=options.dtype, device=options.device)
    check_same_vectors(rt.embed_documents(texts[:8]), peer.encode(texts[:8]))
    peers = by_batch_size(
        lambda batch, size: peer.encode(batch, batch_size=size, show_progress_bar=False)
    )
    contestants: dict[str, Contestant] = {"ours": rt.embed_documents, **peers}
    auto, default = _automatic(options, rt), peer_at(DEFAULT_BATCH_SIZE)
    peer_float32 = default
    if auto is not rt:
        contestants["ours auto"] = auto.embed_documents
    if options.dtype != "float32":
        slow = peer_embedder(folder, dtype="float32", device=options.device)
        peer_float32 = "peer in float32"
        contestants[peer_float32] = lambda batch: slow.encode(batch, show_progress_bar=False)

    timings = rounds(
        contestants,
        texts,
        options.rounds,
        case=CASE,
        variants=peers,
        kept=[default],
        read={"peak": lambda: gemm_peak(options.dtype, options.device)},
    )

    best, device = timings.fastest(peers), options.device
    size = f"{len(texts)} documents of {tokens / len(texts):.0f} tokens"
    work = 2 * layer_parameters(folder) * tokens / 1e12
    return [
        ratio(
            CASE,
            f"{size}, {best} (its best)",
            timings,
            "ours",
            best,
            at_least(1.4, cuda=2.0, device=device),
        ),
        ratio(
            CASE,
            "peer at its default batch size",
            timings,
            "ours",
            default,
            at_least(2.0, cuda=2.0, device=device),
        ),
        _share(timings, work, options),
        ratio(
            CASE,
            f"auto ({auto.embedder.dtype}), peer in float32 at its default batch size",
            timings,
            "ours" if auto is rt else "ours auto",
            peer_float32,
            at_least(5.0, device=device),
        ),
    ]


def mixed_documents(options: Options) -> list[str]:
    """512 documents of lognormal length, about 65 tokens on average."""
    return documents(options.scaled(512), mean_words=65)


def total_tokens(rt: Any, texts: list[str]) -> int:
    """Tokens of the documents, once it is sure that they are as long as the case says."""
    tokens = sum(rt.embedder.count_tokens(texts, prompt=rt.embedder.prompt(None, "document")))
    if not 60 <= tokens / len(texts) <= 70:
        raise AssertionError(f"the documents have {tokens / len(texts):.1f} tokens on average")
    return int(tokens)


def _automatic(options: Options, rt: Any) -> Any:
    """Return a Runtime with the dtype that metier chooses; `rt` itself if it has that dtype."""
    folder = random_embedder(options.layers)
    auto = runtime(folder, dtype="auto", device=options.device)
    return rt if auto.embedder.dtype == rt.embedder.dtype else auto


def _share(timings: Rounds, work: float, options: Options) -> Row:
    speeds = [work / seconds for seconds in timings.seconds["ours"]]
    peaks = timings.readings["peak"]
    shares = Spread.of(speed / peak for speed, peak in zip(speeds, peaks, strict=True))
    middle = Spread.of(speeds).median, Spread.of(peaks).median
    return spread(
        CASE,
        f"share of the matrix product peak, {options.dtype}",
        shares,
        target=at_least(0.75, cuda=0.45, device=options.device),
        detail=f"{middle[0]:.3g} of {middle[1]:.3g} TFLOP/s",
    )
