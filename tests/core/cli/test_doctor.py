"""`metier doctor`."""

from __future__ import annotations

import json

import pytest


@pytest.fixture(autouse=True)
def elsewhere(metier, tmp_path, monkeypatch):
    """Records go nowhere of the developer's, and no model is one somebody configured."""
    monkeypatch.setenv("METIER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("METIER_MODEL", "./nowhere")


def test_without_a_model_the_machine_is_checked_and_the_missing_default_skipped(metier):
    code, out, err = metier("doctor", "--device", "cpu")
    assert (code, err) == (0, "")
    for part in ("Machine", "number format", "libraries", "embedder loads", "1 skip"):
        assert part in out
    assert "'./nowhere' does not exist" in out


def test_json_holds_every_check_and_a_summary_and_nothing_else(
    metier, qwen3_folder, reranker_folder
):
    arguments = ("--model", str(qwen3_folder), "--reranker", str(reranker_folder))
    code, out, err = metier("doctor", *arguments, "--device", "cpu", "--dtype", "float32", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert set(found) == {"checks", "summary"}
    assert {tuple(check) for check in found["checks"]} == {
        ("name", "group", "status", "detail", "fix")
    }
    assert sum(found["summary"].values()) == len(found["checks"])
    assert found["summary"]["fail"] == 0
    groups = ["machine", "model", "tokenizer", "template", "numbers", "golden"]
    assert {check["group"] for check in found["checks"]} == set(groups)


def test_a_failed_check_is_shown_with_its_fix_and_exits_with_1(metier, tmp_path):
    from metier.testing.checkpoints import write_qwen3_embedder

    folder = write_qwen3_embedder(tmp_path / "mine")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "vocab_size": 7}))
    code, out, _ = metier("doctor", "--model", str(folder), "--device", "cpu")
    assert code == 1
    assert "fail" in out
    assert "1 fail" in out
    assert "Copy tokenizer.json and tokenizer_config.json" in out


def test_a_model_that_was_named_and_is_not_there_is_the_usual_error(metier):
    code, out, err = metier("doctor", "--model", "./nowhere")
    assert (code, out) == (1, "")
    assert "The model folder './nowhere' does not exist." in err


def test_a_device_that_is_none_is_a_wrong_call(metier):
    code, _, err = metier("doctor", "--device", "abacus")
    assert code == 2
    assert "'abacus' is not a device" in err


def test_record_takes_what_is_found_as_right(metier, qwen3_folder, tmp_path):
    call = ("doctor", "--model", str(qwen3_folder), "--device", "cpu", "--json")

    def golden(*options):
        checks = json.loads(metier(*call, *options).out)["checks"]
        return [check["status"] for check in checks if check["group"] == "golden"]

    assert [golden(), golden(), golden("--record")] == [["skip"], ["pass"], ["skip"]]


def test_the_fix_of_a_check_names_the_command_to_type(metier, monkeypatch, tmp_path, qwen3_folder):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("METIER_MODEL", "nobody/has-this-model@main")

    def fixes(*options):
        checks = json.loads(metier("doctor", *options, "--device", "cpu", "--json").out)["checks"]
        return {check["name"]: check["fix"] for check in checks}

    loading = fixes()["embedder loads"]
    assert loading.endswith("metier doctor --model nobody/has-this-model@main")
    fixes("--model", str(qwen3_folder))
    for record in (tmp_path / "home" / "golden").glob("*.json"):
        record.write_text("{", encoding="utf-8")
    recorded = fixes("--model", str(qwen3_folder))["recorded vectors"]
    assert recorded.endswith("metier doctor --record")


def test_the_help_imports_no_model_library(process):
    code = (
        "import sys; from metier.cli.main import main; "
        "assert main(['doctor', '--help']) == 0; assert main(['models']) == 0; "
        "assert not {'torch', 'transformers'} & set(sys.modules)"
    )
    assert process("-c", code).code == 0


def test_the_file_of_the_project_is_named(metier, tmp_path, monkeypatch):
    inner = tmp_path / "project" / "inner"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    (inner / ".git").touch()

    def project_file() -> str:
        checks = json.loads(metier("doctor", "--device", "cpu", "--json").out)["checks"]
        return next(one["detail"] for one in checks if one["name"] == "project file")

    assert project_file() == "no metier.toml"
    (inner / ".git").rename(inner.parent / ".git")
    (inner.parent / "metier.toml").touch()
    assert project_file() == str(inner.parent.resolve() / "metier.toml")
