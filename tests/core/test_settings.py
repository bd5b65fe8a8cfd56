"""Settings: the environment where the call says nothing, the default where that says nothing."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

import pytest

from metier import Runtime
from metier.settings import DEFAULT_MODEL, SETTINGS, configured, data_home


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_the_environment_wins_over_the_default_unless_it_is_empty(setting):
    assert configured(setting.name, {setting.variable: "mine"}) == "mine"
    assert configured(setting.name, {setting.variable: ""}) == setting.default
    assert configured(setting.name, {}) == setting.default


def test_the_environment_of_the_program_is_read_at_every_call(monkeypatch):
    assert configured("model") == DEFAULT_MODEL
    monkeypatch.setenv("METIER_MODEL", "embedded")
    assert configured("model") == "embedded"


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_a_parameter_of_the_runtime_and_said_in_its_docs(setting):
    assert setting.name in inspect.signature(Runtime).parameters
    assert setting.variable == f"METIER_{setting.name.upper()}"
    assert setting.variable in Runtime.__doc__
    assert setting.meaning.endswith(".")


def test_what_is_kept_goes_where_the_user_says_else_among_the_users_data():
    assert data_home({"METIER_HOME": "kept", "XDG_DATA_HOME": "other"}) == Path("kept")
    variable = "LOCALAPPDATA" if sys.platform == "win32" else "XDG_DATA_HOME"
    assert data_home({variable: "theirs"}) == Path("theirs") / "metier"
    assert data_home({}).is_relative_to(Path.home())
