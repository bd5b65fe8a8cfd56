"""Models of ModelScope: its real client against a server on loopback."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.core.models.remote.model_server import Response, serving

import metier
from metier.diagnosis.examine import examine
from metier.errors import (
    CheckpointError,
    MetierWarning,
    MissingExtraError,
    ModelNotFoundError,
    UsageError,
)
from metier.models.model_lookup import find_model, find_tokenizer

from .hub_server import COMMITS, REPO, ModelScopeHub

pytest.importorskip("modelscope_hub", reason="the extra 'modelscope' is not installed")

NAME = f"modelscope:{REPO}"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache and home of ModelScope's client, and waits of no length."""
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MODELSCOPE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MODELSCOPE_API_TOKEN", raising=False)
    monkeypatch.delenv("METIER_HUB", raising=False)
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("modelscope_hub._download.DOWNLOAD_INTEGRITY_RETRY_BACKOFF", 0)
    monkeypatch.setattr("modelscope_hub._legacy_api.REPO_TREE_PAGE_MAX_ATTEMPTS", 1)
    return tmp_path / "cache"


@pytest.fixture
def hub(
    cache: Path, qwen3_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ModelScopeHub]:
    service = ModelScopeHub(qwen3_folder)
    with serving(service) as url:  # type: ignore[arg-type]
        monkeypatch.setenv("MODELSCOPE_ENDPOINT", url)
        yield service


def stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on no hub answers."""
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", "http://127.0.0.1:9")


def snapshot(cache: Path, revision: str = "master") -> Path:
    return cache / "models" / REPO.replace("/", "--") / "snapshots" / revision


def test_a_model_is_downloaded_once_and_recorded_with_hub_and_commit(
    hub: ModelScopeHub, cache: Path, qwen3_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("modeling_qwen3.py", "pytorch_model.bin", "onnx/model.onnx", "README.md"):
        hub.files[name] = b"not fetched"
    rt = metier.Runtime(model=NAME, device="cpu", dtype="float32", plugins=[])

    vectors = rt.embed_documents(["a port closed by war"])

    local = metier.Runtime(model=str(qwen3_folder), device="cpu", dtype="float32", plugins=[])
    np.testing.assert_array_equal(vectors, local.embed_documents(["a port closed by war"]))
    assert rt.embedder.fingerprint == local.embedder.fingerprint
    assert (rt.embedder.profile.id, rt.embedder.profile.revision) == (NAME, COMMITS[1])
    assert set(hub.downloads) == {
        path.relative_to(qwen3_folder).as_posix()
        for path in qwen3_folder.rglob("*")
        if path.suffix in (".json", ".txt", ".safetensors")
    }
    assert not list(cache.rglob("*.py"))
    assert not list(cache.rglob("*.bin"))

    modes = {path.stat().st_mode for path in snapshot(cache).iterdir() if path.is_file()}
    assert len(modes) == 1  # who can read the model can read the record of its hashes

    stop(monkeypatch)
    found = find_model(f"{NAME}@{COMMITS[1]}", role="embedder")  # as a recorded run names it
    assert (found.folder, found.revision) == (snapshot(cache), COMMITS[1])


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        (REPO, "modelscope"),
        (f"modelscope.cn/{REPO}", "huggingface"),
        (f"https://modelscope.cn/models/{REPO}/summary", "huggingface"),
    ],
)
def test_all_names_lead_to_the_same_snapshot(
    hub: ModelScopeHub, cache: Path, monkeypatch: pytest.MonkeyPatch, name: str, setting: str
) -> None:
    monkeypatch.setenv("METIER_HUB", setting)
    rt = metier.Runtime(model=name, device="cpu", plugins=[])

    assert rt.embedder.profile.id == NAME
    assert find_model(name, role="embedder").folder == snapshot(cache)
    assert find_tokenizer(name) == snapshot(cache)


def test_a_tokenizer_alone_is_fetched_without_weights(hub: ModelScopeHub, cache: Path) -> None:
    folder = find_tokenizer(NAME)

    assert (folder / "tokenizer.json").is_file()
    assert "model.safetensors" not in hub.downloads
    find_model(NAME, role="embedder")  # completes the snapshot
    assert hub.downloads.count("tokenizer.json") == 1


def test_weights_of_an_earlier_commit_are_not_taken_for_those_of_a_tokenizer_fetched_later(
    hub: ModelScopeHub, cache: Path
) -> None:
    find_model(NAME, role="embedder")
    (snapshot(cache) / "tokenizer.json").unlink()
    weights = bytearray(hub.files["model.safetensors"])
    weights[-3] ^= 1
    hub.files["model.safetensors"] = bytes(weights)  # the branch has moved
    find_tokenizer(NAME)

    find_model(NAME, role="embedder")

    assert (snapshot(cache) / "model.safetensors").read_bytes() == weights


@pytest.mark.parametrize("parts", [False, True])
def test_a_file_with_another_hash_is_refused(
    hub: ModelScopeHub, cache: Path, monkeypatch: pytest.MonkeyPatch, parts: bool
) -> None:
    if parts:  # as files of more than 500 MB are downloaded
        monkeypatch.setattr("modelscope_hub._download.DOWNLOAD_PARALLEL_THRESHOLD", 1 << 18)
        monkeypatch.setattr("modelscope_hub._download.DOWNLOAD_PART_SIZE", 1 << 18)
    content = bytearray(hub.files["model.safetensors"])
    content[-3] ^= 1
    hub.sent["model.safetensors"] = bytes(content)

    with pytest.raises(CheckpointError, match=r"model\.safetensors.* is not the file that"):
        find_model(NAME, role="embedder")

    assert not (snapshot(cache) / "model.safetensors").exists()
    hub.sent.clear()
    assert find_model(NAME, role="embedder").revision == COMMITS[1]


def test_a_download_that_breaks_off_is_continued(hub: ModelScopeHub, cache: Path) -> None:
    hub.cut["model.safetensors"] = 1000

    find_model(NAME, role="embedder")

    weights = snapshot(cache) / "model.safetensors"
    assert weights.read_bytes() == hub.files["model.safetensors"]
    ranges = [request.headers.get("range") for request in hub.requests]
    assert "bytes=1000-" in ranges


@pytest.mark.parametrize("changed", [False, True])
def test_what_an_earlier_run_left_is_continued_and_checked(
    hub: ModelScopeHub, cache: Path, changed: bool
) -> None:
    content = hub.files["model.safetensors"]
    snapshot(cache).mkdir(parents=True)
    begun = b"x" * 1000 if changed else content[:1000]
    (snapshot(cache) / "model.safetensors.incomplete").write_bytes(begun)

    find_model(NAME, role="embedder")

    assert (snapshot(cache) / "model.safetensors").read_bytes() == content
    # where the beginning was changed, the hash of the whole is wrong, and it is fetched again
    assert hub.downloads.count("model.safetensors") == 1 + changed
    ranges = [request.headers.get("range") for request in hub.requests]
    assert ranges.count("bytes=1000-") == 1


@pytest.mark.parametrize("name", ["modelscope:Qwen/Other", f"{NAME}@v9"])
def test_an_unknown_model_or_revision_names_the_ways_out(hub: ModelScopeHub, name: str) -> None:
    with pytest.raises(ModelNotFoundError, match="no public model of that name") as caught:
        find_model(name, role="embedder")

    assert "ms-hub download Qwen/" in str(caught.value)


def test_a_hub_that_does_not_answer_is_named(cache: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="ModelScope cannot be reached"):
        find_model(NAME, role="embedder")


def test_a_changed_file_is_fetched_again_or_refused_without_the_hub(
    hub: ModelScopeHub, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_model(NAME, role="embedder")
    weights = snapshot(cache) / "model.safetensors"
    good = weights.read_bytes()
    os.utime(weights)  # another time of change and the same content
    asked = len(hub.requests)
    find_model(NAME, role="embedder")
    assert len(hub.requests) == asked

    weights.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    find_model(NAME, role="embedder")
    assert weights.read_bytes() == good

    weights.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    stop(monkeypatch)
    with pytest.raises(CheckpointError, match="was changed since"):
        find_model(NAME, role="embedder")


@pytest.mark.parametrize("layout", ["new", "old"])
def test_what_other_tools_downloaded_is_compared_with_the_hashes_once(
    hub: ModelScopeHub,
    cache: Path,
    qwen3_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    layout: str,
) -> None:
    old = cache / "hub" / "models" / "Qwen" / "Qwen3-Embedding-0___6B"
    folder = snapshot(cache) if layout == "new" else old
    shutil.copytree(qwen3_folder, folder)
    url = os.environ["MODELSCOPE_ENDPOINT"]
    stop(monkeypatch)
    with pytest.warns(MetierWarning, match="were not compared with the hashes"):
        found = find_model(NAME, role="embedder")
    assert (found.folder, found.revision) == (folder, None)

    monkeypatch.setenv("MODELSCOPE_ENDPOINT", url)
    config = folder / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text())))
    assert find_model(NAME, role="embedder").folder == folder
    assert hub.downloads == ["config.json"]  # the only one that was not the hub's
    stop(monkeypatch)
    assert find_model(NAME, role="embedder").revision == COMMITS[1]


def test_the_token_is_sent_and_the_pickled_cookies_are_not_read(
    hub: ModelScopeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Harmful:
        def __reduce__(self) -> tuple[object, ...]:
            return os.mkdir, (str(tmp_path / "unpickled"),)

    cookies = tmp_path / "home" / "credentials" / "cookies"
    cookies.parent.mkdir(parents=True)
    cookies.write_bytes(pickle.dumps(Harmful()))
    find_model(NAME, role="embedder")
    assert not any("authorization" in request.headers for request in hub.requests)

    monkeypatch.setenv("MODELSCOPE_API_TOKEN", "secret-7")
    with pytest.raises(ModelNotFoundError) as caught:
        find_model("modelscope:Qwen/Other", role="embedder")

    assert hub.requests[-1].headers["authorization"] == "Bearer secret-7"
    assert "secret-7" not in str(caught.value)
    assert not (tmp_path / "unpickled").exists()
    assert [path.name for path in cookies.parent.iterdir()] == ["cookies"]


@pytest.mark.parametrize("fault", ["path", "hash", "gguf", "pickle"])
def test_what_must_not_be_downloaded_is_refused_before_the_first_file(
    hub: ModelScopeHub, cache: Path, fault: str
) -> None:
    weights = hub.files["model.safetensors"]
    expected: dict[str, tuple[type[Exception], str]] = {
        "path": (CheckpointError, "outside its folder"),
        "hash": (CheckpointError, "lists no hash"),
        "gguf": (UsageError, "ollama pull modelscope.cn/Qwen/Qwen3-Embedding-0.6B:latest"),
        "pickle": (ModelNotFoundError, "no safetensors weights"),
    }
    if fault == "path":
        hub.files["../../evil.json"] = b"{}"
    elif fault == "hash":
        hub.unlisted_hashes.add("model.safetensors")
    else:
        del hub.files["model.safetensors"]
        hub.files["q8_0.gguf" if fault == "gguf" else "pytorch_model.bin"] = weights

    with pytest.raises(expected[fault][0], match=expected[fault][1]):
        find_model(NAME, role="embedder")

    assert not hub.downloads
    assert not list(cache.rglob("*.json"))


@pytest.mark.parametrize(
    "answer",
    [
        Response(b"<html>maintenance</html>"),
        Response(["other"]),
        Response({"Data": {"Files": [1, None]}}),
        Response({"Message": "no account for secret-7"}, 500),
        Response({"Message": "no account for secret-7"}, 403),
    ],
)
def test_an_answer_that_is_no_listing_is_an_error_without_the_token(
    hub: ModelScopeHub, monkeypatch: pytest.MonkeyPatch, answer: Response
) -> None:
    monkeypatch.setenv("MODELSCOPE_API_TOKEN", "secret-7")
    hub.fault = answer

    with pytest.raises(ModelNotFoundError, match=r"cannot be downloaded\.\nModelScope") as caught:
        find_model(NAME, role="embedder")

    assert "secret-7" not in str(caught.value)


def test_offline_mode_asks_no_hub(hub: ModelScopeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    with pytest.raises(ModelNotFoundError, match="HF_HUB_OFFLINE=1 forbids"):
        find_model(NAME, role="embedder")

    assert not hub.requests


def test_doctor_recognizes_the_released_model_by_its_id(
    hub: ModelScopeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METIER_HOME", str(tmp_path / "metier"))
    rt = metier.Runtime(model=NAME, device="cpu", dtype="float32", plugins=[])
    left_out = examine(rt, required=[])
    assert not hub.requests  # what is not required is not downloaded
    assert any(check.status == "skip" and NAME in check.detail for check in left_out.checks)

    diagnosis = examine(rt, required=["embedder"])

    # the tiny model is not the released one, and under its id that is an error
    (card,) = (check for check in diagnosis.checks if check.name == "model card example")
    assert card.status == "fail"
    assert "published values of Qwen/Qwen3-Embedding-0.6B" in card.detail


def test_a_run_records_embedder_and_reranker_with_their_hub_and_commit(
    cache: Path,
    qwen3_folder: Path,
    reranker_folders: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("METIER_HUB", "modelscope")
    names = (REPO, "Qwen/Qwen3-Reranker-0.6B")
    for name, folder in zip(names, (qwen3_folder, reranker_folders["tied"]), strict=True):
        with serving(ModelScopeHub(folder, name)) as url:  # type: ignore[arg-type]
            monkeypatch.setenv("MODELSCOPE_ENDPOINT", url)
            find_model(name, role="embedder" if name == REPO else "reranker")
    stop(monkeypatch)
    rt = metier.Runtime(*names, device="cpu", dtype="float32", plugins=["legal"])
    contract = ["1. Term. It ends after a year.\n\n2. War. A war excuses a delay."]

    result = rt.run("legal/search-clauses", contract, query="war", top_k=1)

    used = {model.role: (model.id, model.revision) for model in result.record.models}
    assert used == {
        "embedder": (f"modelscope:{names[0]}", COMMITS[1]),
        "reranker": (f"modelscope:{names[1]}", COMMITS[1]),
    }


def test_only_a_download_needs_the_client_and_names_its_extra(
    hub: ModelScopeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_model(NAME, role="embedder")
    monkeypatch.setitem(sys.modules, "modelscope_hub", None)
    monkeypatch.delitem(sys.modules, "metier.models.hubs.model_scope_client")

    assert find_model(NAME, role="embedder").revision == COMMITS[1]
    with pytest.raises(MissingExtraError, match=r"metier\[modelscope\]"):
        find_model("modelscope:Qwen/Other", role="embedder")
