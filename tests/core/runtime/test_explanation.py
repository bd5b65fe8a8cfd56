"""Explanations: every layer, both sides, the size and the reranker, with the reasons."""

from __future__ import annotations

import pytest
from tests.core.toys import BOTH_TASK, QUERY_TASK

from metier import Runtime
from metier.errors import DimError, InputError, ParameterError
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
    for variable in ("XDG_CONFIG_HOME", "WIN_PD_OVERRIDE_APPDATA"):
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


def test_explain_says_that_a_model_follows_no_instructions(installed, rt):
    installed.add("toys")
    said = Runtime(rt.embedder, progress=False).explain("toys/find", "a bear")
    assert not said.instruction_used
    assert said.instruction_note == (
        "'embedded' is not trained to follow instructions, so it gets none"
    )
    assert said.rendered == "a bear"
    assert (said.tokens, said.tokens_added) == (4, 2)
    assert (said.instruction, said.model) == ("toys/find@1", "embedded")
    assert (said.dim, said.dim_reason) == (
        384,
        "the instruction declares 48, but 'embedded' has no MRL: its full 384 are used "
        "(ask for 48 to cut all the same)",
    )
    (layer,) = said.layers
    assert (layer.layer, layer.origin, layer.chosen) == ("plugin", "metier-toys 1.0", True)


def test_explain_shows_the_prompt_exactly_as_the_model_reads_it(installed, qwen3_rt, pack):
    installed.add("toys")
    rt = Runtime(qwen3_rt.embedder, packs=[pack("Find the toy")], progress=False)
    said = rt.explain("toys/find", "a bear")
    assert said.instruction_used
    assert said.rendered == "Instruct: Find the toy\nQuery:a bear"
    assert said.instruction_note == "the instruction stands before the text"
    prompt = rt.embedder.prompt("Find the toy", "query")
    assert said.tokens == rt.embedder.count_tokens(["a bear"], prompt=prompt)[0]
    assert 0 < said.tokens_added < said.tokens
    assert (said.dim, said.dim_reason) == (
        64,
        "the instruction declares 4096, clamped to the model's 64",
    )
    assert said.reason == "the strongest layer that defines it (argument)"
    assert [(one.origin, one.chosen) for one in said.layers] == [
        ("mine.yaml", True),
        ("metier-toys 1.0", False),
    ]


def test_explain_follows_the_side(qwen3_rt):
    said = qwen3_rt.explain(QUERY_TASK, "a bear", side="document")
    assert (said.rendered, said.instruction_used) == ("a bear", False)
    assert said.instruction_note == "the instruction is for queries; documents stay bare"
    said = qwen3_rt.explain(BOTH_TASK, "a bear", side="document")
    assert said.instruction_used
    assert BOTH_TASK.task in said.rendered
    with pytest.raises(ParameterError, match="side='both'"):
        qwen3_rt.explain(BOTH_TASK, side="both")


def test_explain_knows_an_instruction_made_in_code_and_a_size_of_the_call(qwen3_rt):
    said = qwen3_rt.explain(QUERY_TASK, "word " * 3000, dim=16)
    assert (said.instruction, said.reason) == ("find@1", "given in the call")
    assert said.truncated
    assert said.dim == 16
    assert "expect lower quality" in said.dim_reason
    with pytest.raises(DimError):
        qwen3_rt.explain(QUERY_TASK, dim=65)
    with pytest.raises(InputError, match="lone surrogate"):
        qwen3_rt.explain(QUERY_TASK, "\ud800")


def test_an_explanation_is_shown_without_markup_of_its_texts(qwen3_rt):
    import io

    from rich.console import Console

    said = qwen3_rt.explain(QUERY_TASK, "[red]<b>a bear</b>[/red]")
    console = Console(file=io.StringIO(), width=200)
    console.print(said)
    assert "[red]<b>a bear</b>[/red]" in console.file.getvalue()
    assert "&lt;b&gt;a bear&lt;/b&gt;" in said._repr_html_()
