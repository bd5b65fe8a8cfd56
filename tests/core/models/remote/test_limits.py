"""Limits of servers are kept before they bite, and learned when a server says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import metier
from metier.errors import MetierWarning, ModelServerError, UnknownNameError, UsageError
from metier.models.embedder import Embedder, Prompt
from metier.testing import checkpoints

from .model_server import Response, serving
from .services.model_studio import V3_SIZES, V4_SIZES, ModelStudioService, V3Service
from .services.ollama import OllamaService
from .services.openai_service import OpenAIService, VllmService
from .services.pai_eas import BASE, EasService
from .services.tei import TeiService

TEXTS = [f"Clause {number} of the lease." for number in range(25)]
LONG = "a b c d e f g h i j k l m n o p q r s t u v w x y z " * 3

Serve = Callable[[OpenAIService], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """The address of a service, which runs until the test ends."""
    with ExitStack() as running:
        yield lambda service: running.enter_context(serving(service))


def runtime(url: str, **settings: Any) -> metier.Runtime:
    settings = {"check": False, "model": "Qwen3-Embedding-tiny"} | settings
    return metier.Runtime(model=metier.Remote(url=url, **settings), plugins=[], progress=False)


def sizes_of(service: OpenAIService) -> list[int]:
    """How many texts each request had, without the one for the size of vectors."""
    keys = ("input", "inputs")
    return [
        len(next(request.body[key] for key in keys if key in request.body))
        for request in service.posts[1:]
    ]


class TenRows(OpenAIService):
    """A gateway to Model Studio at another address."""

    def embed(self, request: Any) -> Response:
        if len(request.body["input"]) > 10:
            return self.error(
                400,
                "<400> InternalError.Algo.InvalidParameter: Value error, batch size is invalid, "
                "it should not be larger than 10.: input.contents",
            )
        return super().embed(request)


def test_a_limit_of_rows_that_a_refusal_names_is_kept(serve: Serve, qwen3: Embedder) -> None:
    service = TenRows(qwen3)
    rt = runtime(serve(service), kind="openai")
    rt.embed_documents(TEXTS)
    assert sizes_of(service) == [25, 10, 10, 5]
    rt.embed_documents(TEXTS, dim=32)
    assert sorted(sizes_of(service)[4:]) == [5, 10, 10]  # not asked too much again
    assert sorted(service.embedded) == sorted(["size", *TEXTS, *TEXTS])


def test_requests_that_are_refused_side_by_side_lose_and_repeat_nothing(
    serve: Serve, qwen3: Embedder
) -> None:
    service = TenRows(qwen3)
    rt = runtime(serve(service), kind="openai", max_rows=12)
    expected = metier.Runtime(model=qwen3).embed_documents(TEXTS)
    np.testing.assert_allclose(rt.embed_documents(TEXTS), expected, atol=1e-6)
    assert sorted(service.embedded) == sorted(["size", *TEXTS])


def test_vector_sizes_that_are_refused_side_by_side_are_cut_here(
    serve: Serve, qwen3: Embedder
) -> None:
    service = VllmService(qwen3)
    rt = runtime(serve(service), max_rows=4)
    expected = metier.Runtime(model=qwen3).embed_documents(TEXTS, dim=32)
    np.testing.assert_allclose(rt.embed_documents(TEXTS, dim=32), expected, atol=1e-6)
    assert sorted(service.embedded) == sorted(["size", *TEXTS])


def test_tokens_that_are_estimated_too_low_are_refused_a_few_times_only(
    serve: Serve, qwen3: Embedder
) -> None:
    service = VllmService(qwen3)  # whose tokenizer knows few words
    service.max_tokens = 64
    rt = runtime(serve(service), concurrency=1)
    texts = [f"{number} {LONG}" for number in range(40)]
    with pytest.warns(MetierWarning, match="40 of 40 texts were longer"):
        rt.embed_documents(texts)
    assert len(service.embedded) == 41
    assert all(32 < count <= 64 for count in service.count(service.embedded[1:]))
    asked = len(service.posts)
    rt.embed_documents(TEXTS)
    assert asked < 20
    assert len(service.posts) == asked + 1


@pytest.mark.filterwarnings("ignore:.*longer than")
def test_estimates_are_higher_from_the_second_text_on_that_has_more_tokens(
    serve: Serve, qwen3: Embedder
) -> None:
    service = VllmService(qwen3)
    service.max_tokens = 64
    rt = runtime(serve(service))

    def count() -> int:
        return rt.embedder.count_tokens(["The rent is due."], prompt=Prompt("document"))[0]

    known = count()
    rt.embed_documents([f"1 {LONG}", "The rent is due."])
    assert count() == known  # a single text may be unusual
    rt.embed_documents([f"2 {LONG}"])
    assert count() > known
    assert max(service.count(service.embedded)) <= 64


class TokensOfAll(ModelStudioService):
    """Model Studio as it once was: the tokens of all texts of a request are limited together."""

    def refused(self, texts: Sequence[str], model: str, size: int) -> str | None:
        if sum(self.count(texts)) > self.max_tokens:
            return "<400> InvalidParameter: Range of input length should be [1, 64]"
        return super().refused(texts, model, size)


def test_a_limit_of_a_text_that_is_one_of_the_request_divides_it(
    serve: Serve, qwen3: Embedder, qwen3_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVER_KEY", "sk-1")
    service = TokensOfAll(qwen3)
    service.max_tokens = 64
    settings = {**KINDS["dashscope"][1], "tokenizer": str(qwen3_folder), "concurrency": 1}
    rt = runtime(serve(service), **settings)
    expected = metier.Runtime(model=qwen3).embed_documents(TEXTS, dim=64)
    np.testing.assert_allclose(rt.embed_documents(TEXTS, dim=64), expected, atol=1e-6)
    assert sorted(service.embedded) == sorted(["size", *TEXTS])  # none was cut
    asked = len(service.posts)
    rt.embed_documents(TEXTS, dim=64)
    assert len(service.embedded) == 1 + 2 * len(TEXTS)
    answered = [len(request.body["input"]["texts"]) for request in service.posts[asked:]]
    assert sum(answered) == len(TEXTS)  # nothing refused any more


@pytest.mark.parametrize("status", [413, 422])
def test_the_batch_size_of_tei_is_asked_for_or_learned(
    serve: Serve, qwen3: Embedder, status: int
) -> None:
    service = TeiService(qwen3)
    service.max_rows = 8
    url = serve(service)
    runtime(url).embed_documents(TEXTS)
    assert sorted(sizes_of(service)) == [1, 8, 8, 8]

    service.requests.clear()
    service.too_large = status
    rt = runtime(url, max_rows=100, concurrency=1)
    rt.embed_documents(TEXTS)
    assert sizes_of(service) == [25, 8, 8, 8, 1]


def test_tokens_of_a_request_are_counted_and_learned(
    serve: Serve, qwen3: Embedder, qwen3_folder: Path
) -> None:
    service = OpenAIService(qwen3)
    tokens = sum(service.count(TEXTS))
    service.max_request_tokens = tokens // 3
    url = serve(service)
    runtime(
        url, tokenizer=str(qwen3_folder), max_request_tokens=tokens // 3, concurrency=1
    ).embed_documents(TEXTS)
    assert len(sizes_of(service)) in (3, 4)  # as full as they can be

    service.requests.clear()
    rt = runtime(url, tokenizer=str(qwen3_folder), concurrency=1)
    rt.embed_documents(TEXTS)
    first, *rest = sizes_of(service)
    assert first == 25  # refused: "max N tokens per request"
    assert len(rest) in (3, 4)
    assert sum(rest) == 25


KINDS = {
    "openai": (OpenAIService, {}),
    "vllm": (VllmService, {}),
    "tei": (TeiService, {}),
    "ollama": (OllamaService, {"model": OllamaService.name}),
    "pai-eas": (EasService, {"kind": "pai-eas", "key_env": "SERVER_KEY"}),
    "dashscope": (
        ModelStudioService,
        {"kind": "dashscope", "model": "text-embedding-v4", "dims": [64], "key_env": "SERVER_KEY"},
    ),
}
PATHS = {"pai-eas": BASE, "dashscope": "/compatible-mode/v1"}


@pytest.mark.parametrize("knows_tokenizer", [True, False], ids=["exact", "estimated"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_text_that_is_too_long_is_cut_as_a_local_model_cuts_it(
    kind: str,
    knows_tokenizer: bool,
    serve: Serve,
    qwen3: Embedder,
    qwen3_folder: Path,
    short: Embedder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server reads 64 tokens; that is asked for, named by a refusal, or in the profile."""
    service_class, settings = KINDS[kind]
    service = service_class(qwen3)
    service.max_tokens = 64
    if knows_tokenizer:
        settings = {**settings, "tokenizer": str(qwen3_folder)}
    monkeypatch.setenv("SERVER_KEY", (service.key or "").removeprefix("Bearer "))
    rt = runtime(serve(service) + PATHS.get(kind, ""), **settings)

    with pytest.warns(MetierWarning, match="longer than .* reads"):
        vectors = rt.embed_documents(["short", LONG], dim=64)
    with pytest.warns(MetierWarning, match="longer than .* reads"):
        expected = metier.Runtime(model=short).embed_documents(["short", LONG], dim=64)
    np.testing.assert_allclose(vectors[0], expected[0], atol=1e-6)
    if knows_tokenizer:
        np.testing.assert_allclose(vectors[1], expected[1], atol=1e-6)
    sent = max(service.count(service.embedded))
    assert 40 < sent <= 64
    assert service.embedded.count("short") == 1


