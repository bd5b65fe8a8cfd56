"""Vectors, scores, hits and flags of a server equal those of the same model on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import metier
from metier.adapters import SentenceTransformerAdapter
from metier.models.embedder import Embedder
from metier.models.reranker import Reranker

from .model_server import Service, serving

TEXTS = ["a port closed by war", "The tenant pays by the fifth.", "中文", "a port closed by war"]


@pytest.fixture
def service(qwen3: Embedder, rerankers: dict[str, Reranker]) -> Iterator[tuple[Service, str]]:
    service = Service(qwen3, rerankers["tied"])
    service.name = "Qwen3-Embedding-tiny"
    with serving(service) as url:
        yield service, url


def test_vectors_under_an_instruction_equal_local_ones(
    service: tuple[Service, str], qwen3: Embedder
) -> None:
    local = metier.Runtime(model=qwen3)
    remote = metier.Runtime(model=metier.Remote(url=f"{service[1]}/v1", check=False))
    for side in ("queries", "documents"):
        expected = getattr(local, f"embed_{side}")(TEXTS, instruction="legal/force-majeure", dim=32)
        vectors = getattr(remote, f"embed_{side}")(TEXTS, instruction="legal/force-majeure", dim=32)
        np.testing.assert_allclose(vectors, expected, atol=1e-6)
    assert service[0].embedded.count(TEXTS[0]) == 1  # equal texts are sent once


def test_a_prompt_that_holds_no_task_is_sent_as_text(
    service: tuple[Service, str], qwen3: Embedder
) -> None:
    """A server that takes tasks as a parameter would not read it otherwise."""
    address = metier.Remote(
        url=f"{service[1]}/v1", check=False, kind="metier", instructions="parameter"
    )
    prompt = "Represent this: "
    model = SentenceTransformerAdapter(metier.Runtime(address))
    remote = model.encode(TEXTS, prompt=prompt, device=model.device)
    local = SentenceTransformerAdapter(metier.Runtime(qwen3)).encode(TEXTS, prompt=prompt)
    np.testing.assert_allclose(remote, local, atol=1e-6)
    assert prompt + TEXTS[0] in service[0].embedded
