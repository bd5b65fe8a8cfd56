"""Calls that people make with the official clients, beside the same call with metier.

The servers of these tests are thereby held to what the clients expect of real ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import cohere
import httpx2
import numpy as np
import ollama
import openai
import pytest

import metier
from metier.models.embedder import Embedder

from .model_server import serving
from .services.ollama import OllamaService
from .services.openai_service import OpenAIService, VllmService
from .services.pai_eas import BASE, EasService
from .services.pairs import PairModel

TEXTS = ["Hello, World!", "中文", "The rent is due on the first of each month."]
DOCUMENTS = ["The landlord repairs the roof.", "The rent is due in May."]


@pytest.fixture
def serve() -> Iterator[Callable[[OpenAIService], str]]:
    """Start servers, and stop them after the test."""
    with ExitStack() as stack:
        yield lambda service: stack.enter_context(serving(service))


def by_metier(url: str, **profile: object) -> metier.Runtime:
    remote = metier.Remote(url=url, check=False, **profile)  # type: ignore[arg-type]
    return metier.Runtime(model=remote, plugins=[])


@pytest.mark.parametrize("encoding", [openai.omit, "float"])
@pytest.mark.parametrize("size", [openai.omit, 32])
def test_the_openai_client_gets_the_vectors_that_metier_gets(
    encoding: object, size: object, serve: Callable[[OpenAIService], str], qwen3: Embedder
) -> None:
    service = OpenAIService(qwen3)
    url = serve(service)
    with openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as client:
        response = client.embeddings.create(
            model=service.name,
            input=TEXTS,
            dimensions=size,  # type: ignore[arg-type]
            encoding_format=encoding,  # type: ignore[arg-type]
        )
    rows = sorted(response.data, key=lambda row: row.index)
    dim = 32 if size == 32 else None
    vectors = by_metier(f"{url}/v1").embed_documents(TEXTS, dim=dim)
    np.testing.assert_allclose([row.embedding for row in rows], vectors, atol=1e-6)
    assert '"embedding"' in response.model_dump_json()


def test_one_text_is_a_string_as_in_tutorials(
    serve: Callable[[OpenAIService], str], qwen3: Embedder
) -> None:
    service = OpenAIService(qwen3)
    url = serve(service)
    with openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as client:
        response = client.embeddings.create(input=TEXTS[0], model=service.name)
    vectors = by_metier(f"{url}/v1").embed_documents(TEXTS[:1])
    np.testing.assert_allclose(response.data[0].embedding, vectors[0], atol=1e-6)


def test_the_openai_client_has_no_rerank_and_its_post_has(
    serve: Callable[[OpenAIService], str], qwen3: Embedder, pairs: PairModel
) -> None:
    service = VllmService(qwen3, pairs)
    url = serve(service)
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0)
    assert not hasattr(client, "rerank")
    body = {"model": service.rerank_name, "query": "Who repairs?", "documents": DOCUMENTS}
    with client:
        answer = json.loads(str(client.post("/rerank", body=body, cast_to=object)))
    remote = metier.Remote(url=f"{url}/v1", reranker=service.rerank_name, check=False)
    runtime = metier.Runtime(model=qwen3, reranker=remote, plugins=[])
    ranked = runtime.rerank("Who repairs?", DOCUMENTS)
    assert [row["index"] for row in answer["results"]] == [row.index for row in ranked]
    scores = [row["relevance_score"] for row in answer["results"]]
    np.testing.assert_allclose(scores, [row.score for row in ranked], atol=1e-6)


def test_the_cohere_client_gets_the_order_that_metier_gets(
    serve: Callable[[OpenAIService], str], qwen3: Embedder, pairs: PairModel
) -> None:
    service = VllmService(qwen3, pairs)
    url = serve(service)
    with cohere.ClientV2(api_key="any", base_url=url) as client:
        answer = client.rerank(
            model=service.rerank_name, query="Who repairs?", documents=DOCUMENTS, top_n=2
        )
    remote = metier.Remote(url=url, reranker=service.rerank_name, check=False)
    runtime = metier.Runtime(model=qwen3, reranker=remote, plugins=[])
    ranked = runtime.rerank("Who repairs?", DOCUMENTS)
    assert [row.index for row in answer.results] == [row.index for row in ranked]
    scores = [row.relevance_score for row in answer.results]
    np.testing.assert_allclose(scores, [row.score for row in ranked], atol=1e-6)


@pytest.mark.parametrize("name", [OllamaService.name, OllamaService.name.removesuffix(":latest")])
def test_the_ollama_client_gets_the_vectors_that_metier_gets(
    name: str, serve: Callable[[OpenAIService], str], qwen3: Embedder
) -> None:
    url = serve(OllamaService(qwen3))
    with ollama.Client(host=url) as client:
        answer = client.embed(model=name, input=TEXTS, truncate=False)
    vectors = by_metier(url, model=name).embed_documents(TEXTS)
    np.testing.assert_allclose(answer.embeddings, vectors, atol=1e-6)


@pytest.mark.parametrize("auth", ["raw", "bearer"])
def test_raw_requests_to_pai_eas_get_the_vectors_that_metier_gets(
    auth: str,
    serve: Callable[[OpenAIService], str],
    qwen3: Embedder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = EasService(qwen3)
    service.key = "eas-token" if auth == "raw" else "Bearer eas-token"
    endpoint = f"{serve(service)}{BASE}"
    answer = httpx2.post(
        f"{endpoint}/v1/embeddings",
        headers={"Authorization": service.key},
        json={"input": TEXTS, "model": service.name},
    ).json()
    rows = sorted(answer["data"], key=lambda row: row["index"])
    monkeypatch.setenv("EAS_TOKEN", "eas-token")
    runtime = by_metier(
        endpoint, kind="pai-eas", model=service.name, auth=auth, key_env="EAS_TOKEN"
    )
    vectors = runtime.embed_documents(TEXTS)
    np.testing.assert_allclose([row["embedding"] for row in rows], vectors, atol=1e-6)
