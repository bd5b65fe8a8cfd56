"""`metier replay`: a run again, from its record, and what is said where it is not the same."""

from __future__ import annotations

import json
import shutil

import pytest

from metier.testing.checkpoints import write_qwen3_embedder

QUERY = "a bear that is red"


@pytest.fixture
def toys(tmp_path):
    path = tmp_path / "toys.csv"
    rows = ["a,a red bear", "b,a train of wood", "c,a bear of wood", "d,a red train"]
    path.write_text("\n".join(["id,text", *rows, ""]))
    return path


@pytest.fixture
def searched(metier, toys, qwen3_folder, one_thread):
    """A search that was run with `--out out`; gives the arguments to replay it with."""
    options = ("--model", str(qwen3_folder), "--dtype", "float32", "--device", "cpu")
    arguments = ("--documents", str(toys), "--query", QUERY, "--top-k", "3")
    finished = metier("run", "core/search", *arguments, *options, "--out", "out")
    assert finished.code == 0, finished.err
    return "replay", "out/run.json", "toys.csv", "--query", QUERY


def changed(tmp_path, **content):
    """Write the record with other content, as `other.json`."""
    record = json.loads((tmp_path / "out/run.json").read_text())
    (tmp_path / "other.json").write_text(json.dumps(record | content))
    return record


def test_the_same_run_gives_the_same_to_the_last_digit(metier, searched):
    code, out, err = metier(*searched)
    assert (code, err) == (0, "")
    assert out == "Same: core/search gave the recorded result to the last digit.\n"


def test_a_run_without_a_cache_is_replayed_without_one(metier, toys, qwen3_folder, one_thread):
    arguments = ("--documents", str(toys), "--query", QUERY, "--model", str(qwen3_folder))
    assert metier("run", "core/search", *arguments, "--no-cache", "--out", "out").code == 0
    assert "to the last digit" in metier("replay", "out/run.json", "toys.csv", "--query", QUERY).out


def test_a_second_run_that_remembered_its_vectors_is_the_same(metier, searched, toys, qwen3_folder):
    options = ("--model", str(qwen3_folder), "--dtype", "float32", "--device", "cpu")
    arguments = ("--documents", str(toys), "--query", QUERY, "--top-k", "3")
    assert metier("run", "core/search", *arguments, *options, "--out", "again").code == 0
    code, out, _ = metier("replay", "again/run.json", *searched[2:])
    assert code == 0
    assert "vectors from the cache" in out
    assert "Same: core/search gave the recorded result within 0.001." in out


def test_another_process_gives_the_same(process, searched):
    finished = process("-m", "metier", *searched)
    assert finished.code == 0, finished.err
    assert "Same: core/search" in finished.out


def test_a_record_and_a_replay_hold_no_text(metier, searched, tmp_path):
    record = (tmp_path / "out/run.json").read_text()
    replayed = metier(*searched, "--json").out
    for text in (QUERY, "a red bear", "bear"):
        assert text not in record
        assert text not in replayed


def test_as_json_it_says_what_was_compared(metier, searched):
    assert json.loads(metier(*searched, "--json").out) == {
        "workflow": "core/search",
        "same": True,
        "ran": True,
        "tolerance": 0.0,
        "differences": [],
        "surroundings": [],
    }


def test_another_text_is_found_before_anything_is_run(metier, searched, toys):
    toys.write_text(toys.read_text().replace("a red bear", "a blue bear"))
    code, out, _ = metier(*searched, "--json")
    said = json.loads(out)
    assert (code, said["same"], said["ran"]) == (1, False, False)
    (difference,) = said["differences"]
    assert difference["what"] == "input documents"
    assert difference["recorded"].startswith("4 texts")
    assert difference["recorded"] != difference["now"]


def test_the_order_of_texts_is_part_of_an_input(metier, searched, toys):
    head, *rows = toys.read_text().splitlines()
    toys.write_text("\n".join([head, *reversed(rows)]))
    code, out, _ = metier(*searched)
    assert code == 1
    assert "input documents" in out
    assert "Different: core/search was not run" in out


def test_what_the_record_does_not_hold_is_asked_for(metier, searched):
    code, out, err = metier(*searched[:3])
    assert (code, out) == (2, "")
    assert "Give what the record does not hold: --query." in err


