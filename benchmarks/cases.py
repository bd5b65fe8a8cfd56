"""The cases: each returns rows of a table, measured side by side in this run."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import qwen3
from benchmarks.options import Options
from benchmarks.pairs import interleave
from benchmarks.rows import Row
from benchmarks.texts import documents


@dataclass(frozen=True, slots=True)
class Case:
    """A named measurement."""

    name: str
    summary: str
    run: Callable[[Options], list[Row]]


def startup(options: Options) -> list[Row]:
    """CPU seconds of a fresh interpreter: the commands that must answer at once."""
    commands = {
        "import metier": [sys.executable, "-c", "import metier"],
        "metier --help": [sys.executable, "-m", "metier", "--help"],
        "metier plugins": [sys.executable, "-m", "metier", "plugins"],
        "metier instructions list": [sys.executable, "-m", "metier", "instructions", "list"],
    }
    runs = range(options.pairs)
    return [
        Row("startup", f"{name}, CPU seconds", statistics.median(_cpu(argv) for _ in runs))
        for name, argv in commands.items()
    ]


def embedded_documents(options: Options) -> list[Row]:
    """2,000 short documents, the embedded model, against sentence-transformers at its defaults."""
    from sentence_transformers import SentenceTransformer

    from metier import Runtime
    from metier.models.embedded import embedded_folder

    texts = documents(options.scaled(2000), mean_words=30)
    ours = Runtime("embedded", progress=False)
    peer = SentenceTransformer(str(embedded_folder()), device=ours.embedder.device)
    measured = interleave(
        lambda: ours.embed_documents(texts),
        lambda: peer.encode(texts, show_progress_bar=False),
        options.pairs,
    )
    ours_median, peer_median = statistics.median(measured.ours), statistics.median(measured.peer)
    detail = f"{ours_median:.2f} s / {peer_median:.2f} s"
    return [Row("embedded-documents", "times as fast", measured.speedup, detail)]


def _cpu(argv: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


CASES = (
    Case("startup", "commands that must answer at once", startup),
    Case("embedded-documents", "embedded model against sentence-transformers", embedded_documents),
    Case("qwen3-queries", "256 queries under one instruction, 0.6B shape", qwen3.queries_case),
    Case("qwen3-documents", "512 documents, 0.6B shape", qwen3.documents_case),
)
