"""A plain BERT computes the same numbers without transformers; others are left to it."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel

from metier.models.checkpoint import read_config
from metier.models.device import Placement
from metier.models.encoder.bert import load_bert, read_plain_bert
from metier.models.encoder.token_model import TokenModel
from metier.models.kernels.encoder_forward import packed_forward, register_attention
from metier.models.model_lookup import embedded_folder
from metier.models.self_check import probe_sequences
from metier.models.transformers_loading import load_transformer
from metier.testing import checkpoints

CPU = torch.device("cpu")


@pytest.fixture(scope="module", params=["embedded", "tiny"])
def folder(request, tmp_path_factory):
    if request.param == "embedded":
        return embedded_folder()
    return checkpoints.write_encoder(tmp_path_factory.mktemp("bert"))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_states_are_those_of_transformers_to_the_last_bit(folder, dtype):
    placement = Placement(CPU, dtype)
    plain = read_plain_bert(folder, read_config(folder))
    assert plain is not None
    ours = load_bert(folder, plain, placement)
    theirs = load_transformer(AutoModel, folder, placement, attention=register_attention())
    batch = probe_sequences(plain.vocab_size, longest=None)
    batch.sort(key=len)

    states, expected = (
        TokenModel(model, placement, packed_forward(CPU, plain.pad_token_id), "mean").states(batch)
        for model in (ours, theirs)
    )

    assert torch.equal(states, expected)
    assert states.std() > 0


@pytest.fixture
def changed(tmp_path):
    """A copy of a tiny checkpoint, and a function that changes its config."""
    folder = checkpoints.write_encoder(tmp_path / "model")

    def edit(**values):
        config = {**json.loads((folder / "config.json").read_text()), **values}
        (folder / "config.json").write_text(json.dumps(config))
        return read_plain_bert(folder, config)

    return folder, edit


@pytest.mark.parametrize(
    "values",
    [
        {"model_type": "roberta"},
        {"hidden_act": "relu"},
        {"position_embedding_type": "relative_key"},
        {"is_decoder": True},
        {"chunk_size_feed_forward": 4},
        {"num_attention_heads": 3},
        {"num_attention_heads": 0},
        {"num_hidden_layers": 1},
        {"num_hidden_layers": 10**12},
        {"num_hidden_layers": 10**7},
        {"vocab_size": 10**18},
        {"num_hidden_layers": "2"},
        {"hidden_size": 64},
        {"layer_norm_eps": None},
        {"pad_token_id": None},
        {"pad_token_id": -1},
        {"architectures": ["BertForMaskedLM"]},
        {"quantization_config": {"quant_method": "awq"}},
        {"some_new_key": 1},
    ],
)
def test_a_config_that_says_anything_else_is_left_to_transformers(changed, values):
    _, edit = changed
    assert edit() is not None
    assert edit(**values) is None


@pytest.mark.parametrize("change", ["missing", "renamed", "another shape", "integers", "more"])
def test_weights_that_do_not_fit_are_left_to_transformers(changed, change):
    folder, edit = changed
    weights = load_file(folder / "model.safetensors")
    name = "encoder.layer.1.output.dense.weight"
    if change == "missing":
        del weights[name]
    elif change == "renamed":
        weights["bert." + name] = weights.pop(name)
    elif change == "another shape":
        weights[name] = weights[name].T.contiguous()
    elif change == "integers":
        weights[name] = weights[name].to(torch.int8)
    else:
        weights["cls.bias"] = torch.zeros(3)
    save_file(weights, folder / "model.safetensors")

    assert edit() is None


def test_weights_do_not_change_with_their_file(changed):
    folder, edit = changed
    plain = edit()
    model = load_bert(folder, plain, Placement(CPU, torch.float32))
    before = {name: weight.clone() for name, weight in model.state_dict().items()}

    with (folder / "model.safetensors").open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(size // 4)
        file.write(bytes(size - size // 4))

    assert all(torch.equal(before[name], weight) for name, weight in model.state_dict().items())
