"""Vectors, flags, groups, hits and scores of each kind of server equal those of a local model."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import metier
from metier.models.embedder import Embedder
from metier_finance.flag_loans import FlagReport, shipped_taxonomy

from .model_server import serving
from .services.metier_service import MetierService
from .services.model_studio import ModelStudioService
from .services.ollama import OllamaService
from .services.openai_service import OpenAIService, VllmService
from .services.pai_eas import BASE, EasService
from .services.pairs import PairModel
from .services.tei import TeiService

TEXTS = [
    "The applicant lost her job and asks to pay later.",
    "An import business whose port was closed by sanctions.",
    "A nurse with a steady income wants to buy a small car.",
    "中国的首都是北京",
    "He was late with three installments.",
    "A nurse with a steady income wants to buy a small car.",
    "The bakery pays its suppliers on time.",
]
INSTRUCTION = "finance/delinquency-risk"


@dataclass(frozen=True)
class Kind:
    """A kind of server and the profile that reaches it.

    Attributes:
        service: what answers.
        path: after the host, in the address of the profile.
        settings: of the profile, besides its address.
        asks: whether the kind is found by asking.
        dims: sizes of vectors that are asked for.
    """

    service: type[OpenAIService]
    path: str = "/v1"
    settings: Mapping[str, Any] = field(default_factory=dict)
    asks: bool = True
    dims: tuple[int, ...] = (64, 32, 50)


KEY = {"key_env": "SERVER_KEY"}
STUDIO = {"kind": "dashscope", "model": "text-embedding-v4", "dims": [64], **KEY}
NAMES = {"model": "Qwen3-Embedding-tiny", "reranker": "Qwen3-Reranker-tiny"}
KINDS = {
    "ollama": Kind(OllamaService, ""),
    "tei": Kind(TeiService, ""),
    "vllm": Kind(VllmService, settings=NAMES),
    "openai": Kind(OpenAIService),
    "metier": Kind(MetierService, settings=NAMES),
    "pai-eas": Kind(EasService, f"{BASE}/v1", {"kind": "pai-eas", **NAMES, **KEY}, False),
    "dashscope": Kind(ModelStudioService, "/compatible-mode/v1", STUDIO, False, (64,)),
    "dashscope-native": Kind(ModelStudioService, "/api/v1", STUDIO, False, (64,)),
}


@dataclass(frozen=True)
class Results:
    """What workflows give."""

    flags: FlagReport
    groups: Any
    hits: list[metier.Hit]


def run_all(rt: metier.Runtime, risks: Path) -> Results:
    """A workflow that flags, one that groups, and a search."""
    index = rt.index(TEXTS, instruction="finance/filings-search")
    return Results(
        rt.run("finance/flag-loans", TEXTS, taxonomy=risks, threshold=0.2),
        rt.run("finance/cluster-complaints", TEXTS * 3),
        index.search("a nurse wants a small car", top_k=4),
    )


@pytest.fixture(scope="module")
def risks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two of the shipped risks, with different instructions."""
    others = [
        risk.id
        for risk in shipped_taxonomy().risks
        if risk.id not in ("delinquency", "geopolitical-exposure")
    ]
    path = tmp_path_factory.mktemp("risks") / "risks.yaml"
    path.write_text(json.dumps({"remove": others}))
    return path


@pytest.fixture(scope="module")
def local_results(risks: Path) -> Callable[[Embedder], Results]:
    """What each local model gives, computed once."""
    return functools.cache(
        lambda embedder: run_all(metier.Runtime(model=embedder, plugins=["finance"]), risks)
    )


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@dataclass(frozen=True)
class Server:
    """A running server, the profile that reaches it, and the same model on this machine."""

    service: OpenAIService
    profile: dict[str, Any]
    local: Embedder
    facts: Kind

    @property
    def address(self) -> str:
        """What a user names who has no profile."""
        model = self.profile.get("model")
        return self.profile["url"] + (f"#{model}" if model else "")


@pytest.fixture
def server(
    kind: str,
    qwen3: Embedder,
    pairs: PairModel,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Server]:
    facts = KINDS[kind]
    service = facts.service(qwen3, pairs)
    monkeypatch.setenv("SERVER_KEY", (service.key or "").removeprefix("Bearer "))
    with serving(service) as url:
        yield Server(
            service, {"url": url + facts.path, "check": False, **facts.settings}, qwen3, facts
        )


