"""Stored vectors of a server are read only where it would give the same again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import metier
from metier.diagnosis.examine import examine
from metier.errors import MetierWarning
from metier.models.embedder import Embedder

from .model_server import serving
from .services.metier_service import MetierService
from .services.model_studio import V3Service
from .services.openai_service import OpenAIService

TEXT = "The tenant may sublet the flat."


def test_sides_that_a_parameter_tells_are_stored_apart(
    wide: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVER_KEY", "sk-1")
    service = V3Service(wide)
    with serving(service) as url:
        server = metier.Remote(
            url=f"{url}/api/v1",
            kind="dashscope",
            model="text-embedding-v3",
            key_env="SERVER_KEY",
            check=False,
        )
        runtime = metier.Runtime(model=server, cache=tmp_path, plugins=[])
        for _ in range(2):
            runtime.embed_documents([TEXT])
            runtime.embed_queries([TEXT])
    sides = [request.body["parameters"]["text_type"] for request in service.posts]
    assert sides == ["document", "document", "query"]  # the first is for the size of vectors


def test_a_server_that_writes_prompts_gives_other_vectors_for_queries(
    qwen3: Embedder, tmp_path: Path
) -> None:
    service = MetierService(qwen3)
    with serving(service) as url:
        server = metier.Remote(
            url=url, kind="metier", model=service.name, instructions="none", check=False
        )
        runtime = metier.Runtime(model=server, cache=tmp_path, plugins=[])
        document, query = runtime.embed_documents([TEXT]), runtime.embed_queries([TEXT])
    local = metier.Runtime(model=qwen3, plugins=[])
    np.testing.assert_allclose(document, local.embed_documents([TEXT]), atol=1e-6)
    np.testing.assert_allclose(query, local.embed_queries([TEXT]), atol=1e-6)


def test_no_texts_need_no_request(qwen3: Embedder) -> None:
    service = MetierService(qwen3)
    with serving(service) as url:
        server = metier.Remote(url=url, model=service.name, check=False)
        runtime = metier.Runtime(model=server, plugins=[])
        assert runtime.embed_documents([]).shape == (0, 64)
        assert runtime.embed_queries([]).shape == (0, 64)
    assert len(service.posts) == 1  # for the size of vectors


def test_vectors_of_texts_that_were_cut_are_read_at_their_limit_only(
    qwen3: Embedder, qwen3_folder: Path, tmp_path: Path
) -> None:
    service = OpenAIService(qwen3)
    long = "The tenant pays the rent on the first of each month. " * 8
    with serving(service) as url:

        def vector(limit: int) -> np.ndarray:
            server = metier.Remote(
                url=url,
                kind="openai",
                model=service.name,
                tokenizer=str(qwen3_folder),
                max_tokens=limit,
                check=False,
            )
            runtime = metier.Runtime(model=server, cache=tmp_path, plugins=[])
            return runtime.embed_documents([TEXT, long])[1]

        with pytest.warns(MetierWarning, match="longer than"):
            first = vector(40)
        with pytest.warns(MetierWarning, match="longer than"):
            again = vector(40)
        whole = vector(2000)
    np.testing.assert_array_equal(first, again)
    expected = metier.Runtime(model=qwen3, plugins=[]).embed_documents([long])[0]
    np.testing.assert_allclose(whole, expected, atol=1e-6)
    asked = [text for text in service.embedded if text != "size"]
    assert asked.count(TEXT) == 1
    assert asked[-1] == long
    assert len(asked) == 3


def test_doctor_compares_vectors_of_a_server_whatever_its_number_format(
    qwen3: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METIER_HOME", str(tmp_path))
    service = OpenAIService(qwen3)
    with serving(service) as url:
        server = metier.Remote(url=url, kind="openai", model=service.name, check=False)
        for _ in range(2):
            (check,) = examine(metier.Runtime(model=server, plugins=[])).of("golden")
    assert check.status == "pass"
    assert check.detail.startswith("differs from the record by")