@pytest.mark.parametrize(
    ("query", "others", "parameter"),
    [("a blue bear", (), "query"), (QUERY, ("--top-k", "2"), "top_k")],
)
def test_another_parameter_is_a_difference(metier, searched, query, others, parameter):
    code, out, _ = metier(*searched[:3], "--query", query, *others)
    assert code == 1
    assert f"parameter {parameter}" in out
    assert "blue" not in out


def test_another_model_is_a_difference_by_its_fingerprint(metier, searched, tmp_path):
    other = write_qwen3_embedder(tmp_path / "other", seed=1)
    code, out, _ = metier(*searched, "--model", str(other), "--json")
    said = json.loads(out)
    assert (code, said["ran"]) == (1, False)
    assert said["differences"][0]["what"] == "embedder"
    assert "fingerprint" in said["differences"][0]["now"]


def test_the_same_model_in_another_place_is_the_same(metier, searched, tmp_path, qwen3_folder):
    shutil.copytree(qwen3_folder, tmp_path / "moved")
    assert metier(*searched, "--model", "./moved").code == 0


def test_other_surroundings_are_named_and_allow_for_rounding(metier, searched, tmp_path):
    record = changed(tmp_path)
    field = record["result"]["hits[].score"]
    moved = {**field["numbers"], "mean": field["numbers"]["mean"] + 5e-4}
    result = record["result"] | {"hits[].score": {"digest": "another", "numbers": moved}}
    changed(tmp_path, versions=record["versions"] | {"torch": "2.0"}, result=result)
    code, out, _ = metier("replay", "other.json", *searched[2:], "--json")
    said = json.loads(out)
    assert (code, said["same"], said["tolerance"]) == (0, True, 1e-3)
    assert [(one["what"], one["recorded"]) for one in said["surroundings"]] == [("torch", "2.0")]


def test_rounding_is_a_difference_where_nothing_round_it_changed(metier, searched, tmp_path):
    record = changed(tmp_path)
    field = record["result"]["hits[].score"]
    changed(tmp_path, result=record["result"] | {"hits[].score": {**field, "digest": "another"}})
    code, out, _ = metier("replay", "other.json", *searched[2:])
    assert code == 1
    assert "result hits[].score" in out
    assert "Different: core/search did not give the recorded result to the last digit." in out


@pytest.mark.parametrize("moved", [{"mean": 0.9}, {"low": -0.9}, {"form": "another"}])
def test_numbers_beyond_the_tolerance_are_a_difference(metier, searched, tmp_path, moved):
    record = changed(tmp_path)
    field = record["result"]["hits[].score"]
    other = {"digest": "another", "numbers": field["numbers"] | moved}
    result = record["result"] | {"hits[].score": other}
    changed(tmp_path, processor="of another make", result=result)
    code, out, _ = metier("replay", "other.json", *searched[2:], "--json")
    assert code == 1
    assert [one["what"] for one in json.loads(out)["differences"]] == ["result hits[].score"]


def test_another_instruction_text_is_a_difference(metier, searched, tmp_path):
    record = changed(tmp_path)
    changed(tmp_path, instructions=[{**record["instructions"][0], "digest": "another"}])
    code, out, _ = metier("replay", "other.json", *searched[2:])
    assert code == 1
    assert "instruction core/passage-search@1" in out


def test_the_new_result_is_written_where_it_is_asked_for(metier, searched, tmp_path):
    assert metier(*searched, "--out", "new").code == 0
    old, new = (json.loads((tmp_path / one / "result.json").read_text()) for one in ("out", "new"))
    assert old["hits"] == new["hits"]


def test_every_kind_of_parameter_is_taken_from_the_record(metier, toys):
    options = "--color 2 --size 16 --unit words --share 0.25 --limit 3 --sizes 8"
    arguments = ("run", "toy/count", "--texts", str(toys), "--others", str(toys), *options.split())
    assert metier(*arguments, "--folder", "a/b", "--out", "out").code == 0
    code, out, _ = metier("replay", "out/run.json", "toys.csv", "toys.csv")
    assert (code, out) == (0, "Same: toy/count gave the recorded result to the last digit.\n")


def test_words_of_every_kind_are_asked_for_by_their_options(metier, toys):
    words = ("--tags", "a", "--weights", '{"b": 2}', "--param-model", "bear")
    assert metier("run", "toy/count", "--texts", str(toys), *words, "--out", "out").code == 0
    code, _, err = metier("replay", "out/run.json", "toys.csv")
    assert code == 2
    assert "--tags, --weights, --param-model" in err
    assert metier("replay", "out/run.json", "toys.csv", *words).code == 0


