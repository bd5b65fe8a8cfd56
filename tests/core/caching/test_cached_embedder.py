"""The cached embedder: the same results as without a cache, and nothing is computed twice."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from tests.core.caching.toy_vectors import run_sql

from metier import Embeddings, MetierWarning, Runtime, VectorCache
from metier.caching.cached_embedder import WINDOW
from metier.errors import DimError, ErrorPosition, InputError, ModelError, ParameterError
from metier.models.embedder import CachedEmbeddings
from metier.progress import NoProgress
from metier.registry.instruction import Instruction

TEXTS = ["a bear", "a steam train of wood", "?", "a bear", "a box"]
FIND = Instruction(id="find", task="Find the toy of that name", kind="retrieval", sides="both")
SORT = Instruction(id="sort", task="Sort toys by kind", kind="clustering", sides="both")


class CountingProgress:
    """Progress that counts its items."""

    def __init__(self):
        self.total = self.done = 0

    def begin(self, label, total):
        self.total += total

    def advance(self, items=1):
        self.done += items

    def end(self):
        assert self.done == self.total


class FailingEmbedder:
    """An embedder that fails at the text "stop"."""

    def __init__(self, inner, error):
        self.profile, self.fingerprint = inner.profile, inner.fingerprint
        self.device, self.dtype, self.prompt = inner.device, inner.dtype, inner.prompt
        self._inner, self._error = inner, error

    def embed(self, texts, *, prompt, dim, progress):
        if "stop" in texts:
            raise self._error(texts.index("stop"))
        return self._inner.embed(texts, prompt=prompt, dim=dim, progress=progress)


@pytest.fixture
def cache(tmp_path):
    return VectorCache(tmp_path / "vectors")


@pytest.fixture
def cached(cache, qwen3_rt):
    return Runtime(qwen3_rt.embedder, cache=cache, plugins=[], progress=False)


def embed(rt: Runtime, texts: list[str], dim: int = 64, task: str | None = None) -> Embeddings:
    embedder = rt.embedder
    prompt = embedder.prompt(task, "document" if task is None else "query")
    return embedder.embed(texts, prompt=prompt, dim=dim, progress=NoProgress())


@pytest.mark.parametrize("dim", [64, 48, 32, 1])
@pytest.mark.filterwarnings("ignore:dim=1 is shorter")
def test_a_cached_result_equals_the_uncached_one_at_every_dim(cached, qwen3_rt, dim):
    plain = embed(qwen3_rt, TEXTS, dim)
    for recalled in (0, 5):
        result = embed(cached, TEXTS, dim)
        assert isinstance(result, CachedEmbeddings)
        assert result.recalled == recalled
        np.testing.assert_allclose(result.vectors, plain.vectors, atol=1e-6)
        assert result.vectors.dtype == np.float32
        assert (result.tokens == plain.tokens).all()
        assert (result.truncated == plain.truncated).all()


def test_one_entry_serves_every_dim(cached, qwen3_rt, cache):
    cached.embed_documents(TEXTS, dim=32)
    assert cache.info().entries == 4
    full = cached.embed_documents(TEXTS)
    np.testing.assert_allclose(full, qwen3_rt.embed_documents(TEXTS), atol=1e-6)
    assert cache.info().entries == 4


def test_only_missing_vectors_are_computed(cached, qwen3_rt):
    embed(cached, ["a bear", "a box"])
    result = embed(cached, ["a train", "a bear", "a train", "a box", "a bear"])
    assert result.recalled == 3
    plain = embed(qwen3_rt, ["a train", "a bear", "a train", "a box", "a bear"])
    np.testing.assert_allclose(result.vectors, plain.vectors, atol=1e-6)


def test_prompts_share_no_entries(cached, qwen3_rt, cache):
    for instruction in (None, FIND, SORT):
        for rt in (cached, qwen3_rt):
            rt.embed_documents(["a bear"])
        result = cached.embed_queries(["a bear"], instruction=instruction)
        plain = qwen3_rt.embed_queries(["a bear"], instruction=instruction)
        np.testing.assert_allclose(result, plain, atol=1e-6)
    assert cache.info().entries == 4
    # a prompt and a text can be the same string as another prompt and text
    for prefix, text in (("Query: a", "b"), ("Query: ", "ab")):
        prompt = type(cached.embedder.prompt(None, "query"))("query", prefix, None)
        cached.embedder.embed([text], prompt=prompt, dim=64, progress=NoProgress())
    assert cache.info().entries == 6


def test_models_and_number_formats_share_no_entries(cache, qwen3_folder, rt, tmp_path):
    from metier.testing.checkpoints import write_qwen3_embedder

    other = write_qwen3_embedder(tmp_path / "other", seed=1)
    for model, dtype in (
        (qwen3_folder, "float32"),
        (qwen3_folder, "bfloat16"),
        (other, "float32"),
        (rt.embedder, None),
    ):
        own = Runtime(model, device="cpu", dtype=dtype, cache=cache, plugins=[], progress=False)
        plain = Runtime(model, device="cpu", dtype=dtype, plugins=[], progress=False)
        result = own.embed_documents(["a bear"])
        np.testing.assert_allclose(result, plain.embed_documents(["a bear"]), atol=1e-6)
        np.testing.assert_allclose(own.embed_documents(["a bear"]), result, atol=1e-6)
    assert cache.info().entries == 4
    assert sorted(model.dtype for model in cache.info().models) == ["bfloat16"] + ["float32"] * 3


def test_rewritten_weights_are_another_model_to_the_cache_and_moved_ones_are_not(
    cache, qwen3_folder, tmp_path
):
    def recalled(folder):
        own = Runtime(folder, device="cpu", dtype="float32", cache=cache, plugins=[])
        return own.embedder.fingerprint, embed(own, ["a bear"]).recalled

    moved = Path(shutil.copytree(qwen3_folder, tmp_path / "moved"))  # keeps the times
    fingerprint, _ = recalled(qwen3_folder)
    assert recalled(moved) == (fingerprint, 1)
    weights = moved / "model.safetensors"
    written = weights.stat().st_mtime_ns
    os.utime(weights, ns=(written, written + 10**9))
    assert recalled(moved) == (fingerprint, 0)
    assert recalled(moved) == (fingerprint, 1)
    assert [model.entries for model in cache.info().models] == [2]


def test_a_rewritten_encoder_is_another_model_to_the_cache(cache, tmp_path):
    from metier.testing.checkpoints import write_encoder

    folder = write_encoder(tmp_path / "encoder")
    for recalled in (0, 1):
        own = Runtime(folder, device="cpu", dtype="float32", cache=cache, plugins=[])
        assert embed(own, ["a bear"], 32).recalled == recalled
    os.utime(folder / "model.safetensors", ns=(0, 0))
    own = Runtime(folder, device="cpu", dtype="float32", cache=cache, plugins=[])
    assert embed(own, ["a bear"], 32).recalled == 0


def test_no_text_is_in_the_cache(cached, cache):
    cached.embed_queries(["a heart condition"], instruction=FIND)
    raw = cache.info().path.read_bytes()
    assert b"heart" not in raw
    assert b"Find the toy" not in raw
    assert cached.embedder.fingerprint.encode() in raw


def test_a_damaged_vector_is_computed_again(cached, qwen3_rt, cache):
    cached.embed_documents(TEXTS)
    run_sql(cache, "UPDATE vectors SET vector = zeroblob(256)")
    result = cached.embed_documents(TEXTS)
    np.testing.assert_allclose(result, qwen3_rt.embed_documents(TEXTS), atol=1e-6)
    assert embed(cached, TEXTS).recalled == 5


def test_cached_texts_are_reported_as_cut_too(cached):
    for _ in range(2):
        with pytest.warns(MetierWarning, match="1 of 2 texts were longer"):
            cached.embed_documents(["word " * 3000, "a bear"])


def test_progress_counts_every_text_once(cached):
    texts = [f"toy {n % 700}" for n in range(1500)]
    for _ in range(2):
        progress = CountingProgress()
        cached.embed_documents(texts, progress=progress)
        assert (progress.done, progress.total) == (1500, 1500)


def test_vectors_computed_before_a_failure_are_cached(cache, qwen3_rt):
    def interrupt(index):
        return KeyboardInterrupt()

    rt = Runtime(
        FailingEmbedder(qwen3_rt.embedder, interrupt), cache=cache, plugins=[], progress=False
    )
    texts = [f"a toy that is number {n}" for n in range(WINDOW + 10)]
    with pytest.raises(KeyboardInterrupt):
        rt.embed_documents([*texts, "stop"])  # the shortest, so it comes last
    assert cache.info().entries == WINDOW
    assert embed(rt, texts).recalled == WINDOW


def test_an_error_names_the_position_of_the_text_in_the_call(cache, qwen3_rt):
    def unusable(index):
        return ModelError(
            "$position with its 4 tokens needs more memory.",
            fix="Divide it.",
            position=ErrorPosition(index=index),
        )

    rt = Runtime(
        FailingEmbedder(qwen3_rt.embedder, unusable), cache=cache, plugins=[], progress=False
    )
    rt.embed_documents(["a bear"])
    with pytest.raises(ModelError, match=r"^Text 2 with its 4 tokens.*\nDivide it\.$") as raised:
        rt.embed_documents(["a bear", "a bear", "stop", "a longer text"])
    assert raised.value.what == "Text 2 with its 4 tokens needs more memory."


def test_invalid_arguments_are_refused_as_without_a_cache(cached):
    with pytest.raises(DimError):
        cached.embed_documents(["a"], dim=65)
    with pytest.raises(InputError, match="Text 1"):
        cached.embed_documents(["a", None])
    assert cached.embed_documents([]).shape == (0, 64)


def test_a_cache_that_cannot_be_written_changes_no_result(tmp_path, qwen3_rt):
    (tmp_path / "file").touch()
    rt = Runtime(qwen3_rt.embedder, cache=tmp_path / "file" / "x", plugins=[], progress=False)
    with pytest.warns(MetierWarning, match="computed and not cached"):
        result = rt.embed_documents(TEXTS)
    np.testing.assert_allclose(result, qwen3_rt.embed_documents(TEXTS), atol=1e-6)
    rt.embed_documents(TEXTS)


def test_threads_share_a_runtime_with_a_cache(cached, qwen3_rt):
    texts = [f"toy {n}" for n in range(60)]
    plain = qwen3_rt.embed_documents(texts)
    results = {}

    def work(number):
        results[number] = cached.embed_documents(texts[number * 10 :] + texts[: number * 10])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(4):
        np.testing.assert_allclose(results[number], np.roll(plain, -10 * number, 0), atol=1e-6)


def test_nothing_is_cached_by_default(qwen3_rt, monkeypatch):
    def entries(**options):
        Runtime(qwen3_rt.embedder, plugins=[], progress=False, **options).embed_documents(["a"])
        return VectorCache().info().entries

    assert entries() == 0
    monkeypatch.setenv("METIER_CACHE", "0")
    assert entries() == 0
    monkeypatch.setenv("METIER_CACHE", "1")
    assert entries(cache=False) == 0
    assert entries() == 1
    VectorCache().clear()
    monkeypatch.setenv("METIER_CACHE", "0")
    assert entries(cache=True) == 1
    monkeypatch.setenv("METIER_CACHE", "maybe")
    with pytest.raises(ParameterError, match="METIER_CACHE='maybe' is neither 0 nor 1"):
        Runtime("embedded", plugins=[])


def test_a_folder_can_be_given(qwen3_rt, tmp_path):
    rt = Runtime(qwen3_rt.embedder, cache=str(tmp_path / "mine"), plugins=[], progress=False)
    rt.embed_documents(["a"])
    assert VectorCache(tmp_path / "mine").info().entries == 1
    assert VectorCache().info().entries == 0


def test_a_cached_embedder_given_to_another_runtime_has_the_cache_of_that_one(cached, tmp_path):
    other = Runtime(cached.embedder, cache=tmp_path / "other", plugins=[], progress=False)
    other.embed_documents(["a"])
    assert embed(cached, ["a"]).recalled == 0


def test_a_run_record_counts_the_recalled_vectors(installed, cached, cache):
    installed.add("toys")
    rt = Runtime(cached.embedder, cache=cache, progress=False)
    first, second = (rt.run("toys/count", ["a bear", "a train"]).record for _ in range(2))
    assert (first.texts_embedded, first.texts_recalled) == (3, 0)
    assert (second.texts_embedded, second.texts_recalled) == (3, 3)
