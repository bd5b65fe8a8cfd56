"""Where the cache lies and how large it may become."""

from __future__ import annotations

from pathlib import Path

import pytest

from metier.caching.vector_cache import cache_folder, cache_limit
from metier.errors import ParameterError
from metier.folders import user_folder


def test_the_cache_lies_where_the_user_says_else_among_the_users_caches(monkeypatch):
    monkeypatch.setenv("METIER_CACHE_DIR", "kept")
    assert cache_folder() == Path("kept")
    monkeypatch.setenv("METIER_CACHE_DIR", "~/kept")
    assert cache_folder() == Path.home() / "kept"
    monkeypatch.delenv("METIER_CACHE_DIR")
    assert cache_folder() == user_folder("cache") / "vectors"


@pytest.mark.parametrize(
    ("written", "limit"),
    [(None, 2 * 10**9), ("", 2 * 10**9), ("500MB", 5 * 10**8), ("1.5 gb", 15 * 10**8),
     ("2G", 2 * 10**9), ("1234", 1234), ("7B", 7)],
)  # fmt: skip
def test_a_size_is_a_number_and_a_unit(written, limit):
    assert cache_limit({} if written is None else {"METIER_CACHE_SIZE": written}) == limit


@pytest.mark.parametrize("written", ["much", "0", "-1GB", "1GiBB", "GB", "1 2"])
def test_what_is_no_size_is_refused(written):
    with pytest.raises(ParameterError, match="is not a size"):
        cache_limit({"METIER_CACHE_SIZE": written})
