"""Stores with a funnel find what exact search finds, whatever is written after fitting it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.core.indexing.toy_rows import MANIFEST, rows

from metier import field
from metier.indexing.info import info_of
from metier.indexing.lance.store import LanceStore
from metier.indexing.memory_store import MemoryStore
from metier.indexing.search_results import VectorSearch

DIM = 128
WIDE = replace(MANIFEST, provenance=replace(MANIFEST.provenance, dim=DIM))


@pytest.fixture(params=["memory", "disk"])
def store(request, tmp_path, monkeypatch):
    monkeypatch.setattr("metier.indexing.memory_store.LEAST", 500)
    monkeypatch.setattr("metier.indexing.lance.short_vectors.LEAST", 500)
    if request.param == "memory":
        return MemoryStore(WIDE, str.split)
    on_disk = LanceStore(tmp_path / "index")
    on_disk.begin(WIDE)
    return on_disk


def corpus(count: int, seed: int = 0) -> np.ndarray:
    """Unit rows with most of their variance in the last dimensions."""
    drawn = np.random.default_rng(seed).standard_normal((count, DIM), dtype=np.float32)
    drawn *= np.arange(DIM, 0, -1, dtype=np.float32) ** -1.2
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def recall(store, vectors: np.ndarray, queries: np.ndarray, where=None, rows=slice(None)) -> float:
    """Mean recall@10 of a store, against exact search in some rows of the vectors."""
    numbers = np.arange(len(vectors))[rows]
    shares = []
    for query, matches in zip(queries, store.nearest(queries, 10, where), strict=True):
        true = numbers[np.argsort(-(vectors[rows] @ query))[:10]]
        shares.append(len({int(chunk_id, 16) for chunk_id in matches.ids} & {*true.tolist()}) / 10)
    return float(np.mean(shares))


def test_a_large_index_has_a_funnel_and_finds_nearly_the_same(store):
    vectors, queries = corpus(1500), corpus(40, seed=1)
    store.put(rows(range(1500)), vectors)
    assert store.manifest.funnel is None
    store.compact()
    funnel = store.manifest.funnel
    assert funnel is not None
    assert (funnel.dim, funnel.fitted) == (32, 1500)
    assert min(funnel.recall) >= 0.99
    assert recall(store, vectors, queries) >= 0.98
    assert recall(store, vectors, queries, field("kind") == "odd", slice(1, None, 2)) >= 0.98
    assert "funnel" in info_of(store).search
    near = VectorSearch.of(store.manifest, top_k=80)
    assert (near.compared, near.rotated, near.shortlist) == (32, True, funnel.width(160))
    assert f"a shortlist of {funnel.width(160)} for 160 candidates" in near.sentence
    (matches,) = store.nearest(queries[:1], 3)
    expected = np.sort(vectors @ queries[0])[::-1][:3]
    np.testing.assert_allclose(matches.scores, expected, atol=1e-3)


def test_rows_written_after_fitting_are_found_too(store):
    store.put(rows(range(1000)), corpus(1000))
    store.compact()
    later = corpus(30, seed=7)
    store.put(rows(range(1000, 1030)), later)
    store.remove([f"{number:032x}" for number in range(500)])
    for number, matches in zip(range(1000, 1030), store.nearest(later, 1), strict=True):
        assert int(matches.ids[0], 16) == number
    store.put(rows([700]), -later[:1])
    (matches,) = store.nearest(-later[:1], 1)
    assert int(matches.ids[0], 16) == 700
    assert len(store.nearest(later[:1], 2000)[0].ids) == 530


def test_a_funnel_is_fitted_again_when_it_is_outgrown(store):
    store.put(rows(range(600)), corpus(600))
    store.compact()
    store.put(rows(range(600, 1000)), corpus(400, seed=1))
    store.compact()
    assert store.manifest.funnel.fitted == 600
    store.put(rows(range(1000, 1500)), corpus(500, seed=2))
    store.compact()
    assert store.manifest.funnel.fitted == 1500
    together = np.concatenate([corpus(600), corpus(400, seed=1), corpus(500, seed=2)])
    assert recall(store, together, corpus(20, seed=9)) >= 0.98


def test_fewer_dimensions_are_those_of_the_rotated_vectors(store):
    vectors, queries = corpus(1000), corpus(20, seed=1)
    store.put(rows(range(1000)), vectors)
    store.compact()
    true = np.argsort(-(queries @ vectors.T), axis=1)[:, :10]
    shares = []
    for expected, matches in zip(true, store.nearest(queries, 10, dim=24), strict=True):
        shares.append(
            len({int(chunk_id, 16) for chunk_id in matches.ids} & {*expected.tolist()}) / 10
        )
    assert np.mean(shares) >= 0.85


def test_a_funnel_that_does_not_pay_is_recorded_as_exact(store):
    flat = np.random.default_rng(0).standard_normal((1000, DIM)).astype(np.float32)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    store.put(rows(range(1000)), flat)
    store.compact()
    assert store.manifest.funnel.is_exact
    assert "exact" in info_of(store).search
    assert recall(store, flat, flat[:20]) == 1.0


def test_an_interrupted_fit_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr("metier.indexing.lance.short_vectors.LEAST", 500)
    store = LanceStore(tmp_path / "index")
    store.begin(WIDE)
    vectors = corpus(1000)
    store.put(rows(range(1000)), vectors)
    with monkeypatch.context() as patched:
        patched.setattr(
            "metier.indexing.lance.metadata.IndexMetadata.write_funnel",
            lambda *_: (_ for _ in ()).throw(KeyboardInterrupt),
        )
        with pytest.raises(KeyboardInterrupt):
            store.compact()
    other = LanceStore(tmp_path / "index")
    assert other.manifest.funnel is None
    other.put(rows([1000]), vectors[:1])
    assert recall(other, vectors, corpus(5, seed=1)) == 1.0
    other.compact()
    assert other.manifest.funnel.fitted == 1001
    names = other._open().schema.names
    assert sum(name.startswith("short_") for name in names) == 1


def test_a_funnel_whose_column_another_process_removed_is_fitted_again(tmp_path, monkeypatch):
    monkeypatch.setattr("metier.indexing.lance.short_vectors.LEAST", 500)
    store = LanceStore(tmp_path / "index")
    store.begin(WIDE)
    vectors, queries = corpus(1000), corpus(5, seed=1)
    store.put(rows(range(1000)), vectors)
    store.compact()
    (column,) = [name for name in store._open().schema.names if name.startswith("short_")]
    store._open().drop_columns([column])
    assert recall(store, vectors, queries) == 1.0
    store.put(rows([1000]), corpus(1, seed=5))
    store.compact()
    assert store.manifest.funnel.fitted == 1001
    (again,) = [name for name in store._open().schema.names if name.startswith("short_")]
    assert again != column


def test_a_snapshot_keeps_the_version_while_others_write(tmp_path):
    store, other = LanceStore(tmp_path / "index"), LanceStore(tmp_path / "index")
    store.begin(WIDE)
    vectors = corpus(20)
    store.put(rows(range(20)), vectors)
    ids = [f"{number:032x}" for number in range(20)]
    with store.snapshot():
        (matches,) = store.nearest(vectors[:1], 20)
        other.remove(ids[:10])
        assert len(store.rows(matches.ids)) == len(store.vectors(matches.ids)) == 20
    assert len(store.rows(ids)) == 10


def test_a_put_is_repeated_when_another_process_changed_the_columns(tmp_path, monkeypatch):
    monkeypatch.setattr("metier.indexing.lance.short_vectors.LEAST", 500)
    meanwhile = []

    def analyze(text: str) -> list[str]:
        while meanwhile:
            other._open().drop_columns([meanwhile.pop()])
        return text.split()

    store, other = (LanceStore(tmp_path / "index", analyze) for _ in range(2))
    store.begin(WIDE)
    vectors = corpus(1001)
    store.put(rows(range(1000)), vectors[:1000])
    store.compact()
    meanwhile += [name for name in store._open().schema.names if name.startswith("short_")]
    assert len(meanwhile) == 1
    store.put(rows([1000]), vectors[1000:])
    assert meanwhile == []
    assert len(store) == 1001
    assert int(store.nearest(vectors[1000:], 1)[0].ids[0], 16) == 1000
