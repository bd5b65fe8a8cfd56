"""The vector cache in memory: what it stores, and what it drops first."""

from __future__ import annotations

import numpy as np
from tests.core.caching.toy_vectors import DIM, ToyEmbedder, embeddings, fill, keys, stored

from metier import Runtime, VectorCache
from metier.caching.cached_embedder import CachedEmbedder
from metier.caching.vector_memory import VectorMemory
from metier.progress import NoProgress

VECTOR_BYTES = 4 * DIM


def test_the_vectors_that_were_put_are_found_and_no_others():
    memory = VectorMemory()
    fill(memory, 0, 5)
    assert stored(memory, 3, 8) == [3, 4]
    assert (len(memory), memory.nbytes) == (5, 5 * VECTOR_BYTES)


def test_nothing_is_found_in_an_empty_cache():
    positions, cached = VectorMemory().find(keys(0, 3), DIM)
    assert (positions, cached.vectors.shape) == ([], (0, DIM))


def test_the_least_recently_used_vector_is_dropped_above_the_limit():
    memory = VectorMemory(limit=3 * VECTOR_BYTES)
    fill(memory, 0, 3)
    memory.find(keys(0, 1), DIM)
    fill(memory, 3, 4)
    assert stored(memory, 0, 4) == [0, 2, 3]
    assert memory.nbytes == 3 * VECTOR_BYTES


def test_a_vector_that_is_put_twice_counts_once():
    memory = VectorMemory()
    fill(memory, 0, 2)
    fill(memory, 0, 2)
    assert memory.nbytes == 2 * VECTOR_BYTES


def test_a_stored_vector_does_not_change_with_the_array_it_came_from():
    memory, passed = VectorMemory(), embeddings(0, 1)
    memory.put(ToyEmbedder(), keys(0, 1), passed)
    passed.vectors[:] = np.nan
    assert stored(memory, 0, 1) == [0]


def test_vectors_recalled_from_disk_behind_the_memory_are_counted(qwen3_rt, tmp_path):
    disk = Runtime(qwen3_rt.embedder, cache=VectorCache(tmp_path), plugins=[], progress=False)
    disk.embed_queries(["a bear", "a box"])
    both = CachedEmbedder(disk.embedder, VectorMemory())
    prompt = both.prompt(None, "query")
    texts = ["a bear", "a box", "a train"]
    results = [both.embed(texts, prompt=prompt, dim=64, progress=NoProgress()) for _ in range(2)]
    assert [result.recalled for result in results] == [2, 3]
    assert [result.cached for result in results] == [True, True]
    alone = CachedEmbedder(qwen3_rt.embedder, VectorMemory())
    assert not alone.embed(texts, prompt=prompt, dim=64, progress=NoProgress()).cached
