"""A folder for records, apart from those of the user."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where records go in these tests."""
    monkeypatch.setenv("METIER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"
