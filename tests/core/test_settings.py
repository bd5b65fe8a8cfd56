"""Settings: the environment where the call says nothing, the default where that says nothing."""

from __future__ import annotations

import inspect

import pytest

from metier import Runtime, RuntimeConfig
from metier.settings import DEFAULT_MODEL, SETTINGS, configured, reproducible_dtype


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_the_environment_wins_over_the_default_unless_it_is_empty(setting):
    assert configured(setting.name, {setting.variable: "mine"}) == "mine"
    assert configured(setting.name, {setting.variable: ""}) == setting.default
    assert configured(setting.name, {}) == setting.default


def test_the_environment_of_the_program_is_read_at_every_call(monkeypatch):
    assert configured("model") == DEFAULT_MODEL
    monkeypatch.setenv("METIER_MODEL", "embedded")
    assert configured("model") == "embedded"


def test_reproducible_runs_compute_in_float32_unless_the_environment_names_a_format():
    assert reproducible_dtype({}) == "float32"
    assert reproducible_dtype({"METIER_DTYPE": ""}) == "float32"
    assert reproducible_dtype({"METIER_DTYPE": "auto"}) == "auto"


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_a_parameter_of_the_runtime_and_said_in_its_docs(setting):
    assert setting.name in inspect.signature(Runtime).parameters
    assert setting.variable == f"METIER_{setting.name.upper()}"
    assert setting.variable in RuntimeConfig.__doc__
    assert setting.meaning.endswith(".")
