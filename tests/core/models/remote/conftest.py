"""Tiny models for servers: an embedder of 64 and one of 2,048 dimensions, and a reranker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from metier.models.embedder import Embedder
from metier.testing import checkpoints

from .services.pairs import PairModel


@pytest.fixture(scope="session")
def wide(folders: Path, load: Callable[[Path], Embedder]) -> Embedder:
    """Of the size that text-embedding-v4 has."""
    return load(checkpoints.write_qwen3_embedder(folders / "wide", dim=2048))


@pytest.fixture(scope="session")
def pairs(reranker_folders: dict[str, Path]) -> PairModel:
    """The reranker as servers read it."""
    return PairModel(reranker_folders["tied"])
