"""Explanations: every layer, both sides, the size and the reranker, with the reasons."""

from __future__ import annotations

import pytest

from metier import Runtime
from metier.registry.instruction import Instruction

SORT = Instruction(
    id="sort", task="Sort toys by size", kind="clustering", sides="both", rerank=False
)
PACK = """\
schema: 1
domain: toys
title: Toys
instructions:
  - {id: find, task: "Find the toy of that {name}", kind: retrieval, dim: 4096}
"""


@pytest.fixture
def stacked(installed, qwen3_rt, tmp_path, monkeypatch) -> Runtime:
    """A Runtime with one definition in each layer but that of metier itself."""
    project, user = tmp_path / "project", tmp_path / "config" / "metier" / "packs"
    project.mkdir()
    user.mkdir(parents=True)
    monkeypatch.chdir(project)
    for variable in ("XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "config"))
    installed.add("toys")
    (user / "mine.yaml").write_text(PACK.replace("{name}", "user"))
    (project / "ours.yaml").write_text(PACK.replace("{name}", "project"))
    (project / "metier.toml").write_text('[packs]\npaths = ["ours.yaml"]\n')
    (project / "given.yaml").write_text(PACK.replace("{name}", "call"))
    return Runtime(qwen3_rt.embedder, packs=["given.yaml"], progress=False)


def test_each_layer_is_shown_the_strongest_first(stacked):
    said = stacked.explain("toys/find", "a bear")
    assert [one.layer for one in said.layers] == ["argument", "project", "user", "plugin"]
    assert [one.chosen for one in said.layers] == [True, False, False, False]
    assert said.silent == ("core",)
    assert said.reason == "the strongest layer that defines it (argument)"


def test_the_winner_is_what_the_vectors_are_made_with(stacked):
    said = stacked.explain("toys/find", "a bear")
    assert said.rendered == "Instruct: Find the toy of that call\nQuery:a bear"
    given = stacked.instructions.get("toys/find")
    assert (stacked.embed_queries(["a bear"], instruction="toys/find")
            == stacked.embed_queries(["a bear"], instruction=given)).all()  # fmt: skip


def test_both_sides_are_shown_as_the_model_reads_them(stacked):
    query, document = stacked.explain("toys/find", "a bear", side="document").prompts
    assert (query.side, query.rendered) == (
        "query", "Instruct: Find the toy of that call\nQuery:a bear",
    )  # fmt: skip
    assert (document.side, document.rendered) == ("document", "a bear")
    assert (query.instruction_used, document.instruction_used) == (True, False)
    assert query.tokens_added > document.tokens_added > 0
    assert document.note == "the instruction is for queries; documents stay bare"


def test_the_size_says_who_decided_it_and_what_they_asked_for(stacked):
    said = stacked.explain("toys/find")
    assert (said.dim, said.dim_source, said.dim_declared) == (64, "instruction", 4096)
    assert said.dim_reason == "the instruction declares 4096, clamped to the model's 64"
    said = stacked.explain("toys/find", dim=32)
    assert (said.dim, said.dim_source, said.dim_declared) == (32, "call", 32)


def test_the_reranker_is_part_of_the_answer(qwen3_rt):
    said = qwen3_rt.explain(SORT)
    assert (said.rerank, said.rerank_reason) == (False, "the instruction declares none")
    assert qwen3_rt.explain(SORT.model_copy(update={"rerank": None})).rerank


def test_the_stages_of_a_search_are_part_of_the_answer(rt, qwen3_rt):
    assert rt.explain(SORT).search == (
        "dense 1, lexical 0.5 (words, english), interaction 1 (rare)"
    )
    without = qwen3_rt.explain(SORT).search
    assert without.startswith("dense 2, lexical 0.5 (words, english); no interaction: ")


def test_all_of_it_is_shown_to_people(stacked):
    rows = dict(stacked.explain("toys/find", "a bear").rows())
    assert rows["no definition in"] == "core"
    assert rows["as a document"].startswith("a bear  (")
    assert rows["as a document"].endswith("tokens are not the text's own)")
    assert rows["reranker"] == (
        "used if there is one: neither the call nor the instruction says otherwise"
    )
