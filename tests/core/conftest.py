"""Plugins that are installed for one test only."""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.core.installed import Site


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A place to install plugins; what else is installed here is not seen."""
    folder = tmp_path / "site"
    folder.mkdir()
    everything = importlib.metadata.distributions
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(
        "metier.plugins.discovery.distributions", lambda: everything(path=[str(folder)])
    )
    before = set(sys.modules)
    yield Site(folder)
    for name in set(sys.modules) - before:
        if name.startswith("toy_"):
            del sys.modules[name]
    importlib.invalidate_caches()
