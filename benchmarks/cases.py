"""The cases: each returns rows of a table, measured side by side in this run."""

from __future__ import annotations

import random
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.pairs import interleave

WORDS = (
    "the loan patient contract function payment clinic supplier returns list court engine notice "
    "fever balance index clause parser interest treatment buyer queue risk dose party value"
).split()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    case: str
    measured: str
    value: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A named measurement and how many pairs it was asked for."""

    name: str
    summary: str
    run: Callable[[int], list[Row]]


def startup(pairs: int) -> list[Row]:
    """CPU seconds of a fresh interpreter: the commands that must answer at once."""
    commands = {
        "import metier": [sys.executable, "-c", "import metier"],
        "metier --help": [sys.executable, "-m", "metier", "--help"],
        "metier plugins": [sys.executable, "-m", "metier", "plugins"],
        "metier instructions list": [sys.executable, "-m", "metier", "instructions", "list"],
    }
    return [
        Row("startup", f"{name}, CPU seconds", sorted(_cpu(argv) for _ in range(pairs))[pairs // 2])
        for name, argv in commands.items()
    ]


def embedded_documents(pairs: int) -> list[Row]:
    """2,000 short documents, the embedded model, against sentence-transformers at its defaults."""
    from metier import Runtime
    from metier.models.embedded import embedded_folder
    from sentence_transformers import SentenceTransformer

    texts = documents(2000, mean_words=30)
    ours = Runtime("embedded", progress=False)
    peer = SentenceTransformer(str(embedded_folder()), device=ours.embedder.device)
    measured = interleave(
        lambda: ours.embed_documents(texts),
        lambda: peer.encode(texts, show_progress_bar=False),
        pairs,
    )
    detail = f"{sorted(measured.ours)[pairs // 2]:.2f} s / {sorted(measured.peer)[pairs // 2]:.2f} s"
    return [Row("embedded-documents", "times as fast", measured.speedup, detail)]


def documents(count: int, *, mean_words: int, seed: int = 0) -> list[str]:
    """Made-up documents of lognormal length."""
    chance = random.Random(seed)
    lengths = [max(3, round(chance.lognormvariate(0, 0.6) * mean_words)) for _ in range(count)]
    return [" ".join(chance.choices(WORDS, k=length)) for length in lengths]


def _cpu(argv: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


CASES = (
    Case("startup", "commands that must answer at once", startup),
    Case("embedded-documents", "embedded model against sentence-transformers", embedded_documents),
)
