"""Runtimes that compare texts by their words, so that results are predictable, and a folder."""

from __future__ import annotations

import pytest

from metier import Runtime
from metier.testing.fakes import FakeEmbedder, FakeReranker


@pytest.fixture(scope="session")
def words_rt() -> Runtime:
    """No reranker, no plugins."""
    return Runtime(FakeEmbedder(), plugins=[], progress=False)


@pytest.fixture(scope="session")
def reranking_rt() -> Runtime:
    """The same embedder, with a reranker."""
    return Runtime(FakeEmbedder(), FakeReranker(), plugins=[], progress=False)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "tales"
