"""The configuration of a Runtime: one value that can be hashed, copied and pickled."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest

from metier import Runtime, RuntimeConfig, VectorCache
from metier.engine.ledger import Ledger
from metier.errors import ParameterError, UsageError
from metier.testing import FakeEmbedder

TEXTS = ["a bear", "a steam train"]


def embed(rt: Runtime) -> np.ndarray:
    return np.asarray(rt.embed_queries(TEXTS))


@pytest.fixture
def named(qwen3_folder: Path, reranker_folder: Path) -> Runtime:
    """A Runtime whose models are named by their folders."""
    return Runtime(
        qwen3_folder,
        str(reranker_folder),
        device="cpu",
        dtype="float32",
        plugins=[],
        progress=False,
    )


def test_a_config_holds_the_parameters_of_a_runtime():
    config = RuntimeConfig("embedded", device="cpu", plugins={"toys"}, packs=["one.yaml"])
    assert (config.plugins, config.packs, config.cache) == (("toys",), ("one.yaml",), None)
    assert config == RuntimeConfig("embedded", device="cpu", plugins=["toys"], packs=("one.yaml",))
    assert hash(config) == hash(copy.deepcopy(config))
    with pytest.raises(UsageError, match=r"packs='one\.yaml' is one path"):
        RuntimeConfig(packs="one.yaml")


def test_a_runtime_made_from_a_config_has_that_config():
    config = RuntimeConfig("embedded", False, "cpu", "float32", False, (), ("toys",), True)
    assert Runtime.from_config(config, progress=False).config == config


def test_the_config_of_a_runtime_has_the_values_of_the_environment(monkeypatch):
    monkeypatch.setenv("METIER_MODEL", "embedded")
    monkeypatch.setenv("METIER_CACHE", "1")
    monkeypatch.setenv("METIER_DTYPE", "float32")
    config = Runtime(plugins=[], device="cpu", progress=False).config
    assert (config.model, config.device, config.dtype, config.cache) == (
        "embedded",
        "cpu",
        "float32",
        True,
    )
    monkeypatch.setenv("METIER_DTYPE", "bfloat16")
    assert Runtime.from_config(config).config == config


def test_a_runtime_without_a_reranker_has_none_where_another_environment_names_one(monkeypatch):
    rt = Runtime(FakeEmbedder(), plugins=[], progress=False)
    pickled = pickle.dumps(rt)
    monkeypatch.setenv("METIER_RERANKER", "org/other")
    assert Runtime(FakeEmbedder(), plugins=[]).config.reranker == "org/other"
    for restored in (pickle.loads(pickled), copy.deepcopy(rt), Runtime.from_config(rt.config)):
        assert restored.config.reranker is False
        assert restored.reranker is None
    assert Runtime(FakeEmbedder(), False, plugins=[]).reranker is None


def test_a_pickled_runtime_embeds_and_reranks_the_same(named):
    restored = pickle.loads(pickle.dumps(named))
    assert restored.config == named.config
    assert np.array_equal(embed(restored), embed(named))
    assert restored.rerank("a bear", TEXTS) == named.rerank("a bear", TEXTS)


def test_a_pickle_holds_no_weights_and_no_ledger(named):
    before = len(pickle.dumps(named))
    embed(named)
    recording = named.with_engine(named.engine.recording(Ledger()))
    assert len(pickle.dumps(recording)) == before < 2000


def test_a_deep_copy_is_a_runtime_of_its_own_that_embeds_the_same(named):
    clone = copy.deepcopy(named)
    assert clone.engine is not named.engine
    assert np.array_equal(embed(clone), embed(named))


def test_a_shallow_copy_shares_the_models(named):
    assert copy.copy(named).embedder is named.embedder


def test_a_deep_copy_shares_models_and_caches_that_were_given_as_objects(tmp_path):
    embedder, cache = FakeEmbedder(), VectorCache(tmp_path)
    rt = Runtime(embedder, cache=cache, plugins=[], progress=False)
    config = copy.deepcopy(rt).config
    assert config.model is embedder
    assert config.cache is cache


def test_an_embedder_object_is_pickled_with_the_runtime(tmp_path):
    cache = VectorCache(tmp_path, limit=10_000_000)
    rt = Runtime(FakeEmbedder(dim=32), cache=cache, plugins=[], progress=False)
    restored = pickle.loads(pickle.dumps(rt))
    assert np.array_equal(embed(restored), embed(rt))
    assert (restored.config.cache.folder, restored.config.cache.limit) == (tmp_path, 10_000_000)


def test_an_embedder_object_that_cannot_be_pickled_is_refused_with_the_reason():
    class Locked(FakeEmbedder):
        def __init__(self) -> None:
            super().__init__()
            self.lock = threading.Lock()

    rt = Runtime(Locked(), plugins=[], progress=False)
    with pytest.raises(ParameterError, match="The model was given as an object") as refused:
        pickle.dumps(rt)
    assert "Give its name or its folder" in str(refused.value)


def test_a_runtime_embeds_the_same_in_a_spawned_process(named):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        (vectors,) = pool.map(embed, [named])
    # another number of threads may change the last digits
    np.testing.assert_allclose(vectors, embed(named), rtol=0, atol=1e-6)
