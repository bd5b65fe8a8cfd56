"""VectorCache: what is kept is found as it was, by any process, and damage is never a vector."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.core.caching.given import DIM, Made, encoded, file_of, fill, held, keys, run_sql

from metier import MetierWarning, VectorCache
from metier.caching.cache_database import NAME
from metier.errors import ParameterError, UnknownNameError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def cache(tmp_path: Path) -> VectorCache:
    return VectorCache(tmp_path / "vectors", limit=10**8)


def test_what_was_put_is_found_and_nothing_else(cache):
    assert held(cache, 0, 5) == []
    fill(cache, 0, 3000)
    places, found = cache.find(keys(2990, 3010)[::-1], DIM)
    assert places == list(range(10, 20))
    assert (found.vectors == encoded(2990, 3000).vectors[::-1]).all()
    assert held(cache, 0, 3001) == list(range(3000))


def test_a_vector_of_another_size_than_the_models_is_none(cache):
    fill(cache, 0, 2)
    assert cache.find(keys(0, 2), DIM // 2)[0] == []


def test_another_object_on_the_same_folder_finds_the_same(cache):
    fill(cache, 0, 5)
    assert held(VectorCache(cache.folder), 0, 5) == [0, 1, 2, 3, 4]


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_only_the_owner_can_read_what_is_kept(cache):
    fill(cache, 0, 5)
    assert cache.folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in cache.folder.iterdir()} == {0o600}
    assert names(cache) == [NAME]


def test_the_vectors_not_used_for_longest_are_dropped_above_the_limit(tmp_path):
    cache = VectorCache(tmp_path, limit=400_000)
    fill(cache, 0, 200)
    fill(cache, 200, 400)
    run_sql(cache, "UPDATE vectors SET used = used - 90000 WHERE id <= 100")
    run_sql(cache, "UPDATE vectors SET used = used - 80000 WHERE id > 100")
    assert held(cache, 50, 100) == list(range(50, 100))  # used again, so the newest now
    for start in range(400, 2000, 200):
        fill(cache, start, start + 200)
        assert cache.info().bytes <= 400_000
        if cache.info().entries < start + 200:  # not asked for by key, which would be a use
            break
    left = held(cache, 0, 2000)
    assert set(range(50)).isdisjoint(left)
    assert set(range(50, 100)) <= set(left)
    assert left[-1] == start + 199


def test_what_is_full_still_takes_what_is_new(tmp_path):
    cache = VectorCache(tmp_path, limit=1)
    fill(cache, 0, 5)
    assert held(cache, 0, 5) == []
    assert cache.info().models == ()
    with pytest.raises(ParameterError, match="limit=0"):
        VectorCache(tmp_path, limit=0)


def test_two_processes_may_write_at_once(cache):
    code = (
        "import sys; from tests.core.caching.given import fill; from metier import VectorCache\n"
        "cache, first = VectorCache(sys.argv[1]), int(sys.argv[2])\n"
        "for start in range(first, first + 1000, 50): fill(cache, start, start + 50)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    running = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code, str(cache.folder), str(first)],
            env=environment,
        )
        for first in (0, 500)
    ]
    assert [process.wait(timeout=120) for process in running] == [0, 0]
    assert held(cache, 0, 1500) == list(range(1500))
    assert run_sql(cache, "PRAGMA integrity_check") == [("ok",)]


def test_threads_may_share_a_cache(cache):
    found: list[list[int]] = []

    def work(first: int) -> None:
        for start in range(first, first + 200, 20):
            fill(cache, start, start + 20)
        found.append(held(cache, first, first + 200))

    threads = [threading.Thread(target=work, args=(100 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, found)) == [200] * 4
    assert len(held(cache, 0, 500)) == 500


def names(cache: VectorCache) -> list[str]:
    return sorted(path.name for path in cache.folder.iterdir())


def no_database(path: Path) -> None:
    path.write_bytes(b"a shopping list, and no database\n" * 1000)


def cut_in_half(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def overwritten_after_its_head(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[:4096] + b"\x5a" * (len(raw) - 4096))


@pytest.mark.parametrize("damage", [no_database, cut_in_half, emptied, overwritten_after_its_head])
def test_a_damaged_file_is_set_aside_with_one_warning(cache, damage):
    fill(cache, 0, 500)
    damage(file_of(cache))
    with pytest.warns(MetierWarning, match="cannot be read .* a new one is begun") as said:
        assert held(cache, 0, 500) == []
    assert len(said) == 1
    fill(cache, 0, 5)
    assert held(cache, 0, 10) == [0, 1, 2, 3, 4]
    assert names(cache) == [NAME, f"{NAME}.aside"]


def test_what_was_set_aside_is_removed_by_the_next_run_that_writes(cache):
    fill(cache, 0, 5)
    no_database(file_of(cache))
    later = VectorCache(cache.folder)
    with pytest.warns(MetierWarning, match=r"renamed to '.*\.aside', which a later run removes"):
        assert held(later, 0, 5) == []
    fill(later, 0, 5)
    assert names(cache) == [NAME, f"{NAME}.aside"]
    latest = VectorCache(cache.folder)
    assert held(latest, 0, 5) == [0, 1, 2, 3, 4]
    assert names(cache) == [NAME, f"{NAME}.aside"]
    fill(latest, 5, 6)
    assert names(cache) == [NAME]


@pytest.mark.parametrize(
    "statement",
    ["PRAGMA user_version = 7", "DROP TABLE vectors", "ALTER TABLE vectors DROP tokens"],
)
def test_a_file_with_other_tables_is_set_aside(cache, statement):
    fill(cache, 0, 5)
    run_sql(cache, statement)
    with pytest.warns(MetierWarning, match="a new one is begun"):
        fill(cache, 5, 10)
    assert held(cache, 0, 10) == [5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    "change",
    [
        "vector = zeroblob(256)",
        "vector = substr(vector, 1, 128)",
        "vector = 'a text'",
        "vector = 7",
        "tokens = tokens + 1",
        "truncated = 1 - truncated",
        "key = zeroblob(32)",
        "checksum = 'x'",
    ],
)
def test_a_vector_that_is_not_as_it_was_put_is_not_found_and_can_be_put_again(cache, change):
    fill(cache, 1, 5)
    run_sql(cache, f"UPDATE vectors SET {change} WHERE id = 2")
    assert held(cache, 0, 5) == [1, 3, 4]
    fill(cache, 1, 5)
    assert held(cache, 1, 5) == [1, 2, 3, 4]


def test_a_folder_that_cannot_be_is_one_warning_and_no_cache(tmp_path):
    (tmp_path / "file").touch()
    cache = VectorCache(tmp_path / "file" / "vectors")
    with pytest.warns(MetierWarning, match="computed and not kept") as said:
        fill(cache, 0, 5)
    assert len(said) == 1
    fill(cache, 0, 5)
    assert held(cache, 0, 5) == []
    assert cache.info().entries == 0


def test_a_disk_that_is_full_is_one_warning_and_what_was_kept_stays(cache):
    pytest.importorskip("resource")
    fill(cache, 0, 5)
    code = (
        "import resource, sys, warnings\n"
        "from tests.core.caching.given import fill; from metier import VectorCache\n"
        "cache = VectorCache(sys.argv[1])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (90000, 90000))\n"
        "with warnings.catch_warnings(record=True) as said:\n"
        "    fill(cache, 5, 2000); fill(cache, 2000, 4000)\n"
        "print(*(one.category.__name__ for one in said))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(cache.folder)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "MetierWarning\n"), done.stderr
    assert held(cache, 0, 4000) == [0, 1, 2, 3, 4]
    assert run_sql(cache, "PRAGMA integrity_check") == [("ok",)]


def test_info_says_what_is_kept_and_begins_nothing(cache):
    found = cache.info()
    assert (found.entries, found.bytes, found.limit, found.oldest) == (0, 0, 10**8, None)
    assert not cache.folder.exists()
    fill(cache, 0, 5)
    fill(cache, 5, 7, Made(dtype="bfloat16"))
    found = cache.info()
    assert (found.entries, found.bytes) == (7, file_of(cache).stat().st_size)
    assert [(one.id, one.dtype, one.dim, one.entries) for one in found.models] == [
        ("toy", "bfloat16", DIM, 2),
        ("toy", "float32", DIM, 5),
    ]
    run_sql(cache, "UPDATE vectors SET used = 0 WHERE id = 1")
    assert cache.info().oldest == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("damage", ["-7", "1 << 62", "'yesterday'", "x'00'", "0.5"])
def test_a_damaged_time_of_use_is_not_told(cache, damage):
    fill(cache, 0, 2)
    run_sql(cache, f"UPDATE vectors SET used = {damage}")
    assert cache.info().oldest is None
    run_sql(cache, "UPDATE vectors SET used = 60 WHERE id = 1")
    assert cache.info().oldest == datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
    assert held(cache, 0, 2) == [0, 1]


def test_clear_drops_a_model_or_all_and_gives_the_space_back(cache):
    fill(cache, 0, 2000)
    fill(cache, 2000, 2003, Made(fingerprint="e" * 16))
    large = cache.info().bytes
    with pytest.raises(UnknownNameError, match="no cached model 'eeee'"):
        cache.clear("eeee")
    assert cache.clear("f" * 16) == 2000
    assert cache.info().bytes < large / 10
    assert held(cache, 0, 2003) == [2000, 2001, 2002]
    assert cache.clear() == 3
    assert (cache.info().entries, cache.info().models) == (0, ())
    assert cache.clear() == 0


def test_clear_drops_what_was_set_aside(cache):
    fill(cache, 0, 5)
    no_database(file_of(cache))
    with pytest.warns(MetierWarning):
        fill(cache, 0, 5)
    cache.clear()
    assert names(cache) == [NAME]


def test_each_version_of_the_tables_has_a_file_of_its_own(cache, monkeypatch):
    fill(cache, 0, 5)
    with monkeypatch.context() as later:
        later.setattr("metier.caching.cache_database.VERSION", 2)
        later.setattr("metier.caching.cache_database.NAME", "vectors-2.sqlite3")
        fill(VectorCache(cache.folder), 5, 10)
    assert held(cache, 0, 10) == [0, 1, 2, 3, 4]
    assert names(cache) == [NAME, "vectors-2.sqlite3"]


def test_clear_drops_the_files_of_other_versions_and_nothing_else(cache):
    fill(cache, 0, 5)
    theirs = ["vectors-2.sqlite3", "vectors-2.sqlite3-wal", "vectors-0.sqlite3.aside"]
    foreign = ["vectors-mine.sqlite3", "vectors-2.sqlite3.bak", "vectors-2.txt"]
    for name in theirs + foreign:
        (cache.folder / name).touch()
    assert cache.clear("f" * 16) == 5
    assert names(cache) == sorted([NAME, *theirs, *foreign])
    cache.clear()
    assert names(cache) == sorted([NAME, *foreign])


def test_clear_warns_of_a_file_it_cannot_remove_and_goes_on(cache):
    fill(cache, 0, 5)
    (cache.folder / "vectors-2.sqlite3").mkdir()
    with pytest.warns(MetierWarning, match="vectors-2.*cannot be removed"):
        assert cache.clear() == 5


def test_clear_of_a_model_where_nothing_is_kept_is_an_unknown_name(cache):
    with pytest.raises(UnknownNameError, match="no cached model 'typo'"):
        cache.clear("typo")
    assert not cache.folder.exists()
    assert cache.clear() == 0


def test_what_is_found_is_not_lost_where_its_use_cannot_be_written(cache):
    fill(cache, 0, 5)
    run_sql(cache, "UPDATE vectors SET used = 0")
    run_sql(
        cache,
        "CREATE TRIGGER no BEFORE UPDATE ON vectors BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    assert held(cache, 0, 5) == [0, 1, 2, 3, 4]
    assert run_sql(cache, "SELECT DISTINCT used FROM vectors") == [(0,)]


def test_a_journal_left_without_its_file_is_not_replayed(cache):
    fill(cache, 0, 5)
    path = file_of(cache)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM vectors")
        connection.commit()
        journal = path.with_name(path.name + "-wal").read_bytes()
    path.unlink()
    path.with_name(path.name + "-wal").write_bytes(journal)
    fill(cache, 5, 8)
    assert held(cache, 0, 10) == [5, 6, 7]
    assert run_sql(cache, "PRAGMA integrity_check") == [("ok",)]
