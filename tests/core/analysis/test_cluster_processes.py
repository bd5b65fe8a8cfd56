"""Clusters of the same rows are the same in every process, with one thread and with two."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
import sys
import numpy as np
from metier.analysis.clusters import cluster
from tests.core.analysis.vectors import around, unit
rows, _ = around(5, 200)
order = np.random.default_rng(int(sys.argv[1])).permutation(200)
labels = np.empty(200, dtype=int)
labels[order] = cluster(rows[order], seed=3).labels
print(labels.tolist())
"""


def labels(threads: int) -> str:
    settings = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(threads)],
        env={**os.environ, **settings, "PYTHONHASHSEED": str(threads)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_two_processes_with_one_and_two_threads_and_other_orders_give_the_same_labels():
    first = labels(1)
    assert len(set(first.split(","))) > 1
    assert labels(2) == first
