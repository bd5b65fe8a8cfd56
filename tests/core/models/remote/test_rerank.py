"""Scores of each kind of server equal those of the same reranker on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import metier
from metier.errors import MetierWarning, ModelServerError, UsageError
from metier.models.embedder import Embedder
from metier.models.reranker import Reranker
from metier.progress import NoProgress

from .model_server import Answer, Request, Response, serving
from .services.metier_service import MetierService
from .services.model_studio import LENGTH, ModelStudioService
from .services.openai_service import OpenAIService, VllmService
from .services.pai_eas import BASE, EasService
from .services.pairs import PairModel
from .services.tei import TeiService

QUERY = "Who pays for repairs of the roof?"
DOCUMENTS = [
    "The landlord keeps the roof and the walls in good order.",
    "The rent is due on the first of each month.",
    "中国的首都是北京。",
    "Small repairs, up to a hundred dollars, are paid by the tenant.",
    "",
]
TASK = "Given a question about a lease, find the clause that answers it"


Connect = Callable[..., tuple[OpenAIService, Reranker]]


class RerankingTei(TeiService):
    reranks = True


KINDS: dict[str, tuple[type[OpenAIService], str, dict[str, Any]]] = {
    "vllm": (VllmService, "", {"reranker": "Qwen3-Reranker-tiny"}),
    "tei": (RerankingTei, "", {}),
    "metier": (MetierService, "/v1", {"reranker": "Qwen3-Reranker-tiny"}),
    "pai-eas": (
        EasService,
        f"{BASE}/v1",
        {"kind": "pai-eas", "reranker": "Qwen3-Reranker-tiny"},
    ),
    "dashscope": (
        ModelStudioService,
        "/compatible-mode/v1",
        {"kind": "dashscope", "reranker": "qwen3-rerank"},
    ),
    "dashscope-native": (
        ModelStudioService,
        "/api/v1",
        {"kind": "dashscope", "reranker": "qwen3-rerank"},
    ),
}
TAKES_INSTRUCTION = ("metier", "dashscope", "dashscope-native")


@pytest.fixture
def connect(
    qwen3: Embedder, pairs: PairModel, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Connect]:
    """A service of a kind and the reranker that it serves."""
    with ExitStack() as running:

        def connect(
            kind: str, renders: bool = True, **settings: Any
        ) -> tuple[OpenAIService, Reranker]:
            service_class, path, known = KINDS[kind]
            service = service_class(qwen3, pairs)
            service.renders = renders
            if service.key is not None:
                monkeypatch.setenv("SERVER_KEY", service.key.removeprefix("Bearer "))
                known = {**known, "key_env": "SERVER_KEY"}
            url = running.enter_context(serving(service)) + path
            server = metier.Remote(
                url=url, check=False, rerank_template=renders, **{**known, **settings}
            )
            reranker = metier.Runtime(model=qwen3, reranker=server, plugins=[]).reranker
            assert reranker is not None
            return service, reranker

        yield connect


def scores(reranker: Reranker, documents: list[str], task: str | None = None) -> np.ndarray:
    return reranker.score(QUERY, documents, task=task, progress=NoProgress()).scores


@pytest.mark.parametrize("kind", KINDS)
def test_scores_under_the_template_of_the_server(
    kind: str,
    connect: Connect,
    rerankers: dict[str, Reranker],
) -> None:
    service, reranker = connect(kind)
    local = rerankers["tied"]
    np.testing.assert_allclose(scores(reranker, DOCUMENTS), scores(local, DOCUMENTS), atol=1e-5)
    if kind in TAKES_INSTRUCTION:
        expected = scores(local, DOCUMENTS, TASK)
        assert not np.allclose(expected, scores(local, DOCUMENTS), atol=1e-3)
        np.testing.assert_allclose(scores(reranker, DOCUMENTS, TASK), expected, atol=1e-5)
        assert service.instructions == [None, TASK]
        assert reranker.profile.instruction_aware
    else:
        with pytest.warns(MetierWarning, match="no parameter for an instruction"):
            given = scores(reranker, DOCUMENTS, TASK)
        np.testing.assert_allclose(given, scores(local, DOCUMENTS), atol=1e-5)
        assert not reranker.profile.instruction_aware


@pytest.mark.parametrize("kind", ["vllm", "tei", "pai-eas"])
def test_scores_under_a_template_that_is_written_here(
    kind: str,
    connect: Connect,
    rerankers: dict[str, Reranker],
) -> None:
    _, reranker = connect(kind, renders=False)
    for task in (None, TASK):
        np.testing.assert_allclose(
            scores(reranker, DOCUMENTS, task),
            scores(rerankers["tied"], DOCUMENTS, task),
            atol=1e-5,
        )
    assert reranker.profile.instruction_aware


def test_the_batch_size_of_tei_is_kept(connect: Connect, rerankers: dict[str, Reranker]) -> None:
    service, reranker = connect("tei")
    documents = [f"Clause {number} of the lease" for number in range(70)]
    expected = scores(rerankers["tied"], documents)
    np.testing.assert_allclose(scores(reranker, documents), expected, atol=1e-5)
    assert [len(request.body["texts"]) for request in service.posts] == [32, 32, 6]


@pytest.mark.parametrize("kind", ["dashscope", "dashscope-native"])
def test_model_studio_takes_500_documents_and_120_000_tokens(
    kind: str,
    connect: Connect,
    reranker_folders: dict[str, Path],
) -> None:
    service, reranker = connect(kind, tokenizer=str(reranker_folders["tied"]))
    service.pair_scores = lambda query, documents, task: [0.5] * len(documents)  # type: ignore[method-assign]

    def documents_of(request: Any) -> list[str]:
        documents: list[str] = request.body.get("input", request.body)["documents"]
        return documents

    scores(reranker, ["short"] * 501)
    assert [len(documents_of(request)) for request in service.posts] == [500, 1]
    service.requests.clear()

    long = "a b c d e f g h " * 200
    (tokens,) = service.count([long])
    in_query = service.count([QUERY])[0]
    scores(reranker, [long] * 100)
    fitting = 120_000 // (tokens + in_query)
    sizes = [len(documents_of(request)) for request in service.posts]
    assert sum(sizes) == 100  # nothing refused
    assert fitting - 2 <= sizes[0] <= fitting

    service.max_documents = 100
    service.requests.clear()
    scores(reranker, ["short"] * 250)
    assert [len(documents_of(request)) for request in service.posts] == [250, 100, 100, 50]
    assert reranker.limits.max_tokens == 4000  # of the query and of each document


@pytest.mark.parametrize("knows_tokenizer", [True, False], ids=["exact", "estimated"])
@pytest.mark.parametrize("renders", [True, False])
def test_a_document_that_is_too_long_is_cut_and_marked(
    renders: bool,
    knows_tokenizer: bool,
    connect: Connect,
    reranker_folders: dict[str, Path],
) -> None:
    known = {"tokenizer": str(reranker_folders["tied"])} if knows_tokenizer else {}
    service, reranker = connect("vllm", renders=renders, **known)
    service.max_tokens = 400
    documents = [DOCUMENTS[0], "one two three four " * 200, DOCUMENTS[1]]
    given = reranker.score(QUERY, documents, task=None, progress=NoProgress())
    assert given.truncated.tolist() == [False, True, False]
    np.testing.assert_allclose(given.scores[[0, 2]], scores(reranker, DOCUMENTS[:2]), atol=1e-5)
    if knows_tokenizer:
        refused = [len(request.body["documents"]) for request in service.posts[:-1]]
        assert refused in ([3], [3, 3])  # the limit is named once, and kept


class Sglang(VllmService):
    """SGLang: the answer is a list alone, and the request may have an instruction."""

    def rerank(self, request: Request) -> Response:
        body = request.body
        scores = self.pair_scores(body["query"], body["documents"], body.get("instruct"))
        return Response([{"index": row, "score": score} for row, score in enumerate(scores)])


class AtAnotherPath(VllmService):
    """Cohere's API of version 2."""

    def routes(self) -> Mapping[tuple[str, str], Answer]:
        return {**super().routes(), ("POST", "/v2/rerank"): self.rerank}


