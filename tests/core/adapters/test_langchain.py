"""A Runtime and its indexes in LangChain itself."""

from __future__ import annotations

import asyncio
import pickle

import pytest

from metier import adapters, field
from metier.errors import DimError, UnknownNameError, UsageError

TASK = "Find what is said about the end of a contract"
TEXTS = [
    "Either party may end this contract with notice of thirty days.",
    "The tenant pays the rent on the first of each month.",
    "A bird sings in the garden.",
]


@pytest.fixture(scope="module", autouse=True)
def documents():
    """Imported by the tests and not where they are collected, as it takes long."""
    return pytest.importorskip("langchain_core.documents", reason="part of the extra langchain")


def close(ours, theirs):
    return ours == pytest.approx(theirs, abs=1e-6)


def test_queries_are_embedded_under_the_instruction_and_documents_bare(qwen3_rt):
    embeddings = adapters.LangChainEmbeddings(qwen3_rt, TASK, dim=32)
    wanted = qwen3_rt.embed_queries(["notice"], instruction=TASK, dim=32)[0].tolist()
    assert close(embeddings.embed_query("notice"), wanted)
    assert close(asyncio.run(embeddings.aembed_query("notice")), wanted)
    vectors = qwen3_rt.embed_documents(TEXTS, dim=32).tolist()
    for found in (
        embeddings.embed_documents(TEXTS),
        asyncio.run(embeddings.aembed_documents(TEXTS)),
        pickle.loads(pickle.dumps(embeddings)).embed_documents(TEXTS),
    ):
        assert all(map(close, found, vectors))
        assert len(found) == 3
    with pytest.raises(UnknownNameError, match="no instruction 'core/passage'"):
        adapters.LangChainEmbeddings(qwen3_rt, "core/passage")
    with pytest.raises(DimError, match="4096 is more than"):
        adapters.LangChainEmbeddings(qwen3_rt, dim=4096).embed_query("notice")


def test_a_vector_store_finds_what_a_runtime_finds(rt):
    from langchain_core.vectorstores import InMemoryVectorStore

    store = InMemoryVectorStore.from_texts(TEXTS, adapters.LangChainEmbeddings(rt))
    ((best, score), *_) = store.similarity_search_with_score("ending the agreement", k=2)
    cosines = rt.embed_queries(["ending the agreement"]) @ rt.embed_documents(TEXTS).T
    assert best.page_content == TEXTS[0]
    assert score == pytest.approx(float(cosines[0, 0]), abs=1e-5)


def test_a_retriever_gives_the_hits_of_an_index_with_scores_and_fields(rt):
    rows = [{"id": f"t{n}", "text": text, "page": n} for n, text in enumerate(TEXTS)]
    index = rt.index(rows)
    retriever = adapters.LangChainRetriever(index=index, search_kwargs={"top_k": 2})
    hits = index.search("ending the agreement", top_k=2)
    for found in (
        retriever.invoke("ending the agreement"),
        asyncio.run(retriever.ainvoke("ending the agreement")),
    ):
        assert [document.page_content for document in found] == [hit.text for hit in hits]
        best = found[0]
        assert (best.id, best.metadata["document_id"]) == (hits[0].id, "t0")
        assert (best.metadata["page"], best.metadata["rank"]) == (0, 1)
        assert best.metadata["score"] == pytest.approx(hits[0].score)
        assert best.metadata["scores"] == pytest.approx(dict(hits[0].scores))
    some = adapters.LangChainRetriever(index=index, search_kwargs={"where": field("page") == 2})
    assert [found.metadata["page"] for found in some.invoke("ending the agreement")] == [2]


def test_a_compressor_orders_documents_by_the_reranker_and_keeps_the_best(qwen3_rt, documents):
    given = [documents.Document(text, metadata={"n": n}) for n, text in enumerate(TEXTS)]
    compressor = adapters.LangChainCompressor(rt=qwen3_rt, instruction=TASK, top_n=2)
    wanted = qwen3_rt.rerank("notice", TEXTS, instruction=TASK, top_k=2)
    for found in (
        compressor.compress_documents(given, "notice"),
        asyncio.run(compressor.acompress_documents(given, "notice")),
    ):
        assert [document.metadata["n"] for document in found] == [best.index for best in wanted]
        scores = [document.metadata["relevance_score"] for document in found]
        assert scores == pytest.approx([best.score for best in wanted])
    assert "relevance_score" not in given[0].metadata
    with pytest.raises(UnknownNameError, match="no instruction 'core/passage'"):
        adapters.LangChainCompressor(rt=qwen3_rt, instruction="core/passage")
    assert list(compressor.compress_documents([], "notice")) == []


def test_a_model_name_makes_a_runtime():
    assert len(adapters.LangChainEmbeddings("embedded").embed_query("notice")) == 384
    with pytest.raises(UsageError, match="There is no reranker"):
        adapters.LangChainCompressor(rt="embedded")
