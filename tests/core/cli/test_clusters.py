"""`metier clusters`: saved groups shown, renamed, merged and divided."""

from __future__ import annotations

import json

import pytest
from tests.core.clusterings.blobs import topics

from metier import Clustering, Provenance, Vectors
from metier.analysis.clusters import cluster
from metier.cli.main import main


@pytest.fixture
def folder(tmp_path):
    vectors, texts, _ = topics(40, 30, 20)
    made_with = Vectors.of(vectors, Provenance("tiny", "a" * 16, 16))
    return str(Clustering.of(made_with, cluster(vectors), texts).save(tmp_path / "toys"))


def groups(capsys) -> dict[int, str]:
    return {
        group["label"]: group["name"] for group in json.loads(capsys.readouterr().out)["groups"]
    }


def test_groups_are_shown_with_what_they_were_made_with(folder, capsys):
    assert main(["clusters", "show", folder]) == 0
    shown = capsys.readouterr().out
    for content in ("tiny", "bear", "train", "soup", "40", "keywords"):
        assert content in shown


def test_groups_are_renamed_merged_and_divided_in_their_folder(folder, capsys):
    assert main(["clusters", "rename", folder, "soup", "Meals", "--json"]) == 0
    assert groups(capsys) == {0: "bear", 1: "train", 2: "Meals"}
    assert main(["clusters", "merge", folder, "1", "bear", "--name", "Toys", "--json"]) == 0
    assert groups(capsys) == {1: "Toys", 2: "Meals"}
    assert main(["clusters", "split", folder, "toys", "--parts", "2", "--json"]) == 0
    assert groups(capsys) == {1: "Toys", 2: "Meals", 3: "train"}
    assert main(["clusters", "show", folder]) == 0
    assert "2 groups named by hand" in capsys.readouterr().err
    assert [group.name for group in Clustering.load(folder).groups] == ["Toys", "Meals", "train"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rename", "sup", "Meals"], "soup"),
        (["merge", "soup"], "1 group cannot be merged"),
        (["split", "soup", "--parts", "1"], "cannot be divided"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(folder, capsys, arguments, message):
    command, *rest = arguments
    assert main(["clusters", command, folder, *rest]) == 2
    assert message in capsys.readouterr().err
    assert [group.name for group in Clustering.load(folder).groups] == ["bear", "train", "soup"]
