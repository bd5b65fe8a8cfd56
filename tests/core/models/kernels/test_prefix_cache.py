"""Pinned prefixes: shared, bounded, and cut where no token spans the cut."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import Qwen3Model

from metier.errors import ModelError
from metier.models.device import Placement
from metier.models.kernels.decoder import Decoder
from metier.models.kernels.prefix_cache import PrefixCache
from metier.models.qwen3.checkpoint_checks import cuts_before_colon
from metier.models.qwen3.templates import embedding_prompt, shared_part
from metier.models.tokens import TextTokenizer
from metier.progress import NoProgress
from metier.testing.checkpoints import qwen_tokenizer

TOKENIZER = TextTokenizer(qwen_tokenizer(), max_tokens=None, special_ids=())
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.fixture
def decoder(qwen3_folder):
    model = Qwen3Model.from_pretrained(qwen3_folder, dtype=torch.float32)
    return Decoder(model, Placement(torch.device("cpu"), torch.float32))


def ids(*numbers):
    return np.array(numbers, dtype=np.int32)


@given(any_text, any_text)
def test_tokens_before_and_after_the_cut_are_those_of_the_whole(task, text):
    prompt = embedding_prompt(task, "query")
    shared, rest = shared_part(prompt.prefix)

    whole, head, tail = TOKENIZER.encode([prompt.render(text), shared, rest + text])

    assert shared
    assert np.array_equal(whole, np.concatenate([head, tail]))


def test_a_prompt_of_another_form_shares_nothing():
    assert shared_part("") == ("", "")
    assert shared_part("query: ") == ("", "query: ")


def test_a_tokenizer_that_joins_over_the_cut_is_noticed(bert_like_tokenizer):
    assert cuts_before_colon(TOKENIZER)
    assert not cuts_before_colon(bert_like_tokenizer)


def test_equal_prefixes_are_computed_once(decoder):
    cache = PrefixCache(decoder)

    assert cache.get([ids(1, 2, 3)]) is cache.get([ids(1, 2, 3)])
    assert len(cache) == 1


def test_a_query_builds_on_the_instruction_it_shares(decoder):
    cache = PrefixCache(decoder)
    instruction = cache.get([ids(1, 2, 3)])

    query = cache.get([ids(1, 2, 3), ids(4, 5)])

    assert query.length == 5
    assert len(cache) == 2
    assert torch.equal(query.states[0].keys[:3], instruction.states[0].keys)


def test_the_least_recently_used_prefix_goes_first(decoder):
    size = decoder.prefix(ids(1, 2)).nbytes
    cache = PrefixCache(decoder, limit=2 * size)
    kept = cache.get([ids(1, 2)])
    dropped = cache.get([ids(3, 4)])
    cache.get([ids(1, 2)])

    cache.get([ids(5, 6)])

    assert cache.nbytes <= 2 * size
    assert cache.get([ids(1, 2)]) is kept
    assert cache.get([ids(3, 4)]) is not dropped


def test_a_prefix_over_the_limit_is_used_and_not_kept(decoder):
    cache = PrefixCache(decoder, limit=1)

    assert cache.get([ids(1, 2, 3)]).length == 3
    assert len(cache) == 0


def test_too_little_memory_for_a_prefix_is_said_in_words(decoder, monkeypatch):
    cache = PrefixCache(decoder)
    kept = cache.get([ids(1, 2, 3)])

    def full(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    monkeypatch.setattr("metier.models.kernels.decoder.attend", full)
    with pytest.raises(ModelError, match="The 5 tokens that stand before each text") as refused:
        cache.get([ids(1, 2, 3), ids(4, 5)])

    assert "smaller model" in refused.value.fix
    assert cache.get([ids(1, 2, 3)]) is kept
    assert len(cache) == 1


def test_another_fault_of_a_prefix_is_not_taken_for_too_little_memory(decoder, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("shapes do not fit")

    monkeypatch.setattr("metier.models.kernels.decoder.attend", broken)
    with pytest.raises(RuntimeError, match="shapes do not fit"):
        PrefixCache(decoder).get([ids(1, 2, 3)])


def test_queries_under_one_instruction_share_its_states(load, qwen3_folder, texts):
    sharing, plain = load(qwen3_folder), load(qwen3_folder)
    plain._shares_prompts = False
    prompt = sharing.prompt("Retrieve clauses of that kind", "query")

    both = [
        model.embed(texts, prompt=prompt, dim=64, progress=NoProgress())
        for model in (sharing, plain)
    ]

    assert len(sharing._prefixes) == 2, "the instruction, and the instruction with the colon"
    assert np.abs(both[0].vectors - both[1].vectors).max() <= 1e-5
    assert both[0].tokens.tolist() == both[1].tokens.tolist()


def test_a_text_that_takes_the_colon_into_its_first_token_shares_less(load, qwen3_folder):
    model, expected = load(qwen3_folder), load(qwen3_folder)
    prompt = model.prompt("Retrieve clauses of that kind", "query")
    texts = ["the capital", "", "Beijing"]
    first = model.token_ids(["x"], prompt=prompt)[0].tolist().index(model._colon)
    # the tiny vocabulary has no token such as `://`: take another first token for the colon
    model._colon = int(model.token_ids(["Beijing"], prompt=prompt)[0][first + 1])

    found = model.embed(texts, prompt=prompt, dim=64, progress=NoProgress())

    shared = expected.embed(texts, prompt=prompt, dim=64, progress=NoProgress())
    assert len(model._prefixes) == 1, "no text begins with that token"
    assert np.abs(found.vectors - shared.vectors).max() <= 1e-5
    assert found.tokens.tolist() == shared.tokens.tolist()


def test_long_texts_give_the_same_vectors_without_the_prefix(load, qwen3_folder, monkeypatch):
    monkeypatch.setattr("metier.models.qwen3.qwen3_embedder.LONG", 8)
    model = load(qwen3_folder)
    texts = ["short", "a text that is longer than the eight tokens from which none is shared"]
    prompt = model.prompt("Retrieve clauses of that kind", "query")
    expected = load(qwen3_folder)
    expected._shares_prompts = False

    found = model.embed(texts, prompt=prompt, dim=64, progress=NoProgress())

    wanted = expected.embed(texts, prompt=prompt, dim=64, progress=NoProgress())
    assert np.abs(found.vectors - wanted.vectors).max() <= 1e-5


@pytest.fixture
def bert_like_tokenizer():
    """One that splits at spaces only, so `Query:` and what follows are one word."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit

    backend = Tokenizer(WordLevel({"[UNK]": 0, "Query": 1, "Instruct:": 2}, unk_token="[UNK]"))
    backend.pre_tokenizer = WhitespaceSplit()
    return TextTokenizer(backend, max_tokens=None, special_ids=())
