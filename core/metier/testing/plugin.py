"""The pytest plugin: fixtures for those who write plugins and packs.

pytest imports this module whenever it starts, so it imports nothing but pytest; a fixture imports
what it needs when a test asks for it.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from metier.plugins.host import PluginHost
    from metier.testing.fakes import FakeEmbedder, FakeReranker


class InstallPlugin(Protocol):
    """Installs a plugin for one test; arguments and result are those of `write_plugin`."""

    def __call__(
        self,
        name: str,
        *,
        manifest: str | None = ...,
        modules: Mapping[str, str] | None = ...,
        version: str = ...,
        requires: Sequence[str] = ...,
    ) -> Path: ...


class WritePack(Protocol):
    """Writes an instruction pack and returns its path, for `Runtime(packs=[...])`.

    `content` is the text of the file, or the mapping that it is parsed to.
    """

    def __call__(self, content: str | Mapping[str, Any], name: str = ...) -> Path: ...


@pytest.fixture
def metier_site(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """The only folder where this test finds plugins; it is on `sys.path`, and empty at first.

    Installed plugins and the user's settings are hidden, and nothing is written into the user's
    folders. A `metier.toml` is read as usual.
    """
    from metier.testing.distributions import user_folders

    everything = importlib.metadata.distributions
    site = tmp_path_factory.mktemp("site")
    for name in [name for name in os.environ if name.startswith("METIER_")]:
        monkeypatch.delenv(name)
    for name, path in user_folders(site).items():
        monkeypatch.setenv(name, path)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setattr(
        "metier.plugins.discovery.distributions", lambda: everything(path=[str(site)])
    )
    before = set(sys.modules)
    yield site
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None)
        if file is not None and Path(file).is_relative_to(site):
            del sys.modules[name]
    importlib.invalidate_caches()


@pytest.fixture
def metier_host(metier_site: Path) -> PluginHost:
    """A plugin host that finds only what the test installs with `metier_plugin`.

    So does every Runtime and command of the test.
    """
    from metier.plugins.host import PluginHost

    return PluginHost()


@pytest.fixture
def metier_plugin(metier_site: Path, metier_host: PluginHost) -> InstallPlugin:
    """Install a plugin for this test: `metier_plugin("acme", modules={"work": "..."})`.

    It writes a package and its metadata as pip would, and `metier_host` finds it at once. A Runtime
    made afterwards does, too; one made before finds it when it is refreshed.
    """
    from metier.testing.distributions import write_plugin

    def install(name: str, **content: Any) -> Path:
        folder = write_plugin(metier_site, name, **content)
        metier_host.refresh()
        return folder

    return install


@pytest.fixture
def metier_pack(tmp_path: Path) -> WritePack:
    """Write an instruction pack for this test: `metier_pack({"schema": 1, ...})`."""

    def write(content: str | Mapping[str, Any], name: str = "pack.yaml") -> Path:
        path = tmp_path / name
        # JSON is YAML, too
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def fake_embedder() -> FakeEmbedder:
    """An embedder that needs no model: texts that share words are similar."""
    from metier.testing.fakes import FakeEmbedder

    return FakeEmbedder()


@pytest.fixture
def fake_reranker() -> FakeReranker:
    """A reranker that needs no model: it scores the share of the query's words in a document."""
    from metier.testing.fakes import FakeReranker

    return FakeReranker()


@pytest.fixture(scope="session")
def tiny_qwen3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny real Qwen3-Embedding checkpoint: random weights, 64 dimensions."""
    from metier.testing.checkpoints import write_qwen3_embedder

    return write_qwen3_embedder(tmp_path_factory.mktemp("models") / "qwen3")


@pytest.fixture(scope="session")
def tiny_qwen3_reranker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny real Qwen3-Reranker checkpoint with random weights."""
    from metier.testing.checkpoints import write_qwen3_reranker

    return write_qwen3_reranker(tmp_path_factory.mktemp("models") / "reranker")
