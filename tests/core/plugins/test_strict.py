"""Strict: a plugin that cannot be used is an error, at once and with all of them."""

from __future__ import annotations

import pytest
from tests.core.plugins.sources import OBSERVER, status

from metier.errors import PluginError
from metier.plugins.host import PluginHost
from metier.workflows.record import RunRecord


def test_strict_refuses_every_plugin_that_cannot_be_used_at_once(installed):
    installed.add("bad", code="1 / 0\n")
    installed.add("torn", manifest="schema: 2\n")
    installed.add("good")
    with pytest.raises(PluginError, match="2 plugins cannot be used") as refused:
        PluginHost(strict=True)
    assert "metier-bad 1.0: broken: The code of" in str(refused.value)
    assert "metier-torn 1.0: broken: domain.yaml, line 1" in str(refused.value)
    assert PluginHost(block=["bad", "torn"], strict=True).workflows()["good/count"]


def test_strict_can_be_asked_for_by_the_environment_and_by_the_project(
    installed, tmp_path, monkeypatch
):
    installed.add("torn", manifest="schema: 2\n")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "metier.toml").write_text("[plugins]\nstrict = true\n")
    with pytest.raises(PluginError, match="1 plugin cannot be used"):
        PluginHost()
    monkeypatch.setenv("METIER_STRICT", "0")
    assert status(PluginHost(), "torn")[0] == "broken"
    monkeypatch.setenv("METIER_STRICT", "1")
    with pytest.raises(PluginError, match="1 plugin cannot be used"):
        PluginHost()
    assert status(PluginHost(strict=False), "torn")[0] == "broken"


def test_one_hook_that_fails_is_an_error_where_that_was_asked_for(installed):
    installed.add("bad", code="import metier\n@metier.hookimpl\ndef metier_readers(): 1 / 0\n")
    with pytest.raises(PluginError, match="The plugin 'bad' failed: ZeroDivisionError"):
        PluginHost(strict=True).readers()


def test_an_observer_that_fails_is_an_error_where_that_was_asked_for(installed):
    installed.add("bad", code=OBSERVER.replace("    seen", "    1 / 0\n    seen"))
    with pytest.raises(PluginError, match="The plugin 'bad' failed"):
        PluginHost(strict=True).run_finished(RunRecord(workflow="toys/count"))
