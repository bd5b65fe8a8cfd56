"""A Runtime in LlamaIndex itself."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle

import pytest

from metier import adapters
from metier.errors import ParameterError, UnknownNameError

TASK = "Find what is said about the end of a contract"
TEXTS = [
    "Either party may end this contract with notice of thirty days.",
    "The tenant pays the rent on the first of each month.",
    "A bird sings in the garden.",
]


@pytest.fixture(scope="module", autouse=True)
def schema():
    """Imported by the tests and not where they are collected, as it takes long."""
    return pytest.importorskip("llama_index.core.schema", reason="part of the extra llama-index")


@pytest.fixture
def model(qwen3_rt):
    return adapters.LlamaIndexEmbedding(qwen3_rt, TASK, 32, embed_batch_size=2)


def near(vectors):
    return [pytest.approx(vector, abs=1e-6) for vector in vectors]


def test_queries_are_embedded_under_the_instruction_and_texts_bare(model, qwen3_rt):
    (query,) = near(qwen3_rt.embed_queries(["notice"], instruction=TASK, dim=32).tolist())
    texts = near(qwen3_rt.embed_documents(TEXTS, dim=32).tolist())
    assert model.get_query_embedding("notice") == query
    assert asyncio.run(model.aget_query_embedding("notice")) == query
    assert model.get_text_embedding(TEXTS[0]) == texts[0]
    assert model.get_text_embedding_batch(TEXTS) == texts
    assert asyncio.run(model.aget_text_embedding_batch(TEXTS)) == texts
    assert asyncio.run(model.aget_text_embedding(TEXTS[1])) == texts[1]
    with pytest.raises(UnknownNameError, match="no instruction 'core/passage'"):
        adapters.LlamaIndexEmbedding(qwen3_rt, "core/passage")


def test_a_copy_a_pickle_and_saved_data_have_the_same_model(model):
    wanted = pytest.approx(model.get_query_embedding("notice"), abs=1e-6)
    saved = json.loads(model.to_json())
    assert saved["class_name"] == "LlamaIndexEmbedding"
    assert (saved["instruction"], saved["dim"], saved["embed_batch_size"]) == (TASK, 32, 2)
    for other in (
        pickle.loads(pickle.dumps(model)),
        copy.deepcopy(model),
        adapters.LlamaIndexEmbedding.from_dict(saved),
    ):
        assert other.get_query_embedding("notice") == wanted
        assert (other.model_name, other.embed_batch_size) == (model.model_name, 2)


def test_an_index_of_llama_index_finds_what_a_runtime_finds(rt, schema):
    from llama_index.core import VectorStoreIndex

    nodes = [schema.TextNode(text=text) for text in TEXTS]
    index = VectorStoreIndex(nodes, embed_model=adapters.LlamaIndexEmbedding(rt))
    best, _ = index.as_retriever(similarity_top_k=2).retrieve("ending the agreement")
    cosines = rt.embed_queries(["ending the agreement"]) @ rt.embed_documents(TEXTS).T
    assert best.node.get_content() == TEXTS[0]
    assert best.score == pytest.approx(float(cosines[0, 0]), abs=1e-5)


def test_nodes_are_ordered_by_the_reranker_and_the_best_are_kept(qwen3_rt, schema):
    nodes = [schema.NodeWithScore(node=schema.TextNode(text=text), score=0.5) for text in TEXTS]
    reranker = adapters.LlamaIndexReranker(qwen3_rt, TASK, top_n=2)
    wanted = qwen3_rt.rerank("notice", TEXTS, instruction=TASK, top_k=2)
    for found in (
        reranker.postprocess_nodes(nodes, query_str="notice"),
        asyncio.run(reranker.apostprocess_nodes(nodes, query_str="notice")),
        adapters.LlamaIndexReranker.from_dict(reranker.to_dict()).postprocess_nodes(
            nodes, schema.QueryBundle("notice")
        ),
    ):
        assert [node.node.get_content() for node in found] == [best.text for best in wanted]
        assert [node.score for node in found] == pytest.approx([best.score for best in wanted])
    assert nodes[0].score == 0.5
    with pytest.raises(ParameterError, match="There is no query"):
        reranker.postprocess_nodes(nodes)
