"""What reaches a server, and what of it is in caches, logs and records."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

import metier
from metier.errors import MetierWarning
from metier.models.embedder import Embedder
from metier.models.reranker import Reranker
from metier.testing.plugin import InstallPlugin

from .model_server import Service, serving

GUARDED = """
import metier

@metier.hookimpl
def metier_before_send(texts, destination):
    return [text.replace("Jane Roe", "[NAME]") for text in texts]
"""
KEY = "sk-fedcba9876543210"
NOTE = "Jane Roe was seen on Monday for a cough."


@pytest.fixture
def service(qwen3: Embedder, rerankers: dict[str, Reranker]) -> Service:
    return Service(qwen3, rerankers["tied"])


@pytest.fixture
def url(service: Service) -> Iterator[str]:
    with serving(service) as address:
        yield address


def remote_at(url: str, **settings: object) -> metier.Remote:
    return metier.Remote(url=url, kind="openai", model="tiny", check=False, **settings)


def traffic(service: Service) -> str:
    """Everything that the server got: paths, headers and bodies."""
    return json.dumps([[sent.path, dict(sent.headers), sent.body] for sent in service.requests])


def test_every_text_passes_the_guards_of_all_plugins(
    service: Service, url: str, metier_plugin: InstallPlugin
) -> None:
    metier_plugin("acme-guard", modules={"__init__": GUARDED})
    runtime = metier.Runtime(model=remote_at(url), reranker=remote_at(url))
    runtime.embed_documents([NOTE, "no name"])
    runtime.embed_queries([f"about {NOTE}"], instruction="Find notes like this")
    list(runtime.stream_documents([f"Again {NOTE}"]))
    index = runtime.index([f"{NOTE} {number}" for number in range(3)])
    index.search("what Jane Roe had", top_k=1)
    assert "Roe" not in traffic(service)
    assert "[NAME] was seen" in traffic(service)


def test_vectors_of_guarded_texts_are_cached_apart(
    service: Service, url: str, metier_plugin: InstallPlugin, tmp_path: Path
) -> None:
    metier.Runtime(model=remote_at(url), cache=tmp_path, plugins=[]).embed_documents([NOTE])
    metier_plugin("acme-guard", modules={"__init__": GUARDED})
    metier.Runtime(model=remote_at(url), cache=tmp_path).embed_documents([NOTE])
    assert [text for text in service.embedded if text != "size"] == [
        NOTE,
        NOTE.replace("Jane Roe", "[NAME]"),
    ]


def test_keys_paths_and_texts_are_in_no_log_and_no_record(
    service: Service,
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("TINY_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "secret-folder" / "notes.csv"
    path.parent.mkdir()
    path.write_text("id,text\n1,The patient coughs.\n2,The loan is late.\n", encoding="utf-8")
    runtime = metier.Runtime(model=remote_at(url, key_env="TINY_KEY"), plugins=[])
    result = runtime.run("core/search", metier.Documents.read(path), query="coughing")
    record = result.record.model_dump_json()
    for shown in (caplog.text, record, repr(runtime), repr(runtime.config)):
        assert KEY not in shown
    assert "coughs" not in caplog.text + record
    assert "secret-folder" not in traffic(service)
    assert result.record.models[0].id == f"{url}#tiny"


def test_a_guard_that_cannot_be_used_stops_everything(
    service: Service, url: str, metier_plugin: InstallPlugin
) -> None:
    metier_plugin("acme-broken", modules={"__init__": "raise RuntimeError(1)"})
    runtime = metier.Runtime(model=remote_at(url))
    with pytest.warns(MetierWarning), pytest.raises(metier.MetierError, match="Nothing was sent"):
        runtime.embed_documents([NOTE])
    assert "Roe" not in traffic(service)
