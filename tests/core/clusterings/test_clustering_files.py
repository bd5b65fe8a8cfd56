"""The folder of a clustering: what is written comes back, and nothing else does."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tests.core.clusterings.blobs import topic, topics

from metier import Clustering, Instruction, Provenance, Vectors
from metier.analysis.clusters import cluster
from metier.clusterings.clustering import ClusteringOptions
from metier.errors import InputError, UsageError

TASK = Instruction(id="sort", task="Group toys by their kind", kind="clustering", sides="both")


@pytest.fixture(scope="module")
def clustering() -> Clustering:
    vectors, texts, _ = topics(40, 30)
    own = Provenance("tiny", "a" * 16, 16, TASK.full_id, TASK.digest, True)
    return Clustering.of(
        Vectors.of(vectors, own),
        cluster(vectors),
        texts,
        options=ClusteringOptions("toys", 6, 3, ("number",), "cut"),
        instruction=TASK,
    ).rename(1, "Trains")


@pytest.fixture
def folder(clustering: Clustering, tmp_path: Path) -> Path:
    return clustering.save(tmp_path / "toys")


def test_everything_that_is_kept_comes_back(clustering, folder):
    loaded = Clustering.load(folder)
    for name in ("groups", "next_label", "options", "provenance", "instruction"):
        assert getattr(loaded, name) == getattr(clustering, name)
    for name in ("vectors", "labels", "copies"):
        assert (getattr(loaded, name) == getattr(clustering, name)).all()
    assert (loaded.terms.names, loaded.terms.stems) == (
        clustering.terms.names, clustering.terms.stems,
    )  # fmt: skip
    assert (loaded.terms.presence != clustering.terms.presence).nnz == 0


def test_a_clustering_that_was_read_grows_as_the_one_that_was_written(clustering, folder):
    vectors, texts = topic(3, 20)
    grown, labels = clustering.update(vectors, texts)
    loaded, others = Clustering.load(folder).update(vectors, texts)
    assert others.tolist() == labels.tolist()
    assert loaded.groups == grown.groups
    loaded.save(folder)
    assert Clustering.load(folder).groups == grown.groups


def test_the_files_hold_no_text_and_are_readable_by_their_owner_only(folder):
    assert sorted(path.name for path in folder.iterdir()) == [
        "clustering.json", "clustering.safetensors",
    ]  # fmt: skip
    content = (folder / "clustering.json").read_text("utf-8")
    assert "bear number" not in content
    assert json.loads(content)["schema"] == 1
    assert {path.stat().st_mode & 0o077 for path in folder.iterdir()} == {0}


def test_damaged_files_are_refused(folder):
    facts = folder / "clustering.json"
    written = facts.read_text("utf-8")
    for content in (written.replace("Trains", "Cars"), "{", '{"schema": 1, "clustering": {}}'):
        facts.write_text(content, "utf-8")
        with pytest.raises(InputError, match="cannot be used") as caught:
            Clustering.load(folder)
        assert caught.value.code == "clustering-damaged"
    facts.write_text(written, "utf-8")
    arrays = folder / "clustering.safetensors"
    raw = bytearray(arrays.read_bytes())
    raw[-1] ^= 1
    arrays.write_bytes(raw)
    with pytest.raises(InputError, match="another checksum"):
        Clustering.load(folder)


def test_a_newer_schema_and_a_folder_without_groups_are_refused(folder, tmp_path):
    facts = folder / "clustering.json"
    facts.write_text(facts.read_text("utf-8").replace('"schema": 1', '"schema": 2'), "utf-8")
    with pytest.raises(InputError, match="schema 2"):
        Clustering.load(folder)
    with pytest.raises(InputError, match="There is no clustering") as caught:
        Clustering.load(tmp_path)
    assert caught.value.code == "clustering-not-found"


def test_a_folder_of_something_else_is_not_written_to(clustering, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"notes\.txt"):
        clustering.save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_vectors_are_kept_as_they_are(clustering, folder):
    assert Clustering.load(folder).vectors.dtype == np.float32
    assert Clustering.load(folder).assign(clustering.vectors).labels.tolist() == (
        clustering.labels.tolist()
    )