@pytest.fixture(scope="module")
def short(folders: Path, load: Callable[[Path], Embedder]) -> Embedder:
    """The same weights, of which 64 tokens are read."""
    return load(checkpoints.write_qwen3_embedder(folders / "short", max_positions=64))


def test_ollama_reads_texts_that_its_default_context_would_cut(
    serve: Serve, qwen3: Embedder
) -> None:
    service = OllamaService(qwen3)
    rt = runtime(serve(service), model=OllamaService.name)
    assert service.count([LONG])[0] > service.context

    np.testing.assert_allclose(
        rt.embed_documents([LONG]), metier.Runtime(model=qwen3).embed_documents([LONG]), atol=1e-6
    )
    assert service.posts[-1].body["options"] == {"num_ctx": 2048}  # what /api/show says
    assert service.posts[-1].body["truncate"] is False


@pytest.mark.parametrize("name", [OllamaService.name, OllamaService.name.removesuffix(":latest")])
def test_ollama_knows_a_model_with_and_without_its_tag(
    name: str, serve: Serve, qwen3: Embedder
) -> None:
    service = OllamaService(qwen3)
    rt = runtime(serve(service), model=name)
    rt.embed_documents(["a lease"])
    assert service.posts[-1].body["model"] == OllamaService.name
    assert rt.embedder.profile.revision == f"{OllamaService.name}@{OllamaService.digest[:12]}"


