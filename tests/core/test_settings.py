"""Settings: the environment where the call says nothing, the default where that says nothing."""

from __future__ import annotations

import inspect

import pytest

from metier import Runtime, RuntimeConfig
from metier.errors import MetierWarning, ParameterError
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


@pytest.mark.parametrize(
    ("variable", "value", "meant"),
    [
        ("METIER_CACHE", "/a/folder", "METIER_CACHE_DIR"),
        ("METIER_CACHE", "~/vectors", "METIER_CACHE_DIR"),
        ("METIER_CACHE", "500MB", "METIER_CACHE_SIZE"),
        ("METIER_CACHE_DIR", "1", "METIER_CACHE"),
        ("METIER_CACHE_DIR", "2GB", "METIER_CACHE_SIZE"),
        ("METIER_CACHE_SIZE", "/a/folder", "METIER_CACHE_DIR"),
        ("METIER_CACHE_SIZE", "0", "METIER_CACHE"),
        ("METIER_DEVICE", "float32", "METIER_DTYPE"),
        ("METIER_DEVICE", "/a/model", "METIER_MODEL"),
        ("METIER_DTYPE", "cuda:1", "METIER_DEVICE"),
        ("METIER_MODEL", "bfloat16", "METIER_DTYPE"),
        ("METIER_RERANKER", "cpu", "METIER_DEVICE"),
        ("METIER_HOME", "2 GB", "METIER_CACHE_SIZE"),
        ("METIER_PLUGINS", "1", "METIER_STRICT"),
        ("METIER_STRICT", "none", "METIER_PLUGINS"),
    ],
)
def test_a_value_of_another_variable_is_refused_with_the_one_that_is_meant(variable, value, meant):
    name = variable.removeprefix("METIER_").lower()
    with pytest.raises(ParameterError, match=f"belongs in {meant}") as refused:
        configured(name, {variable: value})
    assert f"Set {meant}={value}" in str(refused.value)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("METIER_CACHE", "1"),
        ("METIER_CACHE_DIR", "/a/folder"),
        ("METIER_CACHE_DIR", "./cpu"),
        ("METIER_CACHE_SIZE", "500MB"),
        ("METIER_DEVICE", "cuda:1"),
        ("METIER_DTYPE", "int8"),
        ("METIER_MODEL", "/a/model"),
        ("METIER_MODEL", "org/float32"),
        ("METIER_PLUGINS", "none"),
        ("METIER_STRICT", "0"),
    ],
)
def test_a_value_of_its_own_is_taken(variable, value):
    assert configured(variable.removeprefix("METIER_").lower(), {variable: value}) == value


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("METIER_MODLE", "Did you mean 'METIER_MODEL'"),
        ("METIER_CACHEDIR", "Did you mean 'METIER_CACHE_DIR'"),
        ("METIER_COLOR_OF_THE_SEA", "The settings: BLOCK_PLUGINS"),
    ],
)
def test_a_variable_that_is_no_setting_is_told_with_close_names(monkeypatch, name, hint):
    monkeypatch.setenv(name, "x")
    with pytest.warns(MetierWarning, match=f"There is no setting {name}") as told:
        Runtime()
    assert hint in str(told[0].message)
