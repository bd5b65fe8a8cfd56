"""A Runtime with the embedded model, loaded once, and the samples the plugins ship."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

import metier


@pytest.fixture(scope="session")
def rt() -> metier.Runtime:
    return metier.Runtime(model="embedded", device="cpu", progress=False)


@pytest.fixture(scope="session")
def samples() -> Callable[[str], Path]:
    """Where a plugin keeps its samples."""
    return lambda package: Path(str(files(package) / "samples"))