@pytest.mark.parametrize(
    ("service_class", "settings"),
    [(Sglang, {"rerank_shape": "sglang"}), (AtAnotherPath, {"rerank_url": "{url}/v2/rerank"})],
)
def test_a_profile_names_the_shape_and_the_address_of_rerank_requests(
    service_class: type[VllmService],
    settings: dict[str, str],
    qwen3: Embedder,
    pairs: PairModel,
    rerankers: dict[str, Reranker],
) -> None:
    service = service_class(qwen3, pairs)
    task = TASK if service_class is Sglang else None
    with serving(service) as url:
        settings = {name: value.format(url=url) for name, value in settings.items()}
        server = metier.Remote(url=url, check=False, reranker="Qwen3-Reranker-tiny", **settings)
        reranker = metier.Runtime(model=qwen3, reranker=server, plugins=[]).reranker
        assert reranker is not None
        given = scores(reranker, DOCUMENTS, task)
    np.testing.assert_allclose(given, scores(rerankers["tied"], DOCUMENTS, task), atol=1e-5)


def test_a_server_without_rerank_requests_is_an_error(qwen3: Embedder, connect: Connect) -> None:
    with serving(OpenAIService(qwen3)) as url:
        server = metier.Remote(url=url, check=False)
        rt = metier.Runtime(model=qwen3, reranker=server, plugins=[])
        with pytest.raises(ModelServerError, match=r"/v1/rerank refuses to rerank") as caught:
            rt.rerank(QUERY, DOCUMENTS[:2])
    assert "rerank_url" in str(caught.value)
    with serving(TeiService(qwen3)) as url:
        server = metier.Remote(url=url, check=False)
        rt = metier.Runtime(model=qwen3, reranker=server, plugins=[])
        with pytest.raises(UsageError, match="serves no reranker but the embedder"):
            rt.rerank(QUERY, DOCUMENTS[:2])


