"""Qwen3-Embedding of the 0.6B shape: short queries under one instruction."""

from __future__ import annotations

from pathlib import Path

from benchmarks.checkpoint import random_embedder
from benchmarks.contestants import by_batch_size, check_same_vectors, peer_embedder, runtime
from benchmarks.options import Options
from benchmarks.rounds import rounds
from benchmarks.rows import Row, ratio
from benchmarks.targets import at_least
from benchmarks.texts import queries

CASE = "qwen3-queries"
INSTRUCTION = "benchmark/search"
INSTRUCTION_TOKENS = 35

_PACK = Path(__file__).with_name("pack.yaml")


def queries_case(options: Options) -> list[Row]:
    """Queries of 4 to 14 words; ours computes the states of the instruction once."""
    folder, texts = random_embedder(options.layers), queries(options.scaled(256), words=(4, 14))
    rt = runtime(folder, dtype=options.dtype, device=options.device, packs=[_PACK])
    peer = peer_embedder(folder, dtype=options.dtype, device=options.device)
    prompt = rt.embedder.prompt(rt.instructions.get(INSTRUCTION).task, "query")
    end = 1  # the end token
    instruction = rt.embedder.count_tokens([""], prompt=prompt)[0] - end
    if instruction != INSTRUCTION_TOKENS:
        raise AssertionError(f"the instruction has {instruction} tokens")
    tokens = sum(rt.embedder.count_tokens(texts, prompt=prompt)) / len(texts) - instruction - end

    def ours(batch: list[str]) -> object:
        return rt.embed_queries(batch, instruction=INSTRUCTION)

    def theirs(batch: list[str], size: int) -> object:
        return peer.encode(batch, prompt=prompt.prefix, batch_size=size, show_progress_bar=False)

    check_same_vectors(ours(texts[:8]), theirs(texts[:8], 8))
    peers = by_batch_size(theirs)
    timings = rounds({"ours": ours, **peers}, texts, options.rounds, case=CASE, variants=peers)
    best = timings.fastest(peers)
    target = at_least(4.5, cuda=4.0, device=options.device)
    what = f"{len(texts)} queries of {tokens:.1f} tokens, {best} (its best)"
    return [ratio(CASE, what, timings, "ours", best, target)]