def test_a_model_that_is_not_pulled_is_named_with_close_names(
    serve: Serve, qwen3: Embedder
) -> None:
    url = serve(OllamaService(qwen3))
    with pytest.raises(UnknownNameError, match=r"ollama pull .*-GGUF:latest") as caught:
        runtime(url, model="modelscope.cn/Qwen/Qwen3-Embedding-0.6-GGUF").embed_documents(["a"])
    assert OllamaService.name in str(caught.value)
    with pytest.raises(UnknownNameError, match="Qwen3-Embedding-tiny"):
        runtime(serve(VllmService(qwen3)), model="Qwen3-Embeding-tiny").embed_documents(["a"])


def test_ollama_cannot_rerank(serve: Serve, qwen3: Embedder) -> None:
    server = metier.Remote(url=serve(OllamaService(qwen3)), check=False)
    rt = metier.Runtime(model=qwen3, reranker=server, plugins=[])
    with pytest.raises(UsageError, match="kind ollama have no such request"):
        rt.rerank("a", ["b"])


@pytest.mark.parametrize("takes_dimensions", [True, False])
def test_tei_gives_the_size_or_is_cut_here(
    takes_dimensions: bool, serve: Serve, qwen3: Embedder
) -> None:
    service = TeiService(qwen3)
    service.takes_dimensions = takes_dimensions  # older versions ignore the parameter
    vectors = runtime(serve(service)).embed_documents(TEXTS, dim=32)
    expected = metier.Runtime(model=qwen3).embed_documents(TEXTS, dim=32)
    np.testing.assert_allclose(vectors, expected, atol=1e-6)
    assert service.posts[-1].body["dimensions"] == 32


