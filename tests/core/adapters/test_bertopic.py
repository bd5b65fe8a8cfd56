"""A Runtime as the embedding model of BERTopic itself."""

from __future__ import annotations

import importlib
import pickle
import warnings
from importlib.util import find_spec

import numpy as np
import pytest
from tests.core.evaluation.folders import TEXTS

SENTENCES = [text for every in TEXTS.values() for text in every]


@pytest.fixture(scope="module", autouse=True)
def changed_filters():
    """Import BERTopic here, and not where tests are collected, as it takes long.

    Gives the filters of warnings that the import left behind.
    """
    if find_spec("bertopic") is None:
        pytest.skip("part of the extra bertopic")
    before = list(warnings.filters)
    importlib.import_module("metier.adapters.bertopic")
    return [kept for kept in warnings.filters if kept not in before]


@pytest.fixture
def backend(qwen3_rt):
    from metier.adapters import BERTopicBackend

    return BERTopicBackend(qwen3_rt, "core/text-grouping", dim=32)


def test_documents_and_words_are_embedded_under_the_instruction(backend, qwen3_rt):
    wanted = qwen3_rt.embed_queries(SENTENCES, instruction="core/text-grouping", dim=32)
    found = backend.embed_documents(SENTENCES)
    assert np.array_equal(found, wanted)
    assert np.array_equal(backend.embed_words(SENTENCES), found)
    assert np.array_equal(pickle.loads(pickle.dumps(backend)).embed(SENTENCES), found)
    some = backend.embed([SENTENCES[0], "", " "])
    assert np.linalg.norm(some, axis=1) == pytest.approx([1, 0, 0], abs=1e-6)
    bare = type(backend)(qwen3_rt).embed(SENTENCES)
    assert np.array_equal(bare, qwen3_rt.embed_documents(SENTENCES))


def test_bertopic_groups_texts_by_the_vectors_of_a_runtime(rt, tmp_path):
    from bertopic import BERTopic
    from bertopic.dimensionality import BaseDimensionalityReduction
    from bertopic.representation import KeyBERTInspired
    from sklearn.cluster import KMeans

    from metier.adapters import BERTopicBackend

    model = BERTopic(
        embedding_model=BERTopicBackend(rt),
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=KMeans(len(TEXTS), random_state=0, n_init=5),
        representation_model=KeyBERTInspired(),  # embeds documents and words
    )
    topics, _ = model.fit_transform(SENTENCES)
    labels = [name for name, every in TEXTS.items() for _ in every]
    assert len(set(zip(labels, topics, strict=True))) == len(TEXTS)
    ((topic,), _) = model.find_topics("a goal of the team", top_n=1)
    assert topic == topics[0]
    model.save(str(tmp_path / "topics"), serialization="safetensors", save_embedding_model=False)
    loaded = BERTopic.load(str(tmp_path / "topics"), embedding_model=BERTopicBackend(rt))
    assert list(loaded.transform(SENTENCES)[0]) == topics


def test_importing_it_leaves_the_warnings_of_the_program_as_they_are(changed_filters):
    assert changed_filters == []
