"""20,000 texts grouped, named, drawn and saved, after embedding."""

from __future__ import annotations

import resource
import sys
import tempfile
import time

import numpy as np
import numpy.typing as npt

from benchmarks.options import Options
from benchmarks.rows import Row
from benchmarks.targets import at_most

CASE = "clustering"
_TOPICS, _DIM, _WORDS = 60, 256, 6000


def clustering_case(options: Options) -> list[Row]:
    """Minutes and memory of a clustering of random vectors around 60 topics of unequal size."""
    from metier.analysis.clusters import cluster
    from metier.analysis.group_hierarchy import group_hierarchy
    from metier.analysis.keywords import keywords
    from metier.analysis.memberships import memberships
    from metier.analysis.projection import project
    from metier.analysis.representatives import representatives
    from metier.clusterings.clustering import Clustering

    count = options.scaled(20_000)
    sys.stderr.write(f"{CASE}: {count} texts\n")
    vectors, texts = _mixture(count)
    start = time.perf_counter()
    clusters = cluster(vectors, terms=[text.split() for text in texts])
    memberships(vectors, clusters)
    words = keywords(texts, clusters.labels)
    representatives(vectors, clusters.labels, clusters.medoids)
    group_hierarchy(vectors, clusters.labels)
    project(vectors)
    kept = Clustering.of(vectors, clusters, texts, keywords=words)
    with tempfile.TemporaryDirectory() as folder:
        kept.save(folder)
    minutes = (time.perf_counter() - start) / 60.0
    own = float((kept.assign(vectors).labels == clusters.labels).mean())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    detail = f"{clusters.count} groups of {_TOPICS} topics, {own:.2%} assigned to their own"
    return [
        Row(CASE, f"minutes, {count} texts", minutes, target=at_most(10.0), detail=detail),
        Row(CASE, "GB at most", peak, target=at_most(6.0)),
    ]


def _mixture(count: int) -> tuple[npt.NDArray[np.float32], list[str]]:
    """Unit vectors around random directions, and texts of words of each and of all."""
    generator = np.random.default_rng(0)
    topics = generator.choice(_TOPICS, count, p=generator.dirichlet(np.full(_TOPICS, 2.0)))
    centers = generator.standard_normal((_TOPICS, _DIM))
    centers /= np.linalg.norm(centers, axis=1, keepdims=True)
    rows = centers[topics] + 0.09 * generator.standard_normal((count, _DIM))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    letters = "abcdefghijklmnopqrst"
    words = np.array([f"{a}{b}{c}q" for a in letters for b in letters for c in letters][:_WORDS])
    texts = [
        " ".join(
            [*generator.choice(words[100 * t : 100 * t + 100], 30), *generator.choice(words, 50)]
        )
        for t in topics
    ]
    return rows.astype(np.float32), texts
