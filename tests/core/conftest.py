"""Plugins that are installed, and packs that are written, for one test only."""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.core.installed import Site

PACK = """\
schema: 1
domain: toys
title: Toys of my own
instructions:
  - id: find
    task: {task}
    kind: retrieval
    dim: 4096
"""


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


@pytest.fixture
def pack(tmp_path: Path) -> Callable[..., Path]:
    """Write a pack with this task."""

    def write(task: str, name: str = "mine.yaml") -> Path:
        path = tmp_path / name
        path.write_text(PACK.format(task=task))
        return path

    return write
