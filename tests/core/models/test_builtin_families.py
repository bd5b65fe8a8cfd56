import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from metier.errors import CheckpointError
from metier.models.builtin_families import builtin_families
from metier.models.family import LoadOptions
from metier.models.loading import load_reranker
from metier.testing import checkpoints

OPTIONS = LoadOptions(device="cpu", dtype="float32")


def test_naming_the_families_imports_no_torch():
    code = (
        "import sys, metier.models.builtin_families as f\n"
        "names = [family.name for family in f.builtin_families()]\n"
        "heavy = {'torch', 'transformers', 'tokenizers', 'huggingface_hub', 'modelscope_hub'}\n"
        "print(names, heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "['qwen3', 'encoder', 'remote'] set()"


def test_a_qwen3_folder_with_another_pooling_is_not_read_at_its_last_token(folders, load):
    folder = checkpoints.write_qwen3_embedder(folders / "mean-qwen3")
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode": "mean"}))

    embedder = load(folder)

    assert (embedder.profile.family, embedder.profile.pooling) == ("encoder", "mean")


def test_a_folder_whose_pooling_is_unknown_is_refused(folders, load):
    folder = checkpoints.write_encoder(folders / "no-modules")
    (folder / "modules.json").unlink()

    with pytest.raises(CheckpointError, match=r"'bert'.*\n.*pools tokens into a vector is unknown"):
        load(folder)


def test_an_encoder_is_refused_as_reranker_with_the_families_listed(encoder_folder):
    with pytest.raises(CheckpointError, match=r"as reranker.*\n.*qwen3"):
        load_reranker(str(encoder_folder), OPTIONS, builtin_families())


def test_weights_that_are_missing_are_never_made_up(folders, load):
    folder = checkpoints.write_encoder(folders / "holes")
    weights = load_file(folder / "model.safetensors")
    del weights["encoder.layer.1.output.dense.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})

    with pytest.raises(CheckpointError, match=r"encoder\.layer\.1\.output\.dense\.weight"):
        load(folder)


def test_weights_of_another_size_are_refused(folders, load):
    folder = checkpoints.write_encoder(folders / "resized")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"hidden_size": 48}))

    with pytest.raises(CheckpointError, match="cannot be loaded"):
        load(folder)


def test_a_reranker_without_its_head_is_refused(folders, reranker_folders):
    folder = Path(shutil.copytree(reranker_folders["untied"], folders / "headless"))
    weights = load_file(folder / "model.safetensors")
    del weights["lm_head.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})

    with pytest.raises(CheckpointError, match=r"lm_head\.weight"):
        load_reranker(str(folder), OPTIONS, builtin_families())


def test_loading_says_nothing_on_the_terminal(qwen3_folder, load, capfd):
    load(qwen3_folder)

    assert capfd.readouterr() == ("", "")


def test_the_same_files_have_the_same_fingerprint_wherever_they_lie(folders, encoder_folder, load):
    copy = Path(shutil.copytree(encoder_folder, folders / "copied"))
    other = checkpoints.write_encoder(folders / "other-seed", seed=1)

    assert load(copy).fingerprint == load(encoder_folder).fingerprint
    assert load(other).fingerprint != load(encoder_folder).fingerprint
    assert len(load(copy).fingerprint) == 16


@pytest.mark.parametrize("change", ["pooling", "length", "config"])
def test_a_fingerprint_changes_with_what_decides_a_vector(folders, encoder_folder, load, change):
    folder = Path(shutil.copytree(encoder_folder, folders / f"changed-{change}"))
    if change == "pooling":
        (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode": "cls"}')
    elif change == "length":
        (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 64}')
    else:
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | {"hidden_act": "relu"}))

    assert load(folder).fingerprint != load(encoder_folder).fingerprint


@pytest.mark.parametrize("change", ["template", "special"])
def test_an_encoders_fingerprint_changes_with_the_template_of_its_tokenizer(
    folders, encoder_folder, load, change
):
    folder = Path(shutil.copytree(encoder_folder, folders / f"tokenizer-{change}"))
    # a class that takes template and special tokens as they are written
    plain = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 160}
    plain |= {"pad_token": "[PAD]", "sep_token": "[SEP]"}
    (folder / "tokenizer_config.json").write_text(json.dumps(plain))
    before = load(folder).fingerprint
    if change == "special":
        (folder / "tokenizer_config.json").write_text(json.dumps(plain | {"sep_token": None}))
    else:
        path = folder / "tokenizer.json"
        tokenizer = json.loads(path.read_text(encoding="utf-8"))
        tokenizer["post_processor"]["single"].pop()  # the closing [SEP]
        path.write_text(json.dumps(tokenizer), encoding="utf-8")

    assert load(folder).fingerprint != before


@pytest.mark.parametrize(
    ("family", "constant"),
    [
        ("encoder", "metier.models.encoder.encoder_embedder.ARITHMETIC"),
        ("qwen3", "metier.models.qwen3.templates.ARITHMETIC"),
    ],
)
def test_a_fingerprint_changes_with_the_familys_version_of_its_arithmetic(
    encoder_folder, qwen3_folder, load, monkeypatch, family, constant
):
    folder = {"encoder": encoder_folder, "qwen3": qwen3_folder}[family]
    before = load(folder).fingerprint
    monkeypatch.setattr(constant, 2)

    assert load(folder).fingerprint != before


def test_a_reranker_is_refused_as_an_embedder(reranker_folders, load):
    with pytest.raises(CheckpointError, match="no embedder"):
        load(reranker_folders["tied"])


def test_an_embedder_without_modules_is_refused_as_a_reranker(folders):
    folder = checkpoints.write_qwen3_embedder(folders / "bare", sentence_transformers=False)

    with pytest.raises(CheckpointError, match="cannot rerank"):
        load_reranker(str(folder), LoadOptions(device="cpu"), builtin_families())
