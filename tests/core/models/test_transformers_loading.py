from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.core.models.changed_checkpoints import altered

from metier.errors import CheckpointError
from metier.models.builtin_families import builtin_families
from metier.models.family import LoadOptions
from metier.models.loading import load_embedder, load_reranker
from metier.progress import NoProgress

MODELS = ["qwen3", "encoder", "reranker"]


@pytest.fixture(params=MODELS)
def source(request, qwen3_folder, encoder_folder, reranker_folders):
    """(folder, function that loads it) of each kind of model."""
    folders = {
        "qwen3": qwen3_folder,
        "encoder": encoder_folder,
        "reranker": reranker_folders["untied"],
    }
    loader = load_reranker if request.param == "reranker" else load_embedder

    def load(folder, dtype="float32"):
        return loader(str(folder), LoadOptions(device="cpu", dtype=dtype), builtin_families())

    return folders[request.param], load


def outputs(model):
    """What a model computes of a text: the vector of an embedder, the score of a reranker."""
    if hasattr(model, "score"):
        return model.score("law", ["law"], task=None, progress=NoProgress()).scores
    prompt = model.prompt(None, "document")
    return model.embed(["law"], prompt=prompt, dim=8, progress=NoProgress()).vectors


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), 1e30])
def test_a_single_unusable_weight_is_refused_wherever_it_is(source, tmp_path, number, dtype):
    folder, load = source
    names = []

    def change(weights):
        names.append(rng.choice(sorted(name for name in weights if "pooler" not in name)))
        flat = weights[names[-1]].view(-1)
        flat[int(rng.integers(len(flat)))] = number

    rng = np.random.default_rng(int(np.nan_to_num(number, nan=1) != 1))
    for attempt in range(6):
        copied = altered(folder, tmp_path / str(attempt), change)
        with pytest.raises(CheckpointError, match="cannot be computed with") as refused:
            load(copied, dtype)
        assert names[-1].split(".", 1)[1] in str(refused.value)


@pytest.mark.parametrize("zeroed", ["all", "matrices", "embeddings"])
def test_weights_of_zeros_are_refused(source, tmp_path, zeroed):
    folder, load = source

    def change(weights):
        for name, weight in weights.items():
            if zeroed == "all" or (
                weight.ndim > 1
                if zeroed == "matrices"
                else "embed_tokens" in name or "word" in name
            ):
                weight.zero_()

    with pytest.raises(CheckpointError, match="zero"):
        load(altered(folder, tmp_path / "zero", change))


def test_zeros_in_one_matrix_and_large_weights_are_accepted(source, tmp_path):
    folder, load = source

    def change(weights):
        name = next(name for name in sorted(weights) if "layer" in name and weights[name].ndim > 1)
        weights[name].zero_()
        for name, weight in weights.items():
            if "norm" in name.lower():
                weight[0] = 5000.0

    assert np.isfinite(outputs(load(altered(folder, tmp_path / "unusual", change)))).all()


def test_weights_too_large_for_float16_say_so(source, tmp_path):
    folder, load = source

    def change(weights):
        next(iter(weights.values())).view(-1)[0] = 1e5

    copied = altered(folder, tmp_path / "large", change)
    load(copied, "float32")
    with pytest.raises(CheckpointError, match=r"(?s)float16.*float32"):
        load(copied, "float16")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("num_attention_heads", 0),
        ("num_attention_heads", "many"),
        ("num_attention_heads", None),
        ("num_attention_heads", -3),
        ("num_key_value_heads", 0),
        ("head_dim", 0),
        ("num_hidden_layers", [2]),
        ("hidden_size", 0),
        ("hidden_size", 3.5),
        ("intermediate_size", {}),
        ("max_position_embeddings", "long"),
        ("rms_norm_eps", "small"),
        ("layer_norm_eps", []),
        ("vocab_size", 0),
        ("rope_parameters", 7),
        ("hidden_act", "unheard-of"),
        ("model_type", 7),
    ],
)
def test_an_impossible_number_in_a_config_is_a_damaged_checkpoint_or_is_not_used(
    source, tmp_path, key, value
):
    folder, load = source
    copied = Path(shutil.copytree(folder, tmp_path / "copy"))
    path = copied / "config.json"
    config = json.loads(path.read_text())
    if key not in config and key != "rope_parameters":
        pytest.skip("this kind of model does not have it")
    path.write_text(json.dumps(config | {key: value}))

    message, changed = "", None
    try:
        changed = outputs(load(copied))
    except CheckpointError as error:
        message = str(error)
    if changed is None:
        assert str(copied) in message
    else:  # this kind of model computes without it
        np.testing.assert_array_equal(changed, outputs(load(folder)))


@pytest.mark.parametrize("key", ["num_attention_heads", "num_hidden_layers", "hidden_size"])
@pytest.mark.parametrize("value", [0, -1, True])
def test_a_count_below_one_is_refused_with_the_name_of_the_file(source, tmp_path, key, value):
    folder, load = source
    copied = Path(shutil.copytree(folder, tmp_path / "copy"))
    path = copied / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))

    with pytest.raises(CheckpointError, match=rf"config\.json in '.*{key}"):
        load(copied)


@pytest.mark.parametrize(
    "name", ["config.json", "modules.json", "tokenizer.json", "tokenizer_config.json"]
)
def test_a_json_file_that_is_nested_too_deeply_is_a_damaged_checkpoint(source, tmp_path, name):
    folder, load = source
    copied = Path(shutil.copytree(folder, tmp_path / "copy"))
    if name == "modules.json" and not (copied / name).exists():
        pytest.skip("this kind of model does not have it")
    deep = "[" * 200_000 + "]" * 200_000
    (copied / name).write_text(f'{{"model_type": "qwen3", "deep": {deep}}}')

    with pytest.raises(CheckpointError):
        load(copied)


_FORKED = """
import multiprocessing, sys
import numpy as np, torch
from metier.models.builtin_families import builtin_families
from metier.models.family import LoadOptions
from metier.models.loading import load_embedder
from metier.progress import NoProgress

def embed(count):
    prompt = model.prompt(None, "document")
    texts = [f"law {row} " * 40 for row in range(count)]
    return model.embed(texts, prompt=prompt, dim=8, progress=NoProgress()).vectors

def embed_with_threads(count):
    return embed(count), torch.get_num_threads()

torch.set_num_threads(2)
options = LoadOptions(device="cpu", dtype="float32")
model = load_embedder(sys.argv[1], options, builtin_families())
before = embed(64)
with multiprocessing.get_context("fork").Pool(2) as pool:
    for vectors, threads in pool.map(embed_with_threads, [64, 64]):
        assert threads == 1
        assert np.abs(vectors - before).max() < 1e-5
assert torch.get_num_threads() == 2
print("done")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("kind", ["qwen3", "encoder"])
def test_a_process_that_is_forked_after_a_model_computed_computes_too(
    kind, qwen3_folder, encoder_folder
):
    folder = qwen3_folder if kind == "qwen3" else encoder_folder
    command = [sys.executable, "-W", "ignore", "-c", _FORKED, str(folder)]

    finished = subprocess.run(command, capture_output=True, text=True, timeout=120)

    assert finished.stdout == "done\n", finished.stderr