def test_texts_left_out_are_left_out_again(metier, toys):
    toys.write_text(toys.read_text() + "e,\n")
    arguments = ("run", "toy/count", "--texts", str(toys), "--skip-invalid", "--out", "out")
    assert metier(*arguments).code == 0
    assert metier("replay", "out/run.json", "toys.csv").code == 0


def test_as_many_inputs_as_the_run_had_are_wanted(metier, searched):
    code, _, err = metier("replay", "out/run.json", "--query", QUERY)
    assert code == 2
    assert "The run had 1 inputs" in err
    assert "documents" in err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file"),
        ("{", "it is not a run record"),
        ('{"name": "x"}', "it is not a run record"),
        ('{"workflow": "toy/count"}', "does not say what came out"),
    ],
)
def test_what_is_no_record_is_a_usage_error(metier, tmp_path, content, said):
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    code, out, err = metier("replay", "run.json")
    assert (code, out) == (2, "")
    assert said in err


def test_a_parameter_that_the_workflow_no_longer_has_is_a_usage_error(metier, searched, tmp_path):
    record = changed(tmp_path)
    changed(tmp_path, parameters=record["parameters"] | {"depth": 3}, provider="metier 0.0.1")
    code, _, err = metier("replay", "other.json", *searched[2:])
    assert code == 2
    assert "has no parameter 'depth'" in err
    assert "metier 0.0.1" in err


def test_a_reranker_that_is_only_configured_is_refused(metier, searched, monkeypatch):
    monkeypatch.setenv("METIER_RERANKER", "./reranker")
    code, _, err = metier(*searched)
    assert code == 2
    assert "METIER_RERANKER" in err


def test_the_reranker_of_a_run_reranks_again(
    metier, toys, qwen3_folder, reranker_folder, one_thread
):
    models = ("--model", str(qwen3_folder), "--reranker", str(reranker_folder))
    arguments = ("--documents", str(toys), "--query", QUERY, "--dtype", "float32")
    assert metier("run", "core/search", *arguments, *models, "--out", "out").code == 0
    finished = metier("replay", "out/run.json", "toys.csv", "--query", QUERY)
    assert finished.code == 0, finished.out + finished.err
    assert "to the last digit" in finished.out


def test_its_help_names_inputs_and_options(metier, searched):
    code, out, _ = metier("replay", "out/run.json", "--help")
    assert code == 0
    said = " ".join(out.replace("│", " ").split())
    assert "in this order: documents." in said
    assert "--query" in said
    assert "--no-cache" not in said


def test_columns_that_were_named_are_named_in_the_record(metier, qwen3_folder, tmp_path):
    (tmp_path / "left.csv").write_text("id,text\na,a red bear\nb,a train\n")
    (tmp_path / "right.csv").write_text("nr,ware\nx,a bear of wood\ny,a rail\n")
    options = ("--right-text-field", "ware", "--right-id-field", "nr", "--model", str(qwen3_folder))
    assert metier("run", "core/match", "left.csv", "right.csv", *options, "--out", "out").code == 0
    inputs = json.loads((tmp_path / "out/run.json").read_text())["inputs"]
    assert [(use["text_field"], use["id_field"]) for use in inputs.values()] == [
        (None, None),
        ("ware", "nr"),
    ]
    code, out, err = metier("replay", "out/run.json", "left.csv", "right.csv")
    assert (code, err) == (0, "")
    assert "Same: core/match gave the recorded result" in out
    (tmp_path / "right.csv").write_text("key,goods\nx,a bear of wood\ny,a rail\n")
    own = ("--right-text-field", "goods", "--right-id-field", "key")
    assert "Same: core/match" in metier("replay", "out/run.json", "left.csv", "right.csv", *own).out
    help_of_replay = metier("replay", "out/run.json", "--help").out
    assert "--left-text-field" in help_of_replay


def test_a_record_without_names_of_columns_is_read(metier, searched, tmp_path):
    record = json.loads((tmp_path / "out/run.json").read_text())
    for use in record["inputs"].values():
        del use["text_field"], use["id_field"]
    (tmp_path / "out/run.json").write_text(json.dumps(record))
    assert "Same: core/search" in metier(*searched).out
