"""The file of the vector cache: shared by processes, and replaced when it is damaged."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from tests.core.caching.toy_vectors import file_of, fill, run_sql, stored

from metier import MetierWarning, VectorCache
from metier.caching.cache_database import NAME

ROOT = Path(__file__).parents[3]


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_only_the_owner_can_read_the_files(cache):
    fill(cache, 0, 5)
    assert cache.folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in cache.folder.iterdir()} == {0o600}
    assert names(cache) == [NAME]


def test_two_processes_can_write_at_the_same_time(cache):
    code = (
        "import sys; from tests.core.caching.toy_vectors import fill\n"
        "from metier import VectorCache\n"
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
    assert stored(cache, 0, 1500) == list(range(1500))
    assert run_sql(cache, "PRAGMA integrity_check") == [("ok",)]


def test_threads_can_share_a_cache(cache):
    results: list[list[int]] = []

    def work(first: int) -> None:
        for start in range(first, first + 200, 20):
            fill(cache, start, start + 20)
        results.append(stored(cache, first, first + 200))

    threads = [threading.Thread(target=work, args=(100 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, results)) == [200] * 4
    assert len(stored(cache, 0, 500)) == 500


def names(cache: VectorCache) -> list[str]:
    return sorted(path.name for path in cache.folder.iterdir())


def plain_text(path: Path) -> None:
    path.write_bytes(b"not a database\n" * 1000)


def cut_in_half(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def overwritten_at_the_end(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[:4096] + b"\x5a" * (len(raw) - 4096))


@pytest.mark.parametrize("damage", [plain_text, cut_in_half, emptied, overwritten_at_the_end])
def test_a_damaged_file_is_set_aside_with_one_warning(cache, damage):
    fill(cache, 0, 500)
    damage(file_of(cache))
    with pytest.warns(MetierWarning, match="cannot be read .* a new cache was started") as warned:
        assert stored(cache, 0, 500) == []
    assert len(warned) == 1
    fill(cache, 0, 5)
    assert stored(cache, 0, 10) == [0, 1, 2, 3, 4]
    assert names(cache) == [NAME, f"{NAME}.aside"]


def test_a_file_that_was_set_aside_is_removed_by_the_next_run_that_writes(cache):
    fill(cache, 0, 5)
    plain_text(file_of(cache))
    later = VectorCache(cache.folder)
    with pytest.warns(MetierWarning, match=r"renamed to '.*\.aside', which a later run removes"):
        assert stored(later, 0, 5) == []
    fill(later, 0, 5)
    assert names(cache) == [NAME, f"{NAME}.aside"]
    latest = VectorCache(cache.folder)
    assert stored(latest, 0, 5) == [0, 1, 2, 3, 4]
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
    with pytest.warns(MetierWarning, match="a new cache was started"):
        fill(cache, 5, 10)
    assert stored(cache, 0, 10) == [5, 6, 7, 8, 9]


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
def test_a_damaged_vector_is_not_found_and_can_be_put_again(cache, change):
    fill(cache, 1, 5)
    run_sql(cache, f"UPDATE vectors SET {change} WHERE id = 2")
    assert stored(cache, 0, 5) == [1, 3, 4]
    fill(cache, 1, 5)
    assert stored(cache, 1, 5) == [1, 2, 3, 4]


def test_a_folder_that_cannot_be_created_gives_one_warning_and_no_cache(tmp_path):
    (tmp_path / "file").touch()
    cache = VectorCache(tmp_path / "file" / "vectors")
    with pytest.warns(MetierWarning, match="computed and not cached") as warned:
        fill(cache, 0, 5)
    assert len(warned) == 1
    fill(cache, 0, 5)
    assert stored(cache, 0, 5) == []
    assert cache.info().entries == 0


def test_a_full_disk_gives_one_warning_and_stored_vectors_stay(cache):
    pytest.importorskip("resource")
    fill(cache, 0, 5)
    code = (
        "import resource, sys, warnings\n"
        "from tests.core.caching.toy_vectors import fill; from metier import VectorCache\n"
        "cache = VectorCache(sys.argv[1])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (90000, 90000))\n"
        "with warnings.catch_warnings(record=True) as warned:\n"
        "    fill(cache, 5, 2000); fill(cache, 2000, 4000)\n"
        "print(*(warning.category.__name__ for warning in warned))\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", code, str(cache.folder)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (process.returncode, process.stdout) == (0, "MetierWarning\n"), process.stderr
    assert stored(cache, 0, 4000) == [0, 1, 2, 3, 4]
    assert run_sql(cache, "PRAGMA integrity_check") == [("ok",)]


def test_clear_removes_a_file_that_was_set_aside(cache):
    fill(cache, 0, 5)
    plain_text(file_of(cache))
    with pytest.warns(MetierWarning):
        fill(cache, 0, 5)
    cache.clear()
    assert names(cache) == [NAME]


def test_each_version_of_the_tables_has_its_own_file(cache, monkeypatch):
    fill(cache, 0, 5)
    with monkeypatch.context() as later:
        later.setattr("metier.caching.cache_database.VERSION", 2)
        later.setattr("metier.caching.cache_database.NAME", "vectors-2.sqlite3")
        fill(VectorCache(cache.folder), 5, 10)
    assert stored(cache, 0, 10) == [0, 1, 2, 3, 4]
    assert names(cache) == [NAME, "vectors-2.sqlite3"]


def test_clear_removes_the_files_of_other_versions_and_no_other_files(cache):
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


def test_a_journal_without_its_file_is_not_replayed(cache):
    fill(cache, 0, 5)
    path = file_of(cache)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM vectors")
        connection.commit()
        journal = path.with_name(path.name + "-wal").read_bytes()
    path.unlink()
    path.with_name(path.name + "-wal").write_bytes(journal)
    fill(cache, 5, 8)
    assert stored(cache, 0, 10) == [5, 6, 7]
    assert run_sql(cache, "PRAGMA integrity_check") == [("ok",)]
