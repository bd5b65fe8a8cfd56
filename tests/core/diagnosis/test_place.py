"""Where first results are kept."""

from __future__ import annotations

from pathlib import Path

from metier.diagnosis.recorded_values import data_home
from metier.folders import user_folder


def test_what_is_kept_goes_where_the_user_says_else_among_the_users_data(monkeypatch):
    monkeypatch.setenv("METIER_HOME", "kept")
    assert data_home() == Path("kept")
    monkeypatch.delenv("METIER_HOME")
    assert data_home() == user_folder("data")
