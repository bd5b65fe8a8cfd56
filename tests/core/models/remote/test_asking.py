"""What answers at an address is found by asking; calls of tutorials need three names changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import metier
from metier.errors import ModelServerError, UnknownNameError, UsageError
from metier.models.embedder import Embedder

from .model_server import Answer, Request, Response, Service, serving
from .services.metier_service import MetierService
from .services.model_studio import V3Service
from .services.ollama import OllamaService
from .services.openai_service import OpenAIService, VllmService
from .services.pai_eas import BASE, EasService


def embed(url: str, texts: list[str], **settings: Any) -> np.ndarray:
    server = metier.Remote(url=url, check=False, **settings)
    return metier.Runtime(model=server, plugins=[], progress=False).embed_documents(texts)


def test_a_server_on_this_machine_is_reached_past_a_proxy(
    qwen3: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nothing listens there
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with serving(OpenAIService(qwen3)) as url:
        assert embed(url, ["a lease"], retries=0).shape == (1, 64)


class BehindPage(OpenAIService):
    """Every other path answers with the page of an application, as gateways do."""

    page: bytes = b"<!doctype html><title>Models</title>"
    media = "text/html"

    def answer(self, request: Request) -> Response:
        if (request.method, request.path) in self.routes():
            return super().answer(request)
        return Response(self.page, 200, {"Content-Type": self.media})


class BehindText(BehindPage):
    page = b"ok"
    media = "text/plain"


@pytest.mark.parametrize("service_class", [BehindPage, BehindText])
def test_pages_at_other_paths_do_not_hide_the_server(
    service_class: type[OpenAIService], qwen3: Embedder
) -> None:
    with serving(service_class(qwen3)) as url:
        assert embed(url, ["a lease"]).shape == (1, 64)


class AsText(OpenAIService):
    """JSON that is not said to be JSON."""

    def list_models(self, request: Request) -> Response:
        return replace(super().list_models(request), headers={"Content-Type": "text/plain"})


def test_json_is_read_whatever_it_is_said_to_be(qwen3: Embedder) -> None:
    with serving(AsText(qwen3)) as url:
        assert embed(url, ["a lease"]).shape == (1, 64)


class NoServer(Service):
    def routes(self) -> Mapping[tuple[str, str], Answer]:
        return {}


def test_an_address_where_nothing_known_answers_is_an_error(qwen3: Embedder) -> None:
    with serving(NoServer(qwen3)) as url:
        with pytest.raises(ModelServerError, match="No model server that metier knows") as caught:
            embed(url, ["a lease"])
        assert "/info, /api/tags, /v1/models; status 404, 404, 404" in str(caught.value)
        assert "openai, dashscope, pai-eas, vllm, tei, ollama, metier" in str(caught.value)
        with pytest.raises(UsageError, match="not clear which model"):
            embed(url, ["a lease"], kind="openai")


@pytest.mark.parametrize("name", ["localhost:11434", "10.0.0.1:8000/v1", "gpu-1:8000#qwen3"])
def test_an_address_without_a_scheme_is_corrected(name: str) -> None:
    with pytest.raises(UnknownNameError, match=f"Write http://{name}$"):
        metier.Runtime(model=name, plugins=[]).embed_documents(["a lease"])


def test_one_of_several_models_has_to_be_named(qwen3: Embedder) -> None:
    with serving(VllmService(qwen3)) as url:
        with pytest.raises(UsageError, match="not clear which model") as caught:
            embed(url, ["a lease"])
        assert "Qwen3-Embedding-tiny, Qwen3-Reranker-tiny" in str(caught.value)
        assert f"{url}#NAME" in str(caught.value)


def test_a_server_that_asks_for_a_key_says_so_to_an_address(qwen3: Embedder) -> None:
    service = OpenAIService(qwen3)
    service.key = "Bearer sk-1"
    with serving(service) as url, pytest.raises(UsageError, match="asks for a key") as caught:
        metier.Runtime(model=url, plugins=[]).embed_documents(["a lease"])
    assert "key_env" in str(caught.value)


class AwareOfNothing(MetierService):
    """A server of metier whose model was not trained with instructions."""

    def list_models(self, request: Request) -> Response:
        response = super().list_models(request)
        for row in response.content["data"]:
            row["instruction_aware"] = False
        return response


def test_a_server_of_metier_says_whether_its_model_follows_instructions(qwen3: Embedder) -> None:
    for service, follows in ((MetierService(qwen3), True), (AwareOfNothing(qwen3), False)):
        with serving(service) as url:
            server = metier.Remote(url=url, model=service.name, check=False)
            rt = metier.Runtime(model=server, plugins=["finance"])
            rt.embed_queries(["a lease"], instruction="finance/filings-search")
        assert rt.embedder.profile.instruction_aware == follows
        assert (service.instructions[-1] is not None) == follows


HELLO = ["Hello, World!"]


def test_calls_of_tutorials_need_another_address_key_and_name(
    qwen3: Embedder, wide: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """text-embedding-v3 with 1024 numbers, an endpoint on PAI-EAS, a tag of Ollama."""
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-1")
    monkeypatch.setenv("EAS_KEY", "eas-token")
    full = metier.Runtime(model=wide).embed_documents(HELLO)

    with serving(V3Service(wide)) as url:
        base = f"{url}/compatible-mode/v1"
        studio = {"kind": "dashscope", "model": "text-embedding-v3"}
        vectors = embed(base, HELLO, key_env="DASHSCOPE_API_KEY", **studio)
    np.testing.assert_allclose(
        vectors, metier.Runtime(model=wide).embed_documents(HELLO, dim=1024), atol=1e-6
    )

    endpoint = EasService(wide)
    endpoint.name = "qwen3-embedding-8b"
    endpoint.key = "Bearer eas-token"
    with serving(endpoint) as url:
        address = f"{url}{BASE}/v1/embeddings"
        vectors = embed(address, HELLO, model=endpoint.name, key_env="EAS_KEY", kind="openai")
    np.testing.assert_allclose(vectors, full, atol=1e-6)  # of the size that the server gives

    with serving(OllamaService(qwen3)) as url:
        vectors = embed(f"{url}/api/embed", HELLO, model=OllamaService.name)
    np.testing.assert_allclose(
        vectors, metier.Runtime(model=qwen3).embed_documents(HELLO), atol=1e-6
    )
