"""Qwen3-Embedding of the 0.6B shape against sentence-transformers on the same checkpoint."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from typing import Any

from benchmarks.checkpoint import layer_parameters, random_embedder
from benchmarks.machine import gemm_peak
from benchmarks.options import Options
from benchmarks.pairs import Pairs, interleave, seconds
from benchmarks.rows import Row
from benchmarks.texts import documents

TASK = (
    "retrieve relevant passages that answer the search query and find the two applications which "
    "missed payments and were based for the risk requirements that the loan "
    "meets for China and Beijing"
)
BATCH_SIZES = (8, 32, 128)


def queries_case(options: Options) -> list[Row]:
    """Short queries under one registered instruction: its states are computed once."""
    chance = random.Random(1)
    texts = [
        documents(1, mean_words=chance.randint(4, 14), seed=seed)[0]
        for seed in range(options.scaled(256))
    ]
    rt, peer = _both(options)
    from metier import Instruction

    instruction = Instruction(id="filings", task=TASK, kind="retrieval", domain="benchmark")
    prompt = f"Instruct: {TASK}\nQuery:"

    def theirs(batch_size: int) -> Callable[[], object]:
        return lambda: peer.encode(
            texts, prompt=prompt, batch_size=batch_size, show_progress_bar=False
        )

    def ours() -> object:
        return rt.embed_queries(texts, instruction=instruction)

    best = _best(theirs)
    measured = interleave(ours, theirs(best), options.pairs)
    return [_row("qwen3-queries", f"times as fast, peer at its best batch size {best}", measured)]


def documents_case(options: Options) -> list[Row]:
    """Documents of lognormal length, and the share of the matrix product peak they reach."""
    texts = documents(options.scaled(512), mean_words=55)
    rt, peer = _both(options)

    def theirs(batch_size: int) -> Callable[[], object]:
        return lambda: peer.encode(texts, batch_size=batch_size, show_progress_bar=False)

    def ours() -> object:
        return rt.embed_documents(texts)

    best = _best(theirs)
    at_best = interleave(ours, theirs(best), options.pairs)
    at_default = interleave(ours, theirs(32), options.pairs)
    tokens = sum(rt.embedder.count_tokens(texts, prompt=rt.embedder.prompt(None, "document")))
    work = 2 * layer_parameters(random_embedder(options.layers)) * tokens
    reached = work / statistics.median(at_best.ours) / 1e9
    share = reached / gemm_peak(options.dtype)
    return [
        _row("qwen3-documents", f"times as fast, peer at its best batch size {best}", at_best),
        _row("qwen3-documents", "times as fast, peer at its defaults", at_default),
        Row(
            "qwen3-documents",
            "share of the matrix product peak",
            share,
            f"{reached:.0f} GFLOP/s, {tokens / len(texts):.0f} tokens a text",
        ),
    ]


def _both(options: Options) -> tuple[Any, Any]:
    """Ours and the peer on the same checkpoint and in the same number format."""
    import torch
    from sentence_transformers import SentenceTransformer

    from metier import Runtime

    folder = random_embedder(options.layers)
    rt = Runtime(folder, dtype=options.dtype, device="cpu", plugins=[], progress=False)
    peer = SentenceTransformer(
        str(folder), device="cpu", model_kwargs={"dtype": getattr(torch, options.dtype)}
    )
    return rt, peer


def _best(theirs: Callable[[int], Callable[[], object]]) -> int:
    theirs(BATCH_SIZES[0])()
    return min(BATCH_SIZES, key=lambda batch_size: seconds(theirs(batch_size)))


def _row(case: str, what: str, measured: Pairs) -> Row:
    ours, peer = statistics.median(measured.ours), statistics.median(measured.peer)
    return Row(case, what, measured.speedup, f"{ours:.2f} s / {peer:.2f} s")