@pytest.mark.parametrize("kind", ["metier", "dashscope"])
def test_the_record_of_a_run_names_the_reranker_and_the_instruction(
    kind: str,
    connect: Connect,
    qwen3: Embedder,
    rerankers: dict[str, Reranker],
) -> None:
    service, reranker = connect(kind)
    filings = ["The port was closed by sanctions.", "Sales grew.", "A supplier went bankrupt."]
    results = [
        metier.Runtime(model=qwen3, reranker=model, progress=False).run(
            "finance/search-filings", filings, "Which suppliers failed?", rerank=True
        )
        for model in (rerankers["tied"], reranker)
    ]
    expected, result = results
    assert [hit.text for hit in result.hits] == [hit.text for hit in expected.hits]
    assert [hit.scores["rerank"] for hit in result.hits] == pytest.approx(
        [hit.scores["rerank"] for hit in expected.hits], abs=1e-5
    )
    used = {model.role: model for model in result.record.models}["reranker"]
    assert used.revision == service.rerank_name
    assert used.id == f"{reranker.server.url}#{service.rerank_name}"
    digests = {use.id: use.digest for use in result.record.instructions}
    assert "finance/filings-search@1" in digests
    task = metier.Runtime(model=qwen3).instructions.get("finance/filings-search").task
    assert service.instructions == [task]


class EndlessStudio(ModelStudioService):
    """It refuses every request with the limit that its documentation names for each text."""

    def rerank(self, request: Request) -> Response:
        return self.error(400, LENGTH.format(4000))


def test_documents_that_stay_refused_are_an_error_after_some_requests(
    qwen3: Embedder, pairs: PairModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVER_KEY", "sk-1")
    service = EndlessStudio(qwen3, pairs)
    with serving(service) as url:
        server = metier.Remote(
            url=f"{url}/compatible-mode/v1",
            kind="dashscope",
            reranker="qwen3-rerank",
            key_env="SERVER_KEY",
            check=False,
        )
        rt = metier.Runtime(model=qwen3, reranker=server, plugins=[])
        with pytest.raises(ModelServerError, match="refuses to rerank"):
            rt.rerank(QUERY, ["the roof leaks " * 900, "the rent rises " * 900, *DOCUMENTS[:4]])
    assert len(service.posts) < 100
