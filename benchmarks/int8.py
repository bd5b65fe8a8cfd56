"""Qwen3-Embedding of the 0.6B shape in 8-bit integers, beside itself in bfloat16."""

from __future__ import annotations

from benchmarks.checkpoint import random_embedder
from benchmarks.contestants import check_same_vectors, int8_runtime, runtime
from benchmarks.documents import mixed_documents, total_tokens
from benchmarks.options import Options
from benchmarks.rounds import rounds
from benchmarks.rows import Row, not_measured, ratio
from benchmarks.targets import at_least

CASE = "qwen3-int8"


def int8_case(options: Options) -> list[Row]:
    """The documents of `qwen3-documents`, ours in int8 against ours in the dtype asked for."""
    folder, texts = random_embedder(options.layers), mixed_documents(options)
    ours = runtime(folder, dtype=options.dtype, device=options.device)
    int8 = int8_runtime(folder, device=options.device)
    if int8 is None:
        what = f"times as fast: ours in int8, ours in {options.dtype}"
        return [not_measured(CASE, what, "this version or device has no int8")]
    check_same_vectors(int8.embed_documents(texts[:8]), ours.embed_documents(texts[:8]))
    timings = rounds(
        {"ours int8": int8.embed_documents, "ours": ours.embed_documents},
        texts,
        options.rounds,
        case=CASE,
    )
    size = f"{len(texts)} documents of {total_tokens(ours, texts) / len(texts):.0f} tokens"
    what = f"{size}, ours in int8, ours in {options.dtype}"
    return [ratio(CASE, what, timings, "ours int8", "ours", at_least(1.3, device=options.device))]
