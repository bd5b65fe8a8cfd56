"""Models that Ollama pulled from ModelScope, named by their tags."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import metier
from metier.errors import MetierError
from metier.models.embedder import Embedder

from .model_server import serving
from .services.ollama import OllamaService
from .services.pairs import PairModel

TAG = OllamaService.name
TASK = "Find clauses about force majeure"


@pytest.fixture
def url(qwen3: Embedder, pairs: PairModel) -> Iterator[str]:
    with serving(OllamaService(qwen3, pairs)) as address:
        yield address


def test_a_tag_in_a_profile_or_after_an_address_is_the_model_at_the_server(
    url: str, qwen3: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "metier.toml").write_text(
        f'[profiles.desk]\nurl = "{url}"\nkind = "ollama"\nmodel = "{TAG}"\ncheck = false\n'
    )
    expected = metier.Runtime(model=qwen3, plugins=[]).embed_queries(["war"], instruction=TASK)

    desk = metier.Runtime(model="desk", plugins=[])
    np.testing.assert_allclose(desk.embed_queries(["war"], instruction=TASK), expected, atol=1e-6)
    assert desk.embedder.profile.instruction_aware

    address = metier.Runtime(model=f"{url}#{TAG}", plugins=[])
    with pytest.warns(metier.MetierWarning):  # random weights are not plausible
        vectors = address.embed_queries(["war"], instruction=TASK)
    np.testing.assert_allclose(vectors, expected, atol=1e-6)
    assert address.embedder.profile.id == f"{url}#{TAG}"


def test_a_tag_that_was_not_pulled_is_refused_with_the_command_that_pulls_it(url: str) -> None:
    other = "modelscope.cn/Qwen/Qwen3-Embedding-4B-GGUF:latest"
    remote = metier.Remote(url=url, kind="ollama", model=other)

    with pytest.raises(MetierError) as caught:
        metier.Runtime(model=remote, plugins=[]).embed_documents(["war"])

    assert f"ollama pull {other}" in str(caught.value)
