"""The released models: their sizes, and how one is recognized."""

from __future__ import annotations

import json

import pytest

from metier.models.catalog import CATALOG, recognize, released_model, released_model_of_shape
from metier.models.family import ModelSource

CONFIG = {
    "model_type": "qwen3",
    "hidden_size": 2560,
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "intermediate_size": 9728,
}


@pytest.mark.parametrize(
    ("id", "millions"),
    [
        ("Qwen/Qwen3-Embedding-0.6B", 595.8),
        ("Qwen/Qwen3-Embedding-4B", 4021.8),
        ("Qwen/Qwen3-Embedding-8B", 7567.3),
        ("Qwen/Qwen3-Reranker-0.6B", 595.8),
        ("Qwen/Qwen3-Reranker-8B", 8188.5),
    ],
)
def test_parameters_are_those_of_the_released_weights(id, millions):
    model = released_model(id)
    assert round(model.parameters / 1e6, 1) == millions
    assert model.memory("float32") == 2 * model.memory("bfloat16") == 4 * model.parameters
    tables = model.parameters - model.shape.layers * model.shape.layer_parameters
    assert model.memory("int8") - model.parameters == tables - model.shape.hidden


def test_the_parameters_are_those_transformers_makes():
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    for id in ("Qwen/Qwen3-Embedding-0.6B", "Qwen/Qwen3-Reranker-8B"):
        model = released_model(id)
        config = Qwen3Config(
            vocab_size=model.vocabulary,
            hidden_size=model.shape.hidden,
            intermediate_size=model.shape.intermediate,
            num_hidden_layers=model.shape.layers,
            num_attention_heads=model.shape.heads,
            num_key_value_heads=8,
            head_dim=128,
            tie_word_embeddings=not model.own_head,
        )
        with torch.device("meta"):
            made = Qwen3ForCausalLM(config)
        assert sum(tensor.numel() for tensor in made.parameters()) == model.parameters


def test_a_hub_id_is_known_with_its_revision_and_others_are_not():
    assert released_model("Qwen/Qwen3-Embedding-4B@main").dim == 2560
    assert released_model("Qwen/Qwen3-Reranker-4B").dim is None
    assert released_model("qwen/other") is None


def test_a_shape_is_told_apart_by_role_and_by_every_size():
    assert released_model_of_shape(CONFIG, "embedder").id == "Qwen/Qwen3-Embedding-4B"
    assert released_model_of_shape(CONFIG, "reranker").id == "Qwen/Qwen3-Reranker-4B"
    for key in CONFIG:
        assert released_model_of_shape({**CONFIG, key: 7}, "embedder") is None
    assert len({(model.role, model.shape) for model in CATALOG}) == len(CATALOG)


def test_only_a_model_from_the_hub_is_recognized_by_its_id(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    id = "Qwen/Qwen3-Embedding-4B"
    assert recognize(ModelSource(id, tmp_path, "abc"), "embedder").by == "id"
    assert recognize(ModelSource("./copy", tmp_path), "embedder").by == "shape"
    assert recognize(ModelSource("me/tuned", tmp_path, "abc"), "embedder").by == "shape"


def test_a_model_of_another_shape_is_not_recognized(qwen3_folder):
    assert recognize(ModelSource(str(qwen3_folder), qwen3_folder), "embedder") is None
