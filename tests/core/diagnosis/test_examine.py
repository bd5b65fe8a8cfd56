"""A diagnosis of real models: what is whole passes, and what is broken fails at its own line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tests.core.diagnosis.fixed_models import FixedEmbedder
from tests.core.models.changed_checkpoints import altered, sharpen

from metier import Runtime
from metier.caching.vector_cache import VectorCache
from metier.diagnosis.checks import PLAIN, PROBES
from metier.diagnosis.examine import examine
from metier.errors import MetierWarning, ModelNotFoundError, ParameterError
from metier.models.device import BFLOAT16_FLAGS, cpu_capabilities
from metier.testing import checkpoints

needs_bfloat16 = pytest.mark.skipif(
    not any(cpu_capabilities().get(flag) for flag in BFLOAT16_FLAGS),
    reason="needs a CPU that multiplies in bfloat16",
)


RECORDED = [*PLAIN, *(text for text in PROBES if text)]


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
    first, second = examine(qwen3_rt), examine(qwen3_rt)
    assert not first.failed
    recorded = {name: status for name, status in statuses(first).items() if status != "pass"}
    assert set(recorded) - {"threads", "memory"} == {"recorded vectors", "recorded scores"}
    assert set(recorded.values()) <= {"skip", "warn"}
    assert len(list((home / "golden").glob("*.json"))) == 2
    assert statuses(second, "golden") == {"recorded vectors": "pass", "recorded scores": "pass"}
    assert len({check.name for check in second.checks}) == len(second.checks)
    assert second.summary["pass"] >= 18


def test_an_encoder_has_no_template_of_ours_to_check(tmp_path):
    found = examine(runtime(checkpoints.write_encoder(tmp_path / "encoder")))
    assert not found.failed
    assert {check.group for check in found.checks} == {"machine", "model", "numbers", "golden"}


def test_other_vectors_under_the_fingerprint_of_a_record_fail_it(copy, home):
    before = runtime(copy)
    examine(before)
    path = copy / "model.safetensors"
    weights = load_file(path)
    name = next(name for name in weights if name.endswith("embed_tokens.weight"))
    weights[name][100:500] += np.float32(0.5)
    save_file(weights, path, metadata={"format": "pt"})
    after = runtime(copy)
    # so small a table is hashed whole; in a large one the fingerprint might have missed it
    assert after.embedder.fingerprint != before.embedder.fingerprint
    (record,) = (home / "golden").glob("*.json")
    record.rename(record.with_name(f"{after.embedder.fingerprint}.json"))
    shutil.rmtree(home / "golden" / "names")
    found = examine(after)
    assert statuses(found, "golden") == {"recorded vectors": "fail"}
    assert statuses(found, "numbers", "template", "tokenizer") == dict.fromkeys(
        statuses(found, "numbers", "template", "tokenizer"), "pass"
    )
    anew = examine(after, record=True)
    assert statuses(anew, "golden") == {"recorded vectors": "skip"}
    assert statuses(examine(after), "golden") == {"recorded vectors": "pass"}


def test_a_tokenizer_that_joins_the_colon_to_the_query_fails_at_the_boundary(copy):
    def join(tokenizer):
        (token,) = [entry for entry in tokenizer["added_tokens"] if entry["content"] == "<think>"]
        token["content"] = "Query:"

    edit(copy / "tokenizer.json", join)
    found = examine(runtime(copy))
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
        (token,) = [entry for entry in tokenizer["added_tokens"] if entry["content"] == "<think>"]
        token["content"] = "Document>: x"

    edit(copied / "tokenizer.json", join)
    found = examine(runtime(qwen3_folder, copied))
    failed = [check for check in found.checks if check.status == "fail"]
    assert [check.name for check in failed] == ["reranker pieces"]
    assert failed[0].detail == "a token that spans two fields: 'x'"


def test_a_tokenizer_without_the_closing_template_is_a_warning(tmp_path):
    folder = checkpoints.write_qwen3_embedder(tmp_path / "early", end_token_template=False)
    found = examine(runtime(folder))
    assert statuses(found, "tokenizer")["tokenizer template"] == "warn"
    assert not found.failed


def test_a_model_that_does_not_load_fails_with_what_the_loader_says(copy):
    edit(copy / "config.json", lambda config: config.update(vocab_size=7))
    found = examine(runtime(copy))
    (check,) = [check for check in found.checks if check.status == "fail"]
    assert check.name == "embedder loads"
    assert "its tokenizer has" in check.detail
    assert "tokenizer.json" in check.fix


def test_other_files_under_a_name_are_a_warning_with_both_fingerprints_until_recorded(copy):
    before = runtime(copy)
    examine(before)
    shutil.rmtree(copy)
    checkpoints.write_qwen3_embedder(copy, seed=1)
    after = runtime(copy)

    for _ in range(2):
        (check,) = examine(after).of("golden")
        assert check.status == "warn"
        assert before.embedder.fingerprint in check.detail
        assert after.embedder.fingerprint in check.detail
        assert "differs from the record of that by" in check.detail
        for part in ("weights, tokenizer, config or template", "torch", "record the results"):
            assert part in check.fix
        assert check.remedy == "record"
    assert statuses(examine(after, record=True), "golden") == {"recorded vectors": "skip"}
    assert statuses(examine(after), "golden") == {"recorded vectors": "pass"}


def test_other_files_of_a_reranker_are_a_warning_too(qwen3_folder, reranker_folder, tmp_path):
    copied = Path(shutil.copytree(reranker_folder, tmp_path / "reranker"))
    examine(runtime(qwen3_folder, copied))
    edit(copied / "config.json", lambda config: config.update(rms_norm_eps=2e-6))
    found = examine(runtime(qwen3_folder, copied))
    assert statuses(found, "golden") == {"recorded vectors": "pass", "recorded scores": "warn"}


def test_one_relative_name_in_two_working_directories_is_two_models(tmp_path, monkeypatch):
    for seed, place in enumerate(("here", "there")):
        checkpoints.write_qwen3_embedder(tmp_path / place / "mine", seed=seed)
    for status in ("skip", "pass"):
        for place in ("here", "there"):
            monkeypatch.chdir(tmp_path / place)
            assert statuses(examine(runtime("./mine")), "golden") == {"recorded vectors": status}


def test_a_copy_recorded_under_another_name_is_watched_under_both(copy, tmp_path):
    examine(runtime(copy))
    second = Path(shutil.copytree(copy, tmp_path / "second"))
    assert statuses(examine(runtime(second)), "golden") == {"recorded vectors": "pass"}
    edit(second / "config.json", lambda config: config.update(rms_norm_eps=2e-6))
    assert statuses(examine(runtime(second)), "golden") == {"recorded vectors": "warn"}


def test_a_record_that_cannot_be_read_is_a_warning(copy, home):
    rt = runtime(copy)
    examine(rt)
    (path,) = (home / "golden").glob("*.json")
    for content in ("{", "[]", '{"numbers": {}, "dtype": "float32"}'):
        path.write_text(content, encoding="utf-8")
        (check,) = examine(rt).of("golden")
        assert check.status == "warn"
        assert check.remedy == "record"


def test_a_record_of_another_format_is_compared_with_more_tolerance(copy):
    examine(runtime(copy))
    half = Runtime(copy, device="cpu", dtype="bfloat16", plugins=[], progress=False)
    (check,) = examine(half).of("golden")
    assert check.status == "pass"
    assert "in float32" in check.detail


def test_a_place_nothing_can_be_written_to_ends_nothing(copy, home):
    home.write_text("a file, not a folder")
    (check,) = examine(runtime(copy)).of("golden")
    assert check.status == "skip"
    assert "nothing can be recorded" in check.detail


def test_a_required_model_that_is_not_there_is_an_error_and_another_is_skipped(monkeypatch):
    with pytest.raises(ModelNotFoundError):
        examine(runtime("./nowhere"))
    monkeypatch.setenv("METIER_MODEL", "./nowhere")
    found = examine(runtime(None), required=())
    assert statuses(found, "model") == {"embedder loads": "skip"}
    assert not found.failed


def test_a_hub_model_nobody_asked_for_is_not_downloaded(monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("METIER_MODEL", "nobody/has-this-model@main")
    (check,) = examine(runtime(None), required=()).of("model")
    assert check.status == "skip"
    assert check.detail.startswith("nobody/has-this-model@main is not on this machine")
    assert check.remedy == "require embedder"


def test_a_runtime_says_what_it_was_asked_for_and_the_environment_does_not(
    copy, monkeypatch, tmp_path
):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    other = Runtime("nobody/has-this-model", plugins=[], progress=False)
    half = Runtime(copy, device="cpu", dtype="bfloat16", plugins=[], progress=False)
    monkeypatch.setenv("METIER_MODEL", str(copy))
    monkeypatch.setenv("METIER_DTYPE", "float16")
    (check,) = examine(other, required=()).of("model")
    assert check.detail.startswith("nobody/has-this-model is not on this machine")
    (check,) = [check for check in examine(half).of("machine") if check.name == "number format"]
    assert check.detail == "bfloat16 for Qwen3: it was asked for"


def test_vectors_in_a_cache_hide_nothing_of_a_model_that_changed(tmp_path):
    def first(texts, side):
        return np.array([[len(text), 1, 0, 0] for text in texts], dtype=np.float32)

    def later(texts, side):
        return first(texts, side)[:, ::-1]

    kept = VectorCache(tmp_path / "vectors")
    before, after = (
        Runtime(FixedEmbedder(vectors), cache=kept, plugins=[], progress=False)
        for vectors in (first, later)
    )
    assert statuses(examine(before), "golden") == {"recorded vectors": "skip"}
    assert kept.info().entries == 0
    said = [text for text in RECORDED if text.strip()]
    before.embed_documents(said)
    assert kept.info().entries == len(said) >= 5
    assert statuses(examine(after), "golden") == {"recorded vectors": "fail"}


@needs_bfloat16
def test_a_model_that_fell_back_to_float32_is_told_of(copy, tmp_path):
    strayed = altered(copy, tmp_path / "sharp", sharpen)
    with pytest.warns(MetierWarning, match="in bfloat16, which is faster here"):
        found = examine(Runtime(strayed, device="cpu", dtype="auto", plugins=[], progress=False))
    (check,) = [check for check in found.of("machine") if check.name == "number format"]
    assert check.status == "warn"
    assert check.detail.startswith("bfloat16 for Qwen3: the CPU has ")
    assert check.detail.endswith("; the embedder runs in float32")


def test_an_embedder_that_was_given_runs_in_the_format_it_was_given_in(copy):
    exact = runtime(copy).embedder
    asked = Runtime(exact, device="cpu", dtype="bfloat16", plugins=[], progress=False)
    assert statuses(examine(asked), "machine")["number format"] == "pass"


def test_a_device_that_is_none_is_a_wrong_call(qwen3_folder):
    with pytest.raises(ParameterError):
        examine(Runtime(qwen3_folder, device="abacus", plugins=[], progress=False))
