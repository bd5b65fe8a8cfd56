"""`metier cache`, and the cache of `metier run` and `metier demo`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tests.core.caching.toy_vectors import fill, run_sql
from tests.core.cli.embedding import MANIFEST, WORKFLOWS
from tests.core.cli.fake import install

from metier import VectorCache


@pytest.fixture
def embedding(tmp_path, only, metier):
    """Run `metier ...` with a plugin whose workflow embeds."""
    folder = tmp_path / "site"
    folder.mkdir()
    install(folder, "embedding", MANIFEST, workflows=WORKFLOWS)
    only(folder)
    return metier


def record(finished) -> dict[str, object]:
    assert finished.code == 0, finished.err
    return json.loads(finished.out)["record"]


def test_info_without_a_cache_says_so_and_begins_none(metier):
    code, out, err = metier("cache", "info")
    assert (code, err) == (0, "")
    assert str(VectorCache().folder) in out
    assert "0.0 MB of 2,000.0 MB" in out
    found = json.loads(metier("cache", "info", "--json").out)
    assert (found["entries"], found["bytes"], found["oldest_use"]) == (0, 0, None)
    assert not VectorCache().folder.exists()


def test_info_says_what_is_kept_of_which_model(metier, monkeypatch):
    monkeypatch.setenv("METIER_CACHE_SIZE", "500MB")
    fill(VectorCache(), 0, 5)
    _, out, _ = metier("cache", "info")
    for part in ("500.0 MB", "f" * 16, "float32", "64", "toy"):
        assert part in out
    found = json.loads(metier("cache", "info", "--json").out)
    assert (found["entries"], found["limit"]) == (5, 500_000_000)
    assert found["models"] == [
        {"id": "toy", "fingerprint": "f" * 16, "dtype": "float32", "dim": 64, "entries": 5}
    ]
    assert found["oldest_use"].endswith("+00:00")


def test_clear_needs_a_yes(metier):
    fill(VectorCache(), 0, 5)
    code, out, err = metier("cache", "clear")
    assert (code, out) == (2, "")
    assert "Pass --yes" in err
    assert VectorCache().info().entries == 5
    assert metier("cache", "clear", "--yes") == (0, "Dropped 5 vectors.\n", "")
    assert metier("cache", "clear", "-y").out == "Dropped 0 vectors.\n"


def test_clear_may_drop_one_model(metier):
    fill(VectorCache(), 0, 5)
    code, _, err = metier("cache", "clear", "--yes", "--model", "f" * 15)
    assert code == 2
    assert f"Did you mean '{'f' * 16}'?" in err
    assert metier("cache", "clear", "--yes", "--model", "f" * 16).out == "Dropped 5 vectors.\n"


def test_clear_prints_the_number_as_json(metier):
    assert json.loads(metier("cache", "clear", "--yes", "--json").out) == {"dropped": 0}


def test_clear_of_a_model_without_a_cache_is_a_usage_error(metier):
    code, out, err = metier("cache", "clear", "--yes", "--model", "typo")
    assert (code, out) == (2, "")
    assert "There is no cached model 'typo'" in err


def test_info_of_a_damaged_time_of_use_says_the_rest(metier):
    fill(VectorCache(), 0, 5)
    run_sql(VectorCache(), "UPDATE vectors SET used = 'yesterday'")
    found = json.loads(metier("cache", "info", "--json").out)
    assert (found["entries"], found["oldest_use"]) == (5, None)
    assert metier("cache", "info").code == 0


def test_a_size_that_is_none_is_a_usage_error(metier, monkeypatch):
    monkeypatch.setenv("METIER_CACHE_SIZE", "much")
    code, _, err = metier("cache", "info")
    assert code == 2
    assert "METIER_CACHE_SIZE='much' is not a size" in err


def test_a_run_keeps_its_vectors_and_the_next_uses_them(embedding, toys, qwen3_folder):
    run = ("run", "embedding/embed", "--texts", str(toys), "--model", str(qwen3_folder), "--json")
    first = embedding(*run)
    assert record(first)["texts_recalled"] == 0
    assert "from the cache" not in first.err
    second = embedding(*run)
    assert record(second)["texts_recalled"] == 2
    assert "2 of 2 vectors from the cache" in second.err
    vectors = [json.loads(one.out)["vectors"] for one in (first, second)]
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-6)


@pytest.mark.parametrize("order", ["before", "after"])
def test_no_cache_neither_reads_nor_keeps(embedding, toys, qwen3_folder, order, monkeypatch):
    named = ["embedding/embed", "--texts", str(toys), "--model", str(qwen3_folder), "--json"]
    named = ["--no-cache", *named] if order == "before" else [*named, "--no-cache"]
    monkeypatch.setenv("METIER_CACHE", "1")
    for _ in range(2):
        assert record(embedding("run", *named))["texts_recalled"] == 0
    assert VectorCache().info().entries == 0


def test_the_environment_may_turn_the_cache_off(embedding, toys, qwen3_folder, monkeypatch):
    monkeypatch.setenv("METIER_CACHE", "0")
    run = ("run", "embedding/embed", "--texts", str(toys), "--model", str(qwen3_folder), "--json")
    record(embedding(*run))
    assert VectorCache().info().entries == 0


def test_the_demo_keeps_its_vectors_unless_told_otherwise(embedding, qwen3_folder):
    demo = ("demo", "--model", str(qwen3_folder), "--out", "seen")
    assert embedding(*demo, "--no-cache").code == 0
    assert VectorCache().info().entries == 0
    for recalled in (0, 2):
        assert embedding(*demo).code == 0
        run = json.loads(Path("seen/embedding/embed/run.json").read_text())
        assert run["texts_recalled"] == recalled
