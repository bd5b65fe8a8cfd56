"""The samples the plugins ship, and a Runtime that embeds them once."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from metier import Runtime


@pytest.fixture(scope="session")
def samples() -> Callable[[str], Path]:
    """Where a plugin, named by its import package, keeps its samples."""
    return lambda package: Path(str(files(package) / "samples"))


@pytest.fixture(scope="session")
def cached_rt(one_thread: None, tmp_path_factory: pytest.TempPathFactory) -> Runtime:
    """The Runtime of all other tests with a cache: many tests run the same samples."""
    vectors = tmp_path_factory.mktemp("vectors")
    return Runtime("embedded", device="cpu", dtype="float32", cache=vectors, progress=False)
