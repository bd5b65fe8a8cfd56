"""Every architecture of encoders against sentence-transformers, packed or padded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.core.models.encoder_architectures import PAD_ID, POSITIONS, write_kind

from metier.models.builtin_families import builtin_families
from metier.models.device import BFLOAT16_FLAGS, Placement, cpu_capabilities
from metier.models.family import LoadOptions
from metier.models.kernels.encoder_forward import runs_packed
from metier.models.loading import load_embedder
from metier.progress import NoProgress

PACKED = ["bert", "roberta", "xlm-roberta", "camembert", "electra", "distilbert"]
PADDED = ["mpnet", "bloom"]
ON_CPU = Placement(torch.device("cpu"), torch.float32)


@pytest.fixture(scope="module", params=[*PACKED, *PADDED])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def folder(folders, kind):
    return write_kind(folders / f"kind-{kind}", kind)


@pytest.fixture(scope="module")
def embedder(load, folder):
    return load(folder)


def embed(embedder, texts, side="document"):
    prompt = embedder.prompt(None, side)
    return embedder.embed(texts, prompt=prompt, dim=32, progress=NoProgress())


def peer_of(folder):
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": torch.float32})


def config_of(folder):
    return json.loads((folder / "config.json").read_text())


def test_vectors_agree_with_sentence_transformers(embedder, folder, texts):
    peer = peer_of(folder)

    documents, queries = embed(embedder, texts), embed(embedder, texts, "query")

    assert np.abs(documents.vectors - peer.encode(texts)).max() <= 1e-5
    assert np.abs(queries.vectors - peer.encode(texts, prompt_name="query")).max() <= 1e-5
    assert documents.tokens.max() == 128
    assert documents.tokens.min() <= 4
    assert np.ptp(documents.vectors, axis=0).max() > 0.1, "equal vectors would prove nothing"


def test_a_prompt_that_spells_out_padding_keeps_its_positions(folder, kind, load):
    padded = Path(shutil.copytree(folder, folder.with_name(f"padded-{kind}")))
    settings = padded / "config_sentence_transformers.json"
    prompts = {"query": "[PAD] the [PAD] [PAD] capital "}
    settings.write_text(json.dumps(json.loads(settings.read_text()) | {"prompts": prompts}))
    texts = ["of China", "", "the capital is Beijing"]

    made = embed(load(padded), texts, "query")

    assert np.abs(made.vectors - peer_of(padded).encode(texts, prompt_name="query")).max() <= 1e-5


def test_a_vector_does_not_depend_on_its_neighbors(embedder, texts):
    together = embed(embedder, texts).vectors

    alone = np.concatenate([embed(embedder, [text]).vectors for text in texts])
    assert np.abs(together - alone).max() <= 1e-6


def test_the_way_it_runs_is_the_one_known_to_be_right(kind, folder):
    config = config_of(folder)

    assert config["model_type"] == kind
    assert config["pad_token_id"] == PAD_ID
    assert runs_packed(config, ON_CPU) == (kind in PACKED)
    assert not runs_packed(config | {"is_decoder": True}, ON_CPU)
    assert not runs_packed(config, Placement(torch.device("meta"), torch.float32))


@pytest.mark.parametrize("kind", ["roberta", "distilbert", "mpnet"], scope="module")
def test_all_positions_of_the_table_are_used_and_no_more(folder, kind, load):
    path = folder / "sentence_bert_config.json"
    kept = path.read_text()
    path.write_text(json.dumps({"max_seq_length": 1000, "do_lower_case": False}))
    greedy = load(folder)
    path.write_text(kept)

    made = embed(greedy, ["the " * 300, "the " * 158])

    assert greedy.profile.max_tokens == POSITIONS
    assert made.tokens.tolist() == [POSITIONS, POSITIONS]
    assert made.truncated.tolist() == [True, False]


@pytest.mark.parametrize("kind", ["roberta", "mpnet"], scope="module")
@pytest.mark.parametrize("pooling", ["cls", "lasttoken"])
def test_other_poolings_agree_with_sentence_transformers(folders, load, texts, kind, pooling):
    folder = write_kind(folders / f"kind-{kind}-{pooling}", kind, pooling=pooling)

    made = embed(load(folder), texts).vectors

    assert np.abs(made - peer_of(folder).encode(texts)).max() <= 1e-5


@pytest.mark.parametrize("dtype", ["auto", "bfloat16"])
def test_short_formats_run_every_kind(embedder, folder, texts, dtype):
    model = load_embedder(str(folder), LoadOptions("cpu", dtype), builtin_families())

    fast = any(cpu_capabilities().get(flag) for flag in BFLOAT16_FLAGS)
    assert model.dtype == ("bfloat16" if fast or dtype == "bfloat16" else "float32")
    assert (embed(model, texts).vectors * embed(embedder, texts).vectors).sum(axis=1).min() >= 0.999
