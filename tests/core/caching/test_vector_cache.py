"""The vector cache: stored vectors are found unchanged, within a folder and a size limit."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.core.caching.toy_vectors import (
    DIM,
    ToyEmbedder,
    embeddings,
    file_of,
    fill,
    keys,
    run_sql,
    stored,
)

from metier import VectorCache
from metier.caching.vector_cache import cache_folder, cache_limit
from metier.errors import ParameterError, UnknownNameError
from metier.folders import user_folder


def test_the_vectors_that_were_put_are_found_and_no_others(cache):
    assert stored(cache, 0, 5) == []
    fill(cache, 0, 3000)
    positions, cached = cache.find(keys(2990, 3010)[::-1], DIM)
    assert positions == list(range(10, 20))
    assert (cached.vectors == embeddings(2990, 3000).vectors[::-1]).all()
    assert stored(cache, 0, 3001) == list(range(3000))


def test_a_vector_with_other_dimensions_than_the_model_is_not_found(cache):
    fill(cache, 0, 2)
    assert cache.find(keys(0, 2), DIM // 2)[0] == []


def test_another_object_with_the_same_folder_finds_the_same_vectors(cache):
    fill(cache, 0, 5)
    assert stored(VectorCache(cache.folder), 0, 5) == [0, 1, 2, 3, 4]


def test_the_least_recently_used_vectors_are_dropped_above_the_limit(tmp_path):
    cache = VectorCache(tmp_path, limit=400_000)
    fill(cache, 0, 200)
    fill(cache, 200, 400)
    run_sql(cache, "UPDATE vectors SET used = used - 90000 WHERE id <= 100")
    run_sql(cache, "UPDATE vectors SET used = used - 80000 WHERE id > 100")
    assert stored(cache, 50, 100) == list(range(50, 100))  # this use makes them the most recent
    for start in range(400, 2000, 200):
        fill(cache, start, start + 200)
        assert cache.info().bytes <= 400_000
        if cache.info().entries < start + 200:  # info is not a use, as a lookup would be
            break
    left = stored(cache, 0, 2000)
    assert set(range(50)).isdisjoint(left)
    assert set(range(50, 100)) <= set(left)
    assert left[-1] == start + 199


def test_a_limit_below_one_vector_stores_nothing_and_is_no_error(tmp_path):
    cache = VectorCache(tmp_path, limit=1)
    fill(cache, 0, 5)
    assert stored(cache, 0, 5) == []
    assert cache.info().models == ()
    with pytest.raises(ParameterError, match="limit=0"):
        VectorCache(tmp_path, limit=0)


def test_info_describes_the_cache_and_does_not_create_it(cache):
    info = cache.info()
    assert (info.entries, info.bytes, info.limit, info.oldest) == (0, 0, 10**8, None)
    assert not cache.folder.exists()
    fill(cache, 0, 5)
    fill(cache, 5, 7, ToyEmbedder(dtype="bfloat16"))
    info = cache.info()
    assert (info.entries, info.bytes) == (7, file_of(cache).stat().st_size)
    assert [(model.id, model.dtype, model.dim, model.entries) for model in info.models] == [
        ("toy", "bfloat16", DIM, 2),
        ("toy", "float32", DIM, 5),
    ]
    run_sql(cache, "UPDATE vectors SET used = 0 WHERE id = 1")
    assert cache.info().oldest == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("damage", ["-7", "1 << 62", "'yesterday'", "x'00'", "0.5"])
def test_a_damaged_time_of_use_is_ignored(cache, damage):
    fill(cache, 0, 2)
    run_sql(cache, f"UPDATE vectors SET used = {damage}")
    assert cache.info().oldest is None
    run_sql(cache, "UPDATE vectors SET used = 60 WHERE id = 1")
    assert cache.info().oldest == datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
    assert stored(cache, 0, 2) == [0, 1]


def test_clear_drops_a_model_or_all_and_frees_the_space(cache):
    fill(cache, 0, 2000)
    fill(cache, 2000, 2003, ToyEmbedder(fingerprint="e" * 16))
    large = cache.info().bytes
    with pytest.raises(UnknownNameError, match="no cached model 'eeee'"):
        cache.clear("eeee")
    assert cache.clear("f" * 16) == 2000
    assert cache.info().bytes < large / 10
    assert stored(cache, 0, 2003) == [2000, 2001, 2002]
    assert cache.clear() == 3
    assert (cache.info().entries, cache.info().models) == (0, ())
    assert cache.clear() == 0


def test_clear_of_a_model_in_an_empty_cache_is_an_unknown_name(cache):
    with pytest.raises(UnknownNameError, match="no cached model 'typo'"):
        cache.clear("typo")
    assert not cache.folder.exists()
    assert cache.clear() == 0


def test_vectors_are_found_even_if_their_use_cannot_be_recorded(cache):
    fill(cache, 0, 5)
    run_sql(cache, "UPDATE vectors SET used = 0")
    run_sql(
        cache,
        "CREATE TRIGGER no BEFORE UPDATE ON vectors BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    assert stored(cache, 0, 5) == [0, 1, 2, 3, 4]
    assert run_sql(cache, "SELECT DISTINCT used FROM vectors") == [(0,)]


def test_the_folder_is_the_configured_one_else_the_users_cache_folder(monkeypatch):
    monkeypatch.setenv("METIER_CACHE_DIR", "mine")
    assert cache_folder() == Path("mine")
    monkeypatch.setenv("METIER_CACHE_DIR", "~/mine")
    assert cache_folder() == Path.home() / "mine"
    monkeypatch.delenv("METIER_CACHE_DIR")
    assert cache_folder() == user_folder("cache") / "vectors"


@pytest.mark.parametrize(
    ("setting", "limit"),
    [(None, 2 * 10**9), ("", 2 * 10**9), ("500MB", 5 * 10**8), ("1.5 gb", 15 * 10**8),
     ("2G", 2 * 10**9), ("1234", 1234), ("7B", 7)],
)  # fmt: skip
def test_a_size_is_a_number_with_or_without_a_unit(setting, limit):
    assert cache_limit({} if setting is None else {"METIER_CACHE_SIZE": setting}) == limit


@pytest.mark.parametrize("setting", ["much", "0", "-1GB", "1GiBB", "GB", "1 2"])
def test_a_setting_that_is_not_a_size_is_refused(setting):
    with pytest.raises(ParameterError, match=r"is not a size|belongs in METIER_CACHE"):
        cache_limit({"METIER_CACHE_SIZE": setting})
