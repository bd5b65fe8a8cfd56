"""The fake models: the contract of the real ones, without a model."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from metier import Runtime
from metier.caching.vector_cache import VectorCache
from metier.errors import DimError, InputError, MetierWarning, ParameterError
from metier.models.vectors import slice_and_normalize
from metier.progress import NoProgress
from metier.registry.instruction import Instruction
from metier.testing import FakeEmbedder, FakeReranker

BEARS = ["a red bear made of wood", "the train leaves at noon", "bears sleep in winter"]
SORT = Instruction(id="sort", task="Sort toys by what they are made of", kind="clustering")
BOTH = SORT.model_copy(update={"sides": "both"})


@pytest.fixture
def rt():
    return Runtime(FakeEmbedder(), FakeReranker(), plugins=[], progress=False)


def test_a_query_is_nearest_to_the_text_that_shares_its_words(rt):
    documents = rt.embed_documents(BEARS)
    for query, best in (("which bear is red", 0), ("when leaves the train?", 1)):
        assert int((documents @ rt.embed_queries([query])[0]).argmax()) == best


def test_vectors_are_of_unit_length_also_of_texts_without_words(rt):
    vectors = rt.embed_documents([*BEARS, "?!", "🐻", "東京"])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-6)


def test_a_shorter_vector_is_the_beginning_of_the_full_one_made_a_unit(rt):
    full, short = (rt.embed_documents(BEARS, dim=dim) for dim in (256, 48))
    assert short == pytest.approx(slice_and_normalize(full, 48), abs=1e-6)


def test_a_dim_the_fake_does_not_have_is_refused(rt):
    with pytest.raises(DimError):
        rt.embed_documents(BEARS, dim=257)


def test_sides_and_tasks_give_other_vectors(rt):
    bare = rt.embed_documents(BEARS)
    default = rt.embed_queries(BEARS)
    sorting = rt.embed_queries(BEARS, instruction=SORT)
    for one, other in ((bare, default), (default, sorting), (bare, sorting)):
        assert np.abs(one - other).max() > 0.01
        assert ((one * other).sum(axis=1) > 0.8).all()
    assert (rt.embed_documents(BEARS, instruction=SORT) == bare).all()
    assert (rt.embed_documents(BEARS, instruction=BOTH) == sorting).all()


def test_a_vector_does_not_depend_on_the_texts_it_is_computed_with(rt):
    assert (rt.embed_documents(BEARS)[1] == rt.embed_documents([BEARS[1]])[0]).all()


def test_another_process_gets_the_same_numbers(rt):
    code = """
import sys
from metier import Runtime
from metier.testing import FakeEmbedder, FakeReranker
rt = Runtime(FakeEmbedder(), FakeReranker(), plugins=[], progress=False)
print(rt.embed_queries(["a red bear"]).tobytes().hex())
print([one.score for one in rt.rerank("a red bear", ["a bear", "a train"])])
print("torch" in sys.modules)
"""
    run = [sys.executable, "-c", code]
    said = subprocess.run(run, capture_output=True, text=True, check=True).stdout.splitlines()
    assert said[0] == rt.embed_queries(["a red bear"]).tobytes().hex()
    assert said[1] == str([one.score for one in rt.rerank("a red bear", ["a bear", "a train"])])
    assert said[2] == "False"


def test_a_text_longer_than_the_fake_reads_is_cut_and_counted():
    fake = FakeEmbedder(max_tokens=5)
    prompt = fake.prompt(None, "document")
    texts = ["one two three four", "one two three four five", "one"]
    made = fake.embed(texts, prompt=prompt, dim=256, progress=NoProgress())
    assert made.tokens.tolist() == [5, 5, 2]
    assert made.truncated.tolist() == [False, True, False]
    assert (made.vectors[0] == made.vectors[1]).all()
    assert fake.count_tokens(texts, prompt=prompt) == [5, 6, 2]
    with pytest.warns(MetierWarning, match="1 of 3 texts"):
        Runtime(fake, plugins=[], progress=False).embed_documents(texts)


def test_an_instruction_that_leaves_no_room_is_refused():
    fake = FakeEmbedder(max_tokens=5)
    with pytest.raises(ParameterError, match="leaves no room"):
        fake.embed(["a"], prompt=fake.prompt(None, "query"), dim=256, progress=NoProgress())


def test_fingerprints_tell_models_apart_and_nothing_else():
    marks = [
        FakeEmbedder().fingerprint,
        FakeEmbedder(dim=64).fingerprint,
        FakeEmbedder(max_tokens=8).fingerprint,
        FakeEmbedder(seed=1).fingerprint,
        FakeReranker().fingerprint,
        FakeReranker(seed=1).fingerprint,
    ]
    assert len(set(marks)) == len(marks)
    assert FakeEmbedder().fingerprint == marks[0]


def test_another_seed_is_another_model(rt):
    other = Runtime(FakeEmbedder(seed=1), plugins=[], progress=False)
    assert (
        np.abs((rt.embed_documents(BEARS) * other.embed_documents(BEARS)).sum(axis=1)).max() < 0.4
    )


def test_a_cache_gives_back_what_the_fake_computed(rt, tmp_path):
    cached = Runtime(FakeEmbedder(), plugins=[], cache=VectorCache(tmp_path), progress=False)
    first, again = cached.embed_documents(BEARS), cached.embed_documents(BEARS)
    assert (first == again).all()
    assert first == pytest.approx(rt.embed_documents(BEARS), abs=1e-6)


def test_documents_are_ranked_by_the_words_of_the_query_they_have(rt):
    ranked = rt.rerank("a red bear", ["train", "a bear", "a red bear", "another train"])
    assert [one.index for one in ranked] == [2, 1, 0, 3]
    assert all(0 < one.score < 1 for one in ranked)


def test_the_task_changes_scores_and_not_their_order(rt):
    plain, sorting = (
        rt.rerank("a red bear", BEARS, instruction=instruction) for instruction in (None, SORT)
    )
    assert [one.index for one in plain] == [one.index for one in sorting]
    assert all(one.score != other.score for one, other in zip(plain, sorting, strict=True))


def test_a_document_the_reranker_cannot_read_whole_is_cut_and_counted():
    fake = FakeReranker(max_tokens=18)
    assert len(fake.render("bear", "", task="sort").split()) < 18
    made = fake.score("bear", ["a " * 18 + "bear", "bear"], task="sort", progress=NoProgress())
    assert made.truncated.tolist() == [True, False]
    assert made.scores[0] < made.scores[1]


@pytest.mark.parametrize("text", [b"bytes", None, "\ud800"])
def test_what_no_model_reads_is_refused(rt, text):
    with pytest.raises(InputError):
        rt.embed_documents([text])
    with pytest.raises(InputError):
        rt.rerank("a", [text])


@pytest.mark.parametrize("wrong", [{"dim": 8}, {"max_tokens": 0}])
def test_sizes_that_cannot_be_are_refused(wrong):
    with pytest.raises(ParameterError):
        FakeEmbedder(**wrong)
