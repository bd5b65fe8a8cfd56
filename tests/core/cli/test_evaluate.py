"""`metier eval` and `metier eval sweep`."""

from __future__ import annotations

import json

import pytest
from tests.core.evaluation.folders import (
    TEXTS,
    jsonl,
    write_backed_pack,
    write_collection,
    write_labeled,
)

from metier.evaluation.evidence import read_evidence

pytest.importorskip("ir_measures", reason="the extra eval is not installed")


@pytest.fixture
def collection(tmp_path):
    return str(write_collection(tmp_path / "things"))


@pytest.fixture
def labeled(tmp_path):
    return str(write_labeled(tmp_path / "sentences"))


def test_json_says_what_was_measured_and_of_what(metier, qwen3_folder, collection):
    code, out, err = metier("eval", collection, "--model", str(qwen3_folder), "--json")
    assert code == 0, err
    found = json.loads(out)
    assert list(found) == ["task", "kind", "metrics", "config", "seconds"]
    assert (found["task"], found["kind"]) == ("things", "retrieval")
    assert set(found["metrics"]) == {"ndcg@10", "recall@100", "mrr@10"}
    assert found["metrics"]["recall@100"] == 1.0
    assert found["config"]["instruction"] == "core/passage-search@1"


def test_a_table_shows_whole_numbers_as_such(metier, qwen3_folder, labeled):
    code, out, err = metier(
        "eval", labeled, "--kind", "clustering", "--model", str(qwen3_folder), "--dim", "32"
    )
    assert code == 0, err
    title, *table = out.splitlines()
    assert title == "sentences: clustering by core/cluster"
    (clusters,) = (line for line in table if "clusters" in line)
    assert clusters.split()[3].isdigit()
    assert "dim 32" in err


def test_long_texts_are_read_in_parts_or_cut(metier, tmp_path):
    folder = tmp_path / "long"
    folder.mkdir()
    rows = [
        {"text": f"{text} " * 70, "label": label}
        for label, texts in TEXTS.items()
        for text in texts[:2]
    ]
    jsonl(folder / "items.jsonl", rows)
    options = ("eval", str(folder), "--kind", "classification", "--model", "embedded")
    code, _, err = metier(*options)
    assert code == 0, err
    assert "texts in parts 4" in err
    code, _, err = metier(*options, "--long-texts", "cut")
    assert code == 0, err
    assert "texts cut 4" in err
    code, _, err = metier(*options, "--long-texts", "mean")
    assert code == 2
    assert "'pool', 'cut'" in err


def test_what_was_learned_is_shown_with_intervals_and_by_label(metier, labeled):
    options = ("--kind", "flagging", "--workflow", "core/fit", "--positive", "sport")
    code, out, err = metier("eval", labeled, *options, "--model", "embedded", "--level", "0.8")
    assert code == 0, err
    lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in out.splitlines()]
    (brier,) = (cells for cells in lines if cells[:1] == ["brier"])
    low, high = map(float, brier[2].split(" to "))
    assert low <= float(brier[1]) <= high
    (sport,) = (cells for cells in lines if cells[:1] == ["sport"])
    assert sport[1] == "8"
    assert 0 <= float(sport[-1]) <= 1
    (sure,) = (cells for cells in lines if cells[:1] == ["0.8"])
    assert sum(map(float, sure[2:])) == pytest.approx(1.0, abs=2e-3)


def test_options_may_stand_before_the_folder(metier, qwen3_folder, labeled):
    model = str(qwen3_folder)
    code, out, err = metier("eval", "--kind", "classification", "--model", model, labeled)
    assert code == 0, err
    assert "macro_f1" in out


def test_a_fault_in_the_data_is_told_with_its_line(metier, tmp_path):
    folder = write_collection(tmp_path / "faulty", judgments="q1\tapple\t1\nq1\taple\t1\n")
    code, out, err = metier("eval", str(folder))
    assert (code, out) == (1, "")
    assert "qrels.tsv, line 2: there is no document 'aple'" in err
    assert "Did you mean 'apple'?" in err


def test_what_cannot_be_measured_is_a_usage_error(metier, collection, labeled):
    assert metier("eval", labeled).code == 2
    assert "Did you mean 'clustering'" in metier("eval", labeled, "--kind", "clusterin").err
    err = metier("eval", "sweep", collection, "--weight", "lexical").err
    assert "Write STAGE=W: lexical=0.25." in err
    code, _, err = metier("eval", collection, "--precision", "0.5")
    assert code == 2
    assert "--precision is for flagging" in err
    assert metier("eval", "nowhere").code == 2


def test_a_sweep_writes_evidence_and_a_report(metier, qwen3_folder, collection, tmp_path):
    code, out, err = metier(
        *("eval", "sweep", collection, "--model", str(qwen3_folder), "--resamples", "100"),
        *("--dim", "32", "--dim", "64", "--weight", "lexical=0", "--no-rerank"),
        *("--save", "beside/my.evidence.yaml", "--out", "report", "--json"),
    )
    assert code == 0, err
    found = read_evidence(tmp_path / "beside" / "my.evidence.yaml")
    assert json.loads(out)["evidence"] == found.model_dump(mode="json")
    assert {one.dim for one in found.settings} == {32, 64}
    assert {one.weights["lexical"] for one in found.settings[1:]} == {0.0}
    assert (tmp_path / "report" / "report.html").exists()
    assert "wrote beside/my.evidence.yaml" in err


def test_evidence_under_a_wrong_name_is_refused_before_anything_is_measured(metier, collection):
    code, out, err = metier("eval", "sweep", collection, "--model", "nowhere", "--save", "e.json")
    assert (code, out) == (2, "")
    assert "Name it e.evidence.yaml" in err


def test_a_pack_is_checked_with_the_evidence_beside_it(metier, tmp_path):
    path = write_backed_pack(tmp_path)
    code, out, err = metier("pack", "check", "sea.evidence.yaml", "sea.yaml")
    assert (code, out, err) == (0, "sea.yaml: good\n", "")
    code, _, err = metier("pack", "check", "sea.evidence.yaml")
    assert code == 2
    assert "sea.evidence.yaml is evidence, not a pack" in err
    path.write_text(path.read_text().replace("lexical: 0.5", "lexical: 0.75"))
    code, out, err = metier("pack", "check", "sea.yaml")
    assert (code, out) == (1, "")
    assert "sea.evidence.yaml: nothing was measured with the searches of today" in err
    assert "Run metier eval sweep again" in err


def test_evidence_that_is_broken_is_told_with_its_line(metier, tmp_path):
    path = write_backed_pack(tmp_path).with_name("sea.evidence.yaml")
    path.write_text(path.read_text().replace("kind: retrieval", "kind: retrievals"))
    (checked,) = json.loads(metier("pack", "check", "sea.yaml", "--json").out)
    assert not checked["good"]
    assert "sea.evidence.yaml, line 3" in checked["problems"][0]
