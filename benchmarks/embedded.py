"""The embedded model: what somebody without a large machine runs."""

from __future__ import annotations

from benchmarks.contestants import check_same_vectors, peer_embedder, runtime
from benchmarks.options import Options
from benchmarks.rounds import rounds
from benchmarks.rows import Row, ratio
from benchmarks.targets import at_least
from benchmarks.texts import documents

CASE = "embedded-documents"


def embedded_case(options: Options) -> list[Row]:
    """Short documents, ours in `auto`, sentence-transformers as it is without any setting."""
    from metier.models.model_lookup import embedded_folder

    texts = documents(options.scaled(2000), mean_words=36)
    rt = runtime("embedded", dtype="auto", device=options.device)
    peer = peer_embedder(embedded_folder(), device=options.device)

    def theirs(batch: list[str]) -> object:
        return peer.encode(batch, show_progress_bar=False)

    check_same_vectors(rt.embed_documents(texts[:8]), theirs(texts[:8]))
    contestants = {"ours": rt.embed_documents, "peer": theirs}
    timings = rounds(contestants, texts, options.rounds, case=CASE)
    what = f"{len(texts)} short documents, peer at its defaults"
    return [ratio(CASE, what, timings, "ours", "peer", at_least(2.0, device=options.device))]
