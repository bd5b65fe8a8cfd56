"""A Runtime whose models compare words, and folders to measure it on."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.core.evaluation.folders import write_collection, write_labeled

from metier import Runtime
from metier.testing import FakeEmbedder, FakeReranker


@pytest.fixture(scope="session")
def words() -> Runtime:
    return Runtime(FakeEmbedder(), cache=False, plugins=[], progress=False)


@pytest.fixture(scope="session")
def words_reranked() -> Runtime:
    return Runtime(FakeEmbedder(), FakeReranker(), cache=False, plugins=[], progress=False)


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    return write_collection(tmp_path / "things")


@pytest.fixture
def labeled(tmp_path: Path) -> Path:
    return write_labeled(tmp_path / "sentences")
