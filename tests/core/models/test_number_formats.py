"""int8 and float16 through the public door, for each kind of model."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import transformers
from tests.core.models.changed_checkpoints import MARK, overflowing
from tests.core.models.encoder_architectures import write_kind

from metier.models.builtin_families import builtin_families
from metier.models.device import INT8_FLAGS, cpu_capabilities
from metier.models.family import LoadOptions
from metier.models.loading import load_embedder, load_reranker
from metier.progress import NoProgress

needs_int8 = pytest.mark.skipif(
    not any(cpu_capabilities().get(flag) for flag in INT8_FLAGS),
    reason="needs a CPU that multiplies 8-bit integers",
)
PLAIN = ["law", "the capital of China", "12345", "Beijing " * 15]
OVER = [f"law{MARK}", f"the capital{MARK} of China", "Beijing " * 15 + f"Beijing{MARK}"]
MIXED = [PLAIN[0], OVER[0], PLAIN[1], OVER[1], PLAIN[2], OVER[2], PLAIN[3]]


def embedder(folder, dtype):
    return load_embedder(str(folder), LoadOptions("cpu", dtype), builtin_families())


def reranker(folder, dtype):
    return load_reranker(str(folder), LoadOptions("cpu", dtype), builtin_families())


def embed(model, texts, task=None, side="document"):
    prompt = model.prompt(task, side)
    return model.embed(texts, prompt=prompt, dim=model.profile.dim, progress=NoProgress()).vectors


def score(model, texts, query="capital"):
    return model.score(query, texts, task=None, progress=NoProgress()).scores


def least(found, exact):
    return (found * exact).sum(axis=1).min()


@needs_int8
@pytest.mark.parametrize("side", ["query", "document"])
def test_qwen3_in_int8_turns_vectors_a_little(qwen3, qwen3_folder, texts, side):
    model = embedder(qwen3_folder, "int8")

    found = embed(model, texts, side=side)

    assert model.dtype == "int8"
    assert model.fingerprint == qwen3.fingerprint
    assert least(found, embed(qwen3, texts, side=side)) > 0.99


@needs_int8
@pytest.mark.parametrize("kind", ["bert", "distilbert", "mpnet"])
def test_encoders_in_int8_turn_vectors_a_little(folders, texts, kind):
    folder = write_kind(folders / f"int8-{kind}", kind)
    model = embedder(folder, "int8")

    found = embed(model, texts)

    assert model.dtype == "int8"
    assert least(found, embed(embedder(folder, "float32"), texts)) > 0.999
    alone = np.concatenate([embed(model, [text]) for text in texts])
    assert least(found, alone) > 0.999_99


@needs_int8
@pytest.mark.parametrize("head", ["tied", "untied"])
def test_a_reranker_in_int8_moves_scores_a_little(rerankers, reranker_folders, texts, head):
    model = reranker(reranker_folders[head], "int8")

    found, exact = score(model, texts), score(rerankers[head], texts)

    assert model.dtype == "int8"
    assert np.abs(found - exact).max() < 0.08
    assert np.corrcoef(found, exact)[0, 1] > 0.99


@pytest.fixture(scope="module")
def over_folders(folders, qwen3_folder, reranker_folders, encoder_folder):
    """Checkpoints that exceed float16 where a text holds the mark, and nowhere else."""
    return {
        "qwen3": overflowing(qwen3_folder, folders / "qwen3-over"),
        "reranker": overflowing(reranker_folders["tied"], folders / "reranker-over"),
        "encoder": overflowing(encoder_folder, folders / "encoder-over"),
    }


@pytest.mark.parametrize("kind", ["qwen3", "reranker", "encoder"])
def test_in_float16_transformers_loses_just_the_marked_texts(over_folders, kind):
    folder = over_folders[kind]
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float16)

    with torch.inference_mode():
        usable = [
            bool(model(**tokenizer(text, return_tensors="pt")).last_hidden_state.isfinite().all())
            for text in MIXED
        ]

    assert usable == [MARK not in text for text in MIXED]


def test_token_states_that_exceed_float16_are_computed_again_with_their_vectors(over_folders):
    half, exact = (embedder(over_folders["encoder"], dtype) for dtype in ("float16", "float32"))
    prompt = half.prompt(None, "document")
    told = {}

    def keep(text, states):
        told[text] = states.vectors.astype(np.float32)
        return True

    made = half.embed_keeping(MIXED, prompt=prompt, dim=8, progress=NoProgress(), keep=keep)
    vectors = exact.embed(MIXED, prompt=prompt, dim=8, progress=NoProgress()).vectors
    assert (made.vectors * vectors).sum(axis=1).min() > 0.999
    assert set(told) == set(MIXED)
    states = exact.token_states(MIXED, prompt=prompt, progress=NoProgress())
    for text, one in zip(MIXED, states, strict=True):
        assert (told[text] * one.vectors).sum(axis=1).min() > 0.99


@pytest.mark.parametrize("kind", ["qwen3", "encoder"])
@pytest.mark.parametrize("task", [None, "find laws", f"find{MARK} laws"])
def test_what_exceeds_float16_is_computed_again(over_folders, kind, task):
    half, exact = (embedder(over_folders[kind], dtype) for dtype in ("float16", "float32"))

    found = embed(half, MIXED, task, "query")

    assert half.dtype == "float16"
    assert np.linalg.norm(found, axis=1) == pytest.approx(1.0, abs=1e-6)
    assert least(found, embed(exact, MIXED, task, "query")) > 0.9999


def test_a_reranker_scores_what_exceeds_float16(over_folders):
    half, exact = (reranker(over_folders["reranker"], dtype) for dtype in ("float16", "float32"))

    for query in ("capital", f"capital{MARK}"):
        assert np.abs(score(half, MIXED, query) - score(exact, MIXED, query)).max() < 0.01


def test_rows_within_float16_are_not_changed_by_those_that_exceed_it(over_folders):
    half = embedder(over_folders["qwen3"], "float16")
    rows = [MIXED.index(text) for text in PLAIN]

    assert np.abs(embed(half, MIXED)[rows] - embed(half, PLAIN)).max() <= 1e-3
