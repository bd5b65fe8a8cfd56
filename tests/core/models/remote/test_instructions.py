"""How instructions reach a model: in the text, in a parameter, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import metier
from metier.errors import MetierWarning, UsageError
from metier.models.embedder import Embedder
from metier.testing import checkpoints

from .model_server import serving
from .services.metier_service import MetierService
from .services.model_studio import ModelStudioService
from .services.openai_service import OpenAIService, VllmService

TEXTS = ["Who pays for repairs?", "The rent is due on the fifth."]
FILINGS = "finance/filings-search"
GROUPING = "finance/complaint-grouping"
NATIVE = {"kind": "dashscope", "model": "text-embedding-v4", "dims": [64], "key_env": "SERVER_KEY"}
NAMED = {"model": "Qwen3-Embedding-tiny"}


def runtime(model: object) -> metier.Runtime:
    return metier.Runtime(model=model, plugins=["finance"], progress=False)  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["text", "parameter"])
@pytest.mark.parametrize(
    ("service_class", "path", "settings"),
    [(MetierService, "/v1", NAMED), (ModelStudioService, "/api/v1", NATIVE)],
    ids=["metier", "dashscope"],
)
def test_servers_with_a_parameter_take_the_instruction_either_way(
    mode: str,
    service_class: type[OpenAIService],
    path: str,
    settings: dict[str, Any],
    qwen3: Embedder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SERVER_KEY", "sk-1")
    service, local = service_class(qwen3), runtime(qwen3)
    with serving(service) as url:
        rt = runtime(metier.Remote(url=url + path, check=False, instructions=mode, **settings))
        for side in ("queries", "documents"):
            for instruction in (None, FILINGS, GROUPING):
                given = {"instruction": instruction, "dim": 64}
                np.testing.assert_allclose(
                    getattr(rt, f"embed_{side}")(TEXTS, **given),
                    getattr(local, f"embed_{side}")(TEXTS, **given),
                    atol=1e-6,
                )
    assert any(service.instructions) == (mode == "parameter")
    sent = [str(request.body) for request in service.posts]
    assert any("Instruct: " in body for body in sent) == (mode == "text")


def test_no_instruction_is_sent_where_the_profile_says_so(qwen3: Embedder) -> None:
    service = VllmService(qwen3)
    bare = runtime(qwen3).embed_documents(TEXTS)
    with serving(service) as url:
        server = metier.Remote(url=url, check=False, instructions="none", **NAMED)
        vectors = runtime(server).embed_queries(TEXTS, instruction=FILINGS, dim=64)
    np.testing.assert_allclose(vectors, bare, atol=1e-6)


def test_prefixes_stand_before_queries_and_documents(qwen3: Embedder) -> None:
    service = VllmService(qwen3)
    service.name = service.root = "e5-tiny"
    with serving(service) as url:
        server = metier.Remote(
            url=url,
            check=False,
            model="e5-tiny",
            query_prefix="query: ",
            document_prefix="passage: ",
        )
        rt = runtime(server)
        rt.embed_queries(TEXTS[:1])
        rt.embed_documents(TEXTS[1:])
    assert service.embedded[1:] == [f"query: {TEXTS[0]}", f"passage: {TEXTS[1]}"]


def test_a_parameter_that_requests_do_not_have_is_an_error(qwen3: Embedder) -> None:
    with serving(VllmService(qwen3)) as url:
        server = metier.Remote(url=url, instructions="parameter", **NAMED)
        with pytest.raises(UsageError, match="no parameter for an instruction") as caught:
            runtime(server).embed_queries(TEXTS)
    assert "instructions = 'text'" in str(caught.value)


@pytest.mark.parametrize("mode", ["text", "parameter"])
def test_a_long_text_leaves_room_for_its_instruction(
    mode: str,
    qwen3: Embedder,
    qwen3_folder: Path,
    folders: Path,
    load: Callable[[Path], Embedder],
) -> None:
    local = load(checkpoints.write_qwen3_embedder(folders / "of-120", max_positions=120))
    service = MetierService(qwen3)
    service.max_tokens = 120
    with serving(service) as url:
        server = metier.Remote(
            url=url, check=False, instructions=mode, tokenizer=str(qwen3_folder), **NAMED
        )
        with pytest.warns(MetierWarning, match="longer than"):
            vectors = runtime(server).embed_queries(
                ["a b c d e f g h " * 30], instruction=FILINGS, dim=64
            )
    with pytest.warns(MetierWarning, match="longer than"):
        expected = runtime(local).embed_queries(
            ["a b c d e f g h " * 30], instruction=FILINGS, dim=64
        )
    np.testing.assert_allclose(vectors, expected, atol=1e-6)
    assert len(service.embedded) == 2  # not refused, and cut once
