"""A Runtime in pipelines of Haystack itself."""

from __future__ import annotations

import asyncio

import pytest

from metier import Remote, Runtime, adapters
from metier.errors import ParameterError, UsageError
from metier.testing import FakeEmbedder

TASK = "Find what is said about the end of a contract"
TEXTS = [
    "Either party may end this contract with notice of thirty days.",
    "The tenant pays the rent on the first of each month.",
    "A bird sings in the garden.",
]


@pytest.fixture(scope="module", autouse=True)
def haystack():
    """Imported by the tests and not where they are collected, as it takes long."""
    return pytest.importorskip("haystack", reason="part of the extra haystack")


@pytest.fixture
def documents(haystack):
    titles = ["Notice", None, "Birds"]
    return [
        haystack.Document(content=text, meta={"title": title})
        for text, title in zip(TEXTS, titles, strict=True)
    ]


def test_queries_are_embedded_under_the_instruction_and_documents_bare(qwen3_rt, documents):
    embedder = adapters.HaystackTextEmbedder(qwen3_rt, TASK, dim=32)
    wanted = qwen3_rt.embed_queries(["notice"], instruction=TASK, dim=32)[0]
    for found in (embedder.run(text="notice"), asyncio.run(embedder.run_async(text="notice"))):
        assert found["embedding"] == pytest.approx(wanted.tolist(), abs=1e-6)
    of_documents = adapters.HaystackDocumentEmbedder(
        qwen3_rt, TASK, dim=32, meta_fields_to_embed=["title"], embedding_separator=": "
    )
    texts = [f"Notice: {TEXTS[0]}", TEXTS[1], f"Birds: {TEXTS[2]}"]
    vectors = qwen3_rt.embed_documents(texts, dim=32).tolist()
    for found in (
        of_documents.run(documents=documents),
        asyncio.run(of_documents.run_async(documents=documents)),
    ):
        for document, vector in zip(found["documents"], vectors, strict=True):
            assert document.embedding == pytest.approx(vector, abs=1e-6)
    assert documents[0].embedding is None
    with pytest.raises(ParameterError, match="HaystackDocumentEmbedder"):
        embedder.run(text=documents)


def test_a_saved_pipeline_finds_the_same_with_the_same_models(qwen3_rt, documents, haystack):
    from haystack.components.retrievers import InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    store.write_documents(adapters.HaystackDocumentEmbedder(qwen3_rt).run(documents)["documents"])
    pipeline = haystack.Pipeline()
    pipeline.add_component("embedder", adapters.HaystackTextEmbedder(qwen3_rt, TASK))
    pipeline.add_component("retriever", InMemoryEmbeddingRetriever(store, top_k=3))
    pipeline.add_component("ranker", adapters.HaystackRanker(qwen3_rt, TASK, top_k=2))
    pipeline.connect("embedder.embedding", "retriever.query_embedding")
    pipeline.connect("retriever.documents", "ranker.documents")
    loaded = haystack.Pipeline.loads(pipeline.dumps(), allowed_modules=["metier.adapters.haystack"])
    question = {"embedder": {"text": "notice"}, "ranker": {"query": "notice"}}
    wanted = qwen3_rt.rerank("notice", TEXTS, instruction=TASK, top_k=2)
    for each in (pipeline, loaded):
        found = each.run(question)["ranker"]["documents"]
        assert [document.content for document in found] == [best.text for best in wanted]
        scores = [document.score for document in found]
        assert scores == pytest.approx([best.score for best in wanted], abs=1e-6)


def test_a_ranker_takes_another_number_in_a_run(qwen3_rt, documents):
    ranker = adapters.HaystackRanker(qwen3_rt, meta_fields_to_embed=["title"])
    ranker.warm_up()
    found = asyncio.run(ranker.run_async("notice", documents, top_k=1))["documents"]
    texts = [f"Notice\n{TEXTS[0]}", TEXTS[1], f"Birds\n{TEXTS[2]}"]
    (best,) = qwen3_rt.rerank("notice", texts, top_k=1)
    assert [document.content for document in found] == [TEXTS[best.index]]
    with pytest.raises(UsageError, match="There is no reranker"):
        adapters.HaystackRanker("embedded")


def test_the_data_of_a_component_name_what_the_runtime_is_made_of(tmp_path):
    server = Remote(url="http://localhost:8000/v1", key_env="SERVER_KEY")
    rt = Runtime(server, tmp_path / "reranker", dtype="float32", block_plugins=["acme"])
    saved = adapters.HaystackTextEmbedder(rt, dim=32).to_dict()["init_parameters"]
    assert saved["rt"]["model"] == {"url": "http://localhost:8000/v1", "key_env": "SERVER_KEY"}
    assert (saved["rt"]["block_plugins"], saved["dim"]) == (["acme"], 32)
    again = adapters.HaystackTextEmbedder(**saved)
    assert again.to_dict()["init_parameters"] == saved
    with pytest.raises(ParameterError, match="model of the Runtime was given as an object"):
        adapters.HaystackTextEmbedder(Runtime(FakeEmbedder())).to_dict()
    with pytest.raises(ParameterError, match=r"no parameter 'modell'.\nDid you mean 'model'"):
        adapters.HaystackTextEmbedder({"modell": "embedded"})
