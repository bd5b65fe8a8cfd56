"""Instructions and prompts of a caller pass the guards as texts do."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

import metier
from metier.models.embedder import Embedder
from metier.testing.plugin import InstallPlugin

from .model_server import serving
from .services.metier_service import MetierService
from .services.openai_service import OpenAIService, VllmService
from .services.pairs import PairModel

GUARDED = """
import metier

@metier.hookimpl
def metier_before_send(texts, destination):
    return [text.replace("John Smith", "[NAME]") for text in texts]
"""
TASK = "Find letters that John Smith wrote to his bank"
SERVICES = {"text": VllmService, "parameter": MetierService}


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest, qwen3: Embedder, pairs: PairModel) -> OpenAIService:
    service_class: type[OpenAIService] = SERVICES[request.param]
    return service_class(qwen3, pairs)


@pytest.fixture
def url(service: OpenAIService) -> Iterator[str]:
    with serving(service) as address:
        yield address


def bodies(service: OpenAIService) -> str:
    return json.dumps([request.body for request in service.posts])


def test_instructions_of_a_call_pass_the_guards(
    service: OpenAIService, url: str, metier_plugin: InstallPlugin
) -> None:
    metier_plugin("acme-guard", modules={"__init__": GUARDED})
    embedding = metier.Remote(url=url, model=service.name, check=False)
    reranking = metier.Remote(
        url=url,
        reranker=service.rerank_name,
        check=False,
        rerank_template=isinstance(service, MetierService),
    )
    runtime = metier.Runtime(model=embedding, reranker=reranking)
    runtime.embed_queries(["late fees"], instruction=TASK)
    runtime.rerank("late fees", ["A letter on fees.", "A poem."], instruction=TASK)
    assert len(service.posts) == 3  # one for the size of vectors
    assert "Smith" not in bodies(service)
    assert bodies(service).count("Find letters that [NAME] wrote") >= 2


def test_the_prompt_of_an_adapter_passes_the_guards(
    service: OpenAIService, url: str, metier_plugin: InstallPlugin
) -> None:
    from metier.adapters import SentenceTransformerAdapter

    metier_plugin("acme-guard", modules={"__init__": GUARDED})
    runtime = metier.Runtime(model=metier.Remote(url=url, model=service.name, check=False))
    SentenceTransformerAdapter(runtime).encode(["late fees"], prompt="For John Smith: ")
    assert "Smith" not in bodies(service)
