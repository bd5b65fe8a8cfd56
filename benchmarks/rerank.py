"""Qwen3-Reranker of the 0.6B shape: one query and its candidates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.checkpoint import random_reranker
from benchmarks.contestants import DEFAULT_BATCH_SIZE, by_batch_size, peer_at
from benchmarks.options import Options
from benchmarks.rounds import rounds
from benchmarks.rows import Row, ratio
from benchmarks.targets import at_least
from benchmarks.texts import documents

CASE = "qwen3-rerank"
QUERY = "Given a web search query, find the loan applications at risk"


def rerank_case(options: Options) -> list[Row]:
    """One query and documents of about 120 tokens, against a CrossEncoder that reads the same."""
    import numpy as np
    import torch

    folder, texts = random_reranker(options.layers), documents(options.scaled(100), mean_words=120)
    rt = _ours(folder, options)
    peer = _peer(folder, rt.reranker, options)
    tokens = _same_tokens(folder, rt.reranker, peer, texts)

    def theirs(batch: list[str], size: int) -> Any:
        pairs = [(QUERY, text) for text in batch]
        return peer.predict(
            pairs, activation_fn=torch.nn.Sigmoid(), batch_size=size, show_progress_bar=False
        )

    def ours(batch: list[str]) -> Any:
        return rt.rerank(QUERY, batch)

    mine = np.array([row.score for row in sorted(ours(texts), key=lambda row: row.index)])
    apart = float(np.abs(mine - theirs(texts, DEFAULT_BATCH_SIZE).astype(np.float32)).max())
    if apart > 2e-2:
        raise AssertionError(f"the sides disagree: scores are up to {apart:.3f} apart")

    peers, default = by_batch_size(theirs), peer_at(DEFAULT_BATCH_SIZE)
    timings = rounds(
        {"ours": ours, **peers}, texts, options.rounds, case=CASE, variants=peers, kept=[default]
    )
    best, device = timings.fastest(peers), options.device
    size = f"1 query x {len(texts)} documents, {tokens:.0f} tokens a pair"
    agreed = f"scores within {apart:.1g}, spread {np.ptp(mine):.1g}"
    return [
        ratio(
            CASE, f"{size}, {best} (its best)", timings, "ours", best, at_least(1.5, device=device)
        ),
        ratio(
            CASE,
            f"peer at its default batch size; {agreed}",
            timings,
            "ours",
            default,
            at_least(2.0, device=device),
        ),
    ]


def _ours(folder: Path, options: Options) -> Any:
    from metier import Runtime

    return Runtime(
        "embedded",  # never loaded here
        folder,
        dtype=options.dtype,
        device=options.device,
        plugins=[],
        progress=False,
    )


def _peer(folder: Path, reranker: Any, options: Options) -> Any:
    import torch
    from sentence_transformers import CrossEncoder
    from sentence_transformers.base.modules.transformer import Transformer
    from sentence_transformers.cross_encoder.modules import LogitScore
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    yes, no = (tokenizer.convert_tokens_to_ids(answer) for answer in ("yes", "no"))
    transformer = Transformer(
        str(folder),
        transformer_task="text-generation",
        model_kwargs={"dtype": getattr(torch, options.dtype)},
        processor_kwargs={"chat_template": _chat_template(reranker)},
    )
    return CrossEncoder(modules=[transformer, LogitScore(yes, no)], device=options.device)


def _chat_template(reranker: Any) -> str:
    """What our reranker reads, as a template in jinja."""
    text = '{{ (messages | selectattr("role", "eq", "ROLE") | first).content[0].text }}'
    query, document = (text.replace("ROLE", role) for role in ("query", "document"))
    rendered: str = reranker.render(query, document, task=None)
    # jinja drops a line break at the very end unless it is an expression.
    return rendered.rstrip() + '{{ "\\n\\n" }}'


def _same_tokens(folder: Path, reranker: Any, peer: Any, texts: list[str]) -> float:
    """Mean tokens of a pair, once it is sure that both sides read the same ones."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    read = [
        tokenizer.encode(reranker.render(QUERY, text, task=None), add_special_tokens=False)
        for text in texts
    ]
    features = peer.preprocess([(QUERY, text) for text in texts])
    rows = zip(features["input_ids"], features["attention_mask"], strict=True)
    theirs = [ids[mask.bool()].tolist() for ids, mask in rows]
    if theirs != read:
        raise AssertionError("the sides do not read the same tokens")
    return sum(map(len, read)) / len(read)