@pytest.mark.parametrize("matryoshka", [True, False])
def test_dimensions_that_vllm_refuses_are_not_asked_for_again(
    matryoshka: bool, serve: Serve, qwen3: Embedder
) -> None:
    service = VllmService(qwen3)
    service.matryoshka = matryoshka
    rt = runtime(serve(service))
    expected = metier.Runtime(model=qwen3).embed_documents(TEXTS, dim=32)
    np.testing.assert_allclose(rt.embed_documents(TEXTS, dim=32), expected, atol=1e-6)
    rt.embed_documents(["another"], dim=48)
    named = [request.body.get("dimensions") for request in service.posts[1:]]
    assert named == ([32, 48] if matryoshka else [32, None, None])
    assert service.embedded.count(TEXTS[0]) == 1


def test_a_model_of_vllm_under_a_name_of_its_own_follows_instructions(
    serve: Serve, qwen3: Embedder
) -> None:
    service = VllmService(qwen3)
    service.name = "embedder"
    rt = runtime(serve(service), model="embedder")
    assert rt.embedder.profile.instruction_aware  # by the weights it was started with


def test_base64_that_a_server_refuses_is_not_asked_for_again(serve: Serve, qwen3: Embedder) -> None:
    service = OpenAIService(qwen3)
    service.faults.append(service.error(400, "encoding_format 'base64' is not supported"))
    rt = runtime(serve(service))
    vectors = rt.embed_documents(TEXTS)
    formats = [request.body["encoding_format"] for request in service.posts]
    assert formats == ["base64", "float", "float"]
    expected = metier.Runtime(model=qwen3).embed_documents(TEXTS)
    np.testing.assert_allclose(vectors, expected, atol=1e-6)


@pytest.mark.parametrize("path", ["/compatible-mode/v1", ""])
def test_the_sizes_of_text_embedding_v4(
    path: str, serve: Serve, wide: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVER_KEY", "sk-1")
    service = ModelStudioService(wide)
    studio = {"kind": "dashscope", "model": "text-embedding-v4", "key_env": "SERVER_KEY"}
    rt = runtime(serve(service) + path, **studio)
    profile = rt.embedder.profile
    assert (profile.dim, profile.min_dim, profile.max_tokens) == (2048, 64, 8192)
    texts, instruction = TEXTS[:11], "finance/filings-search"
    remote = metier.Runtime(model=rt.embedder, plugins=["finance"])
    expected = metier.Runtime(model=wide, plugins=["finance"]).embed_queries(
        texts, instruction=instruction, dim=2048
    )
    for size in (*V4_SIZES, 1000):
        vectors = remote.embed_queries(texts, instruction=instruction, dim=size)
        cut = expected[:, :size] / np.linalg.norm(expected[:, :size], axis=1, keepdims=True)
        np.testing.assert_allclose(vectors, cut, atol=1e-6)
    assert len(service.posts) == 1 + 2 * 9  # ten rows at most, and nothing refused


@pytest.mark.parametrize("path", ["/compatible-mode/v1", "/api/v1"])
def test_text_embedding_v3_gets_no_instructions(
    path: str, serve: Serve, wide: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVER_KEY", "sk-1")
    service = V3Service(wide)
    studio = {"kind": "dashscope", "model": "text-embedding-v3", "key_env": "SERVER_KEY"}
    rt = runtime(serve(service) + path, **studio)
    assert rt.embedder.profile.dim == 1024
    assert not rt.embedder.profile.instruction_aware
    for size in V3_SIZES:
        expected = metier.Runtime(model=wide).embed_documents(TEXTS[:3], dim=size)
        np.testing.assert_allclose(rt.embed_queries(TEXTS[:3], dim=size), expected, atol=1e-6)
    assert set(service.instructions) <= {None}


@pytest.mark.parametrize(("auth", "key"), [(None, "eas-token"), ("bearer", "Bearer eas-token")])
def test_pai_eas_takes_the_bare_token_or_a_bearer(
    auth: str | None,
    key: str,
    serve: Serve,
    qwen3: Embedder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SERVER_KEY", "eas-token")
    service = EasService(qwen3)
    service.key = key
    url = serve(service)
    settings = {"kind": "pai-eas", "key_env": "SERVER_KEY", "auth": auth}
    assert runtime(url + BASE, **settings).embed_documents(["a lease"]).shape == (1, 64)

    with pytest.raises(ModelServerError, match="Check the address"):
        runtime(f"{url}/api/predict/other", **settings).embed_documents(["a lease"])
    service.key = "another"
    with pytest.raises(UsageError, match="does not accept the key in SERVER_KEY"):
        runtime(url + BASE, **settings).embed_documents(["a lease"])
