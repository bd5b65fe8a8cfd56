"""A cache in a temporary folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from metier import VectorCache


@pytest.fixture
def cache(tmp_path: Path) -> VectorCache:
    return VectorCache(tmp_path / "vectors", limit=10**8)
