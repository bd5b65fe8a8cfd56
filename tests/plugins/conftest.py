"""The samples the plugins ship."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def samples() -> Callable[[str], Path]:
    """Where a plugin, named by its import package, keeps its samples."""
    return lambda package: Path(str(files(package) / "samples"))
