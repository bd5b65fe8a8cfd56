"""A cold start: from the shell to the first result."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.options import Options
from benchmarks.process import cpu_seconds, output
from benchmarks.rounds import Spread, rounds
from benchmarks.rows import Row, spread
from benchmarks.targets import at_most

CASE = "cold-start"
CLAUSES = [
    "Either party may terminate this agreement on thirty days' written notice.",
    "The supplier shall keep all information of the customer confidential.",
    "This agreement is governed by the laws of the State of New York.",
]
QUERY = "how the contract can be ended"


def coldstart_case(options: Options) -> list[Row]:
    """`metier run` over three texts, against a bare script that runs the same weights once.

    CPU seconds are compared besides, with one thread: those of a second one depend on what else
    the machine does, since it waits by spinning.
    """
    from metier.models.model_lookup import embedded_folder

    workflow = [sys.executable, "-m", "metier", "run", "legal/search-clauses"]
    if "--no-cache" in output([*workflow, "--help"]):
        workflow.append("--no-cache")
    bare = [sys.executable, "-m", "benchmarks.bare", str(embedded_folder()), options.device]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "clauses.jsonl"
        file.write_text("".join(json.dumps({"text": text}) + "\n" for text in CLAUSES))
        workflow += ["--clauses", str(file), "--query", QUERY, "--model", "embedded"]
        workflow += ["--device", options.device, "--json"]
        timings = rounds(
            {
                "metier run": lambda _: output(workflow),
                "bare script": lambda texts: output([*bare, *texts]),
            },
            [*CLAUSES, QUERY],
            options.rounds,
            case=CASE,
            read={
                "metier run": lambda: cpu_seconds(workflow, **_ONE_THREAD),
                "bare script": lambda: cpu_seconds([*bare, *CLAUSES, QUERY], **_ONE_THREAD),
            },
        )
    ours, theirs = timings.time("metier run").median, timings.time("bare script").median
    return [
        spread(
            CASE,
            "times as long as a bare script, embedded model, 3 texts",
            timings.ratio("bare script", "metier run"),
            target=at_most(1.3),
            detail=f"metier run {ours:.2f} s, bare script {theirs:.2f} s",
        ),
        _cpu_row(timings.readings["metier run"], timings.readings["bare script"]),
    ]


_ONE_THREAD = {"OMP_NUM_THREADS": "1"}


def _cpu_row(ours: Sequence[float], theirs: Sequence[float]) -> Row:
    ratios = Spread.of(mine / bare for mine, bare in zip(ours, theirs, strict=True))
    return spread(
        CASE,
        "times as many CPU seconds as a bare script, one thread each",
        ratios,
        target=at_most(1.3),
        detail=f"metier run {min(ours):.2f} s, bare script {min(theirs):.2f} s at least",
    )
