"""Vectors in memory: what is kept, and what goes first."""

from __future__ import annotations

import numpy as np
from tests.core.caching.given import DIM, Made, encoded, fill, held, keys

from metier import Runtime, VectorCache
from metier.caching.cached_embedder import CachedEmbedder
from metier.caching.vector_memory import VectorMemory
from metier.progress import NoProgress

ONE = 4 * DIM
"""Bytes of one vector."""


def test_what_is_put_is_found_and_nothing_else():
    memory = VectorMemory()
    fill(memory, 0, 5)
    assert held(memory, 3, 8) == [3, 4]
    assert (len(memory), memory.nbytes) == (5, 5 * ONE)


def test_nothing_is_found_in_an_empty_one():
    places, found = VectorMemory().find(keys(0, 3), DIM)
    assert (places, found.vectors.shape) == ([], (0, DIM))


def test_what_was_not_used_for_longest_goes_first_and_the_limit_holds():
    memory = VectorMemory(limit=3 * ONE)
    fill(memory, 0, 3)
    memory.find(keys(0, 1), DIM)
    fill(memory, 3, 4)
    assert held(memory, 0, 4) == [0, 2, 3]
    assert memory.nbytes == 3 * ONE


def test_a_vector_that_is_put_twice_counts_once():
    memory = VectorMemory()
    fill(memory, 0, 2)
    fill(memory, 0, 2)
    assert memory.nbytes == 2 * ONE


def test_what_is_kept_does_not_change_with_the_array_it_came_from():
    memory, made = VectorMemory(), encoded(0, 1)
    memory.put(Made(), keys(0, 1), made)
    made.vectors[:] = np.nan
    assert held(memory, 0, 1) == [0]


def test_vectors_of_the_disk_are_counted_behind_the_memory(qwen3_rt, tmp_path):
    disk = Runtime(qwen3_rt.embedder, cache=VectorCache(tmp_path), plugins=[], progress=False)
    disk.embed_queries(["a bear", "a box"])
    both = CachedEmbedder(disk.embedder, VectorMemory())
    prompt = both.prompt(None, "query")
    texts = ["a bear", "a box", "a train"]
    made = [both.embed(texts, prompt=prompt, dim=64, progress=NoProgress()) for _ in range(2)]
    assert [one.recalled for one in made] == [2, 3]
    assert [one.cached for one in made] == [True, True]
    alone = CachedEmbedder(qwen3_rt.embedder, VectorMemory())
    assert not alone.embed(texts, prompt=prompt, dim=64, progress=NoProgress()).cached
