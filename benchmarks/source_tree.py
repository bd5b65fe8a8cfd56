"""How quickly a source tree is indexed, brought up to date and searched.

    python -m benchmarks.source_tree [--tree FOLDER] [--kills 20] [--model embedded]

The tree is that of Python's standard library, without its tests, copied into a temporary folder.
Each step runs in a process of its own, so that its time has the start of Python and the loading of
the model in it, and its memory is what that process took at most.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from metier import Runtime
from metier_code.trees.tree_index import open_tree_index

QUERY = "parse an ISO 8601 date"
WANTED = "datetime.fromisoformat"
_LEFT_OUT = ("site-packages", "test", "tests", "idle_test", "__pycache__", "config-*")


def copy_library(folder: Path, source: Path) -> Path:
    """A copy of a tree that may be changed."""
    tree = folder / "tree"
    shutil.copytree(source, tree, ignore=shutil.ignore_patterns(*_LEFT_OUT), symlinks=True)
    return tree


def step(tree: Path, at: Path, model: str, *, kill_after: float | None = None) -> dict[str, Any]:
    """Bring the index up to date in a process of its own; what it took, or None of it if killed."""
    command = [sys.executable, "-m", "benchmarks.source_tree", "--step", str(tree), "--at", str(at)]
    process = subprocess.Popen([*command, "--model", model], stdout=subprocess.PIPE, text=True)
    try:
        printed, _ = process.communicate(timeout=kill_after)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        return {}
    facts: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return facts


def run_step(tree: Path, at: Path, model: str) -> dict[str, Any]:
    """What `step` measures, in this process."""
    began = time.perf_counter()
    rt = Runtime(model, progress=False)
    rt.embedder  # noqa: B018  # loads the model
    loaded = time.perf_counter()
    index = open_tree_index(rt, [tree], at=at)
    ended = time.perf_counter()
    freshness = index.freshness
    return {
        "files": freshness.files,
        "definitions": index.count,
        "chunks": len(index.index),
        "parsed": len(freshness.parsed),
        "embedded": freshness.embedded,
        "recalled": freshness.recalled,
        "left_out": len(index.left_out),
        "notes": list(freshness.notes),
        "load_seconds": round(loaded - began, 2),
        "seconds": round(ended - loaded, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def search(tree: Path, at: Path, model: str) -> dict[str, Any]:
    """Rank of the wanted function, and seconds of queries in a warm process."""
    rt = Runtime(model, progress=False)
    seconds = []
    for query in (QUERY, "read a file line by line", QUERY, "retry a request after a pause"):
        began = time.perf_counter()
        result = rt.run("code/search", tree, query, at=at)
        seconds.append(round(time.perf_counter() - began, 2))
        if query == QUERY:
            names = [hit.name for hit in result.hits]
    rank = next((row for row, name in enumerate(names, start=1) if name.endswith(WANTED)), None)
    return {"first": names[:5], "rank": rank, "first_seconds": seconds[0], "warm": seconds[1:]}


def kill_at_random(tree: Path, at: Path, model: str, kills: int, seconds: float) -> int:
    """Kill builds at random moments, each going on where the last one ended; how many were."""
    moments = random.Random(0)
    return sum(
        not step(tree, at, model, kill_after=moments.uniform(0.5, seconds / kills + 6))
        for _ in range(kills)
    )


def measure(source: Path, model: str, kills: int) -> None:
    """Print what each step took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree, at = copy_library(folder, source), folder / "index"
        built = step(tree, at, model)
        size = sum(path.stat().st_size for path in at.rglob("*") if path.is_file())
        show(
            "build", {**built, "chunks_per_second": round(built["embedded"] / built["seconds"], 1)}
        )
        show("size", {"mb": round(size / 1e6, 1)})
        show("again", step(tree, at, model))
        changed = tree / "calendar.py"
        text = changed.read_text(encoding="utf-8")
        changed.write_text(text.replace("def isleap(year):", "def isleap(year, by=4):"), "utf-8")
        show("one function changed", step(tree, at, model))
        changed.write_text(text, encoding="utf-8")
        show("changed back", step(tree, at, model))
        show("search", search(tree, at, model))
        if kills:
            second = folder / "killed"
            count = kill_at_random(tree, second, model, kills, built["seconds"])
            ended = step(tree, second, model)
            show("killed", {"times": count, **ended, "equal": is_equal(tree, at, second, model)})


def is_equal(tree: Path, first: Path, second: Path, model: str) -> bool:
    """Whether two indexes hold the same definitions, and both are intact."""
    rt = Runtime(model, progress=False)
    indexes = [open_tree_index(rt, [tree], at=at) for at in (first, second)]
    definitions = [index.definitions().definitions for index in indexes]
    intact = all(index.index.verify().is_intact for index in indexes)
    return intact and definitions[0] == definitions[1]


def show(name: str, facts: dict[str, Any]) -> None:
    """Print one line of results."""
    sys.stdout.write(f"{name}: {json.dumps(facts)}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, or run one step of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tree", type=Path, default=Path(sysconfig.get_path("stdlib")))
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--step", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--at", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.step is not None:
        sys.stdout.write(json.dumps(run_step(options.step, options.at, options.model)) + "\n")
    else:
        measure(options.tree, options.model, options.kills)


if __name__ == "__main__":
    main()