def test_vectors_equal_local_ones(server: Server) -> None:
    local = metier.Runtime(model=server.local)
    remote = metier.Runtime(model=metier.Remote(**server.profile))
    for side in ("queries", "documents"):
        for dim in server.facts.dims:
            expected = getattr(local, f"embed_{side}")(TEXTS, instruction=INSTRUCTION, dim=dim)
            vectors = getattr(remote, f"embed_{side}")(TEXTS, instruction=INSTRUCTION, dim=dim)
            np.testing.assert_allclose(vectors, expected, atol=1e-6)
    symmetric = {"instruction": "finance/complaint-grouping", "dim": 64}
    np.testing.assert_allclose(
        remote.embed_documents(TEXTS, **symmetric),
        local.embed_documents(TEXTS, **symmetric),
        atol=1e-6,
    )


def test_flags_groups_and_hits_equal_local_ones(
    server: Server, local_results: Callable[[Embedder], Results], risks: Path
) -> None:
    expected = local_results(server.local)
    rt = metier.Runtime(model=metier.Remote(**server.profile), plugins=["finance"])
    results = run_all(rt, risks)

    for item, remote_item in zip(expected.flags.items, results.flags.items, strict=True):
        scores = {score.risk: (score.score, score.flagged) for score in remote_item.scores}
        assert scores == {
            score.risk: (pytest.approx(score.score, abs=2e-4), score.flagged)
            for score in item.scores
        }
    assert any(item.flags for item in results.flags.items)
    labels = [member.label for member in expected.groups.members]
    assert [member.label for member in results.groups.members] == labels
    assert len(set(labels)) > 1
    assert [hit.text for hit in results.hits] == [hit.text for hit in expected.hits]
    assert [hit.score for hit in results.hits] == pytest.approx(
        [hit.score for hit in expected.hits], abs=1e-5
    )

    record = results.flags.record
    (model,) = record.models
    assert model.id == server.address
    assert model.revision.startswith(server.service.name)
    assert [use.id for use in record.instructions] == [
        "finance/delinquency-risk@1",
        "finance/geopolitical-risk@1",
    ]


LIMITS = {
    "openai": (2048, 300_000, 8192),
    "dashscope": (10, 80_000, 8192),
    "dashscope-native": (10, 80_000, 8192),
    "tei": (32, 16_384, 512),
    "vllm": (256, 200_000, 2048),
    "metier": (256, 200_000, 2048),
    "pai-eas": (256, 200_000, 2048),
    "ollama": (128, 200_000, 2048),
}
"""Texts and tokens of a request, and tokens of a text, as documented or as the server says."""


def test_limits_are_known_before_they_bite(server: Server, kind: str) -> None:
    rt = metier.Runtime(model=metier.Remote(**server.profile), plugins=["finance"])
    limits = rt.embedder.limits  # type: ignore[attr-defined]
    assert (limits.max_rows, limits.max_request_tokens, limits.max_tokens) == LIMITS[kind]
    narrow = metier.Remote(**server.profile, max_rows=3, max_request_tokens=99, max_tokens=44)
    limits = metier.Runtime(model=narrow).embedder.limits  # type: ignore[attr-defined]
    assert (limits.max_rows, limits.max_request_tokens, limits.max_tokens) == (3, 99, 44)


def test_nothing_is_sent_twice_and_no_request_is_refused(server: Server) -> None:
    rt = metier.Runtime(model=metier.Remote(**server.profile), plugins=["finance"])
    texts = [f"Loan number {number} is late." for number in range(25)]
    rt.embed_documents([*texts, *texts[:5]], dim=64)

    assert sorted(server.service.embedded) == sorted(["size", *texts])
    rows = server.service.max_rows
    assert len(server.service.posts) == 1 + -(-len(texts) // rows)


@pytest.mark.filterwarnings("ignore:The model server:metier.errors.MetierWarning")
def test_a_profile_an_address_and_a_remote_are_the_same_model(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = "".join(f"{key} = {json.dumps(value)}\n" for key, value in server.profile.items())
    (tmp_path / "metier.toml").write_text(f"[profiles.ours]\n{settings}")
    monkeypatch.chdir(tmp_path)
    expected = metier.Runtime(model=server.local).embed_documents(TEXTS)
    named = metier.Runtime(model="ours")

    np.testing.assert_allclose(named.embed_documents(TEXTS), expected, atol=1e-6)
    assert named.embedder.profile.id == "ours"
    if server.facts.asks:
        asked = metier.Runtime(model=server.address)
        np.testing.assert_allclose(asked.embed_documents(TEXTS), expected, atol=1e-6)
        assert asked.embedder.fingerprint == named.embedder.fingerprint
