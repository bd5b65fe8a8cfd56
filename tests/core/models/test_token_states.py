"""Token states: what a model knows of each token of a text, for those that can say it."""

from __future__ import annotations

import numpy as np
import pytest
from tests.core.models.kinds import write_kind

from metier.errors import InputError
from metier.models.embedder import TokenStateEmbedder, TokenStateStreamer
from metier.progress import NoProgress
from metier.testing import checkpoints


def states_of(embedder, texts, side="document"):
    prompt = embedder.prompt(None, side)
    return embedder.token_states(texts, prompt=prompt, progress=NoProgress())


def test_they_agree_with_sentence_transformers(encoder_folder, texts, load):
    from sentence_transformers import SentenceTransformer

    embedder = load(encoder_folder)
    peer = SentenceTransformer(str(encoder_folder), device="cpu")
    found = states_of(embedder, texts)

    others = peer.encode(texts, output_value="token_embeddings")
    read = peer.tokenizer(texts, truncation=True, max_length=peer.max_seq_length)["input_ids"]
    for own, other, ids in zip(found, others, read, strict=True):
        known = ~np.isin(ids, peer.tokenizer.all_special_ids)
        expected = other.numpy()[known]
        expected /= np.linalg.norm(expected, axis=1, keepdims=True)
        assert own.vectors.shape == expected.shape
        assert np.abs(own.vectors - expected).max(initial=0) <= 2e-3
    assert max(len(ids) for ids in read) == embedder.profile.max_tokens


@pytest.mark.parametrize("kind", ["bert", "roberta", "mpnet"])
def test_a_text_has_the_same_states_whatever_stands_beside_it(folders, texts, load, kind):
    embedder = load(write_kind(folders / f"states-{kind}", kind))
    together = states_of(embedder, texts)
    for text, beside in zip(texts[:6], together, strict=False):
        (alone,) = states_of(embedder, [text])
        assert np.array_equal(alone.spans, beside.spans)
        assert np.abs(alone.vectors - beside.vectors).max(initial=0) <= 2e-3


def test_the_prompt_is_read_and_left_out(folders, load):
    folder = checkpoints.write_encoder(folders / "prompted", prompts={"query": "query: "})
    embedder = load(folder)
    text = "the capital of China"
    (bare,), (prompted,) = states_of(embedder, [text]), states_of(embedder, [text], side="query")
    assert np.array_equal(bare.spans, prompted.spans)
    assert [text[start:end] for start, end in bare.spans] == text.split()
    assert not np.allclose(bare.vectors, prompted.vectors, atol=1e-2)


def test_a_text_of_nothing_but_special_tokens_has_none(encoder_folder, load):
    found, _ = states_of(load(encoder_folder), ["", "law"])
    assert found.vectors.shape == (0, load(encoder_folder).profile.dim)
    assert found.bytes == 0


def test_a_text_that_is_not_unicode_is_refused(encoder_folder, load):
    with pytest.raises(InputError, match="Unicode"):
        states_of(load(encoder_folder), ["law", "\ud800"])


@pytest.mark.parametrize("kind", ["bert", "mpnet"])
def test_they_may_be_had_with_the_vectors_of_one_reading(folders, texts, load, kind):
    embedder = load(write_kind(folders / f"both-{kind}", kind))
    prompt = embedder.prompt(None, "document")
    told = {}

    def keep(text, states):
        told[text] = states
        return True

    made = embedder.embed_keeping(texts * 2, prompt=prompt, dim=8, progress=NoProgress(), keep=keep)
    alone = embedder.embed(texts * 2, prompt=prompt, dim=8, progress=NoProgress())
    np.testing.assert_allclose(made.vectors, alone.vectors, atol=2e-3)
    assert np.array_equal(made.tokens, alone.tokens)
    assert len(told) > 1
    assert set(told) <= set(texts)
    for text, states in zip(told, states_of(embedder, list(told)), strict=True):
        assert np.array_equal(told[text].spans, states.spans)
        assert np.abs(told[text].vectors - states.vectors).max(initial=0) <= 2e-3


def test_states_are_told_until_nobody_wants_more(encoder_folder, texts, load):
    embedder = load(encoder_folder)
    told = []

    def keep(text, states):
        told.append(text)
        return len(told) < 3

    prompt = embedder.prompt(None, "document")
    made = embedder.embed_keeping(texts, prompt=prompt, dim=8, progress=NoProgress(), keep=keep)
    assert len(told) == 3
    assert made.vectors.shape == (len(texts), 8)


def test_a_decoder_claims_none(qwen3, encoder_folder, load):
    assert not isinstance(qwen3, TokenStateEmbedder)
    assert not isinstance(qwen3, TokenStateStreamer)
    assert isinstance(load(encoder_folder), TokenStateEmbedder)
    assert isinstance(load(encoder_folder), TokenStateStreamer)
