"""A diagnosis of real models: what is whole passes, and what is broken fails at its own line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from metier import Runtime
from metier.diagnosis.examine import examine
from metier.errors import ModelNotFoundError, ParameterError
from metier.models.family import LoadOptions
from metier.testing import checkpoints

OPTIONS = LoadOptions("cpu", "float32")


def statuses(diagnosis, *groups):
    return {
        check.name: check.status
        for check in diagnosis.checks
        if not groups or check.group in groups
    }


def runtime(model, reranker=None):
    return Runtime(model, reranker, device="cpu", dtype="float32", plugins=[], progress=False)


@pytest.fixture
def copy(qwen3_folder, tmp_path):
    return Path(shutil.copytree(qwen3_folder, tmp_path / "copy"))


def edit(path, change):
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_whole_models_pass_every_check_and_are_recorded(qwen3_rt, home):
    first, second = examine(qwen3_rt, OPTIONS), examine(qwen3_rt, OPTIONS)
    assert not first.failed
    recorded = {name: status for name, status in statuses(first).items() if status != "pass"}
    assert set(recorded) - {"threads", "memory"} == {"recorded vectors", "recorded scores"}
    assert set(recorded.values()) <= {"skip", "warn"}
    assert len(list((home / "golden").iterdir())) == 2
    assert statuses(second, "golden") == {"recorded vectors": "pass", "recorded scores": "pass"}
    assert len({check.name for check in second.checks}) == len(second.checks)
    assert second.summary["pass"] >= 18


def test_an_encoder_has_no_template_of_ours_to_check(tmp_path):
    found = examine(runtime(checkpoints.write_encoder(tmp_path / "encoder")), OPTIONS)
    assert not found.failed
    assert {check.group for check in found.checks} == {"machine", "model", "numbers", "golden"}


def test_weights_changed_where_the_fingerprint_does_not_look_fail_the_record(copy):
    before = runtime(copy)
    examine(before, OPTIONS)
    path = copy / "model.safetensors"
    weights = load_file(path)
    name = next(name for name in weights if name.endswith("embed_tokens.weight"))
    weights[name][100:500] += np.float32(0.5)
    save_file(weights, path, metadata={"format": "pt"})
    after = runtime(copy)
    found = examine(after, OPTIONS)
    assert after.embedder.fingerprint == before.embedder.fingerprint
    assert statuses(found, "golden") == {"recorded vectors": "fail"}
    assert statuses(found, "numbers", "template", "tokenizer") == dict.fromkeys(
        statuses(found, "numbers", "template", "tokenizer"), "pass"
    )
    anew = examine(after, OPTIONS, record=True)
    assert statuses(anew, "golden") == {"recorded vectors": "skip"}
    assert statuses(examine(after, OPTIONS), "golden") == {"recorded vectors": "pass"}


def test_a_tokenizer_that_joins_the_colon_to_the_query_fails_at_the_boundary(copy):
    def join(tokenizer):
        (token,) = [one for one in tokenizer["added_tokens"] if one["content"] == "<think>"]
        token["content"] = "Query:"

    edit(copy / "tokenizer.json", join)
    found = examine(runtime(copy), OPTIONS)
    assert statuses(found, "tokenizer") == {
        "closing token": "pass",
        "tokenizer template": "pass",
        "prompt boundary": "fail",
    }


def test_a_reranker_whose_tokenizer_joins_field_and_document_fails_at_its_pieces(
    qwen3_folder, reranker_folder, tmp_path
):
    copied = Path(shutil.copytree(reranker_folder, tmp_path / "reranker"))

    def join(tokenizer):
        (token,) = [one for one in tokenizer["added_tokens"] if one["content"] == "<think>"]
        token["content"] = "Document>: x"

    edit(copied / "tokenizer.json", join)
    found = examine(runtime(qwen3_folder, copied), OPTIONS)
    failed = [check for check in found.checks if check.status == "fail"]
    assert [check.name for check in failed] == ["reranker pieces"]
    assert failed[0].detail == "a token that spans two fields: 'x'"


def test_a_tokenizer_without_the_closing_template_is_a_warning(tmp_path):
    folder = checkpoints.write_qwen3_embedder(tmp_path / "early", end_token_template=False)
    found = examine(runtime(folder), OPTIONS)
    assert statuses(found, "tokenizer")["tokenizer template"] == "warn"
    assert not found.failed


def test_a_model_that_does_not_load_fails_with_what_the_loader_says(copy):
    edit(copy / "config.json", lambda config: config.update(vocab_size=7))
    found = examine(runtime(copy), OPTIONS)
    (check,) = [one for one in found.checks if one.status == "fail"]
    assert check.name == "embedder loads"
    assert "its tokenizer has" in check.detail
    assert "tokenizer.json" in check.fix


def test_a_record_that_cannot_be_read_is_a_warning(copy, home):
    rt = runtime(copy)
    examine(rt, OPTIONS)
    (path,) = (home / "golden").iterdir()
    for content in ("{", "[]", '{"numbers": {}, "dtype": "float32"}'):
        path.write_text(content, encoding="utf-8")
        (check,) = examine(rt, OPTIONS).of("golden")
        assert check.status == "warn"
        assert "--record" in check.fix


def test_a_record_of_another_format_is_compared_with_more_tolerance(copy):
    examine(runtime(copy), OPTIONS)
    half = Runtime(copy, device="cpu", dtype="bfloat16", plugins=[], progress=False)
    (check,) = examine(half, LoadOptions("cpu", "bfloat16")).of("golden")
    assert check.status == "pass"
    assert "in float32" in check.detail


def test_a_place_nothing_can_be_written_to_ends_nothing(copy, home):
    home.write_text("a file, not a folder")
    (check,) = examine(runtime(copy), OPTIONS).of("golden")
    assert check.status == "skip"
    assert "nothing can be recorded" in check.detail


def test_a_required_model_that_is_not_there_is_an_error_and_another_is_skipped(monkeypatch):
    with pytest.raises(ModelNotFoundError):
        examine(runtime("./nowhere"), OPTIONS)
    monkeypatch.setenv("METIER_MODEL", "./nowhere")
    found = examine(runtime(None), OPTIONS, required=())
    assert statuses(found, "model") == {"embedder loads": "skip"}
    assert not found.failed


def test_a_hub_model_nobody_asked_for_is_not_downloaded(monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("METIER_MODEL", "nobody/has-this-model@main")
    (check,) = examine(runtime(None), OPTIONS, required=()).of("model")
    assert check.status == "skip"
    assert check.fix.endswith("metier doctor --model nobody/has-this-model@main")


def test_a_device_that_is_none_is_a_wrong_call(qwen3_rt):
    with pytest.raises(ParameterError):
        examine(qwen3_rt, LoadOptions("abacus"))
