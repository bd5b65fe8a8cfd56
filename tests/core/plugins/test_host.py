"""The host: what may be used, which workflows there are, and whose they are."""

from __future__ import annotations

import sys
import threading

import pytest
from tests.core.plugins.sources import READER

from metier.errors import MetierWarning, PluginError, UnknownNameError, UsageError
from metier.plugins.host import PluginHost


def test_no_plugin_code_is_imported_before_it_is_needed(installed):
    installed.add("toys")
    host = PluginHost()
    assert [one.origin for one in host.provided()][1:] == ["metier-toys 1.0"]
    assert "toys/count" in host.workflows()
    assert not any(name.startswith("toy_") for name in sys.modules)
    host.load_workflow("toys/count")
    assert "toy_toys.work" in sys.modules


def test_a_plugin_nobody_installed_cannot_be_selected(installed):
    installed.add("toys")
    with pytest.raises(UnknownNameError, match=r"no plugin 'tyos'\.\nDid you mean 'toys'"):
        PluginHost(["tyos"])


def test_one_name_is_no_list_of_names(installed):
    installed.add("toys")
    with pytest.raises(UsageError, match=r"Write plugins=\['toys'\]"):
        PluginHost("toys")


def test_a_selected_plugin_that_cannot_be_used_is_refused_with_the_reason(installed):
    installed.add("toys", manifest="schema: 2\n")
    installed.add("zoo")
    PluginHost(["zoo"])
    with pytest.raises(PluginError, match=r"(?s)'toys'.* is broken.*schema: Input should be 1"):
        PluginHost(["toys"])


def test_an_unknown_workflow_is_refused_with_close_names(installed):
    installed.add("toys")
    with pytest.raises(UnknownNameError, match="Did you mean 'toys/count'"):
        PluginHost().load_workflow("toys/cuont")


@pytest.mark.parametrize(
    ("manifest", "select", "said"),
    [("schema: 2\n", "all", "is broken"), (None, ["zoo"], "is disabled")],
)
def test_a_workflow_of_a_plugin_that_is_not_active_says_why(installed, manifest, select, said):
    installed.add("toys", **({"manifest": manifest} if manifest else {}))
    installed.add("zoo")
    with pytest.raises(UsageError, match=f"'toys/count' cannot run: .*metier-toys 1.0.* {said}"):
        PluginHost(select).load_workflow("toys/count")


def test_a_workflow_outside_its_plugins_package_is_refused(installed):
    folder = installed.add("toys")
    manifest = (folder / "domain.yaml").read_text()
    (folder / "domain.yaml").write_text(manifest.replace("toy_toys.work:", "os:"))
    with pytest.raises(PluginError, match=r"(?s)points at 'os:count'.*own package 'toy_toys'"):
        PluginHost().load_workflow("toys/count")


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("count = print\n", "It is not decorated with @workflow."),
        ("number = 1\n", "There is no 'count' in 'toy_toys.work'."),
        (
            "import metier\n@metier.workflow('toys/count')\ndef counts(rt) -> metier.Result: ...\n",
            "There is no 'count' in 'toy_toys.work'. Did you mean 'counts'?",
        ),
        (
            "import metier\n@metier.workflow('toys/other')\ndef count(rt) -> metier.Result: ...\n",
            "The function is decorated with @workflow('toys/other').",
        ),
    ],
)
def test_what_is_not_the_workflow_of_that_id_is_refused(installed, source, why):
    installed.add("toys", work=source)
    with pytest.raises(PluginError, match="is not the workflow 'toys/count'") as refused:
        PluginHost().load_workflow("toys/count")
    assert refused.value.why == why


def test_workflow_code_that_cannot_be_imported_is_said_with_its_line(installed):
    folder = installed.add("toys", work="x = 1\nimport a_package_nobody_has\n")
    with pytest.raises(
        PluginError, match=r"metier-toys 1\.0.*No module named 'a_package"
    ) as refused:
        PluginHost().load_workflow("toys/count")
    assert f"({folder / 'work.py'}:2)" in str(refused.value)
    assert "pip uninstall metier-toys" in str(refused.value)


def test_a_module_that_is_missing_is_said_without_a_line_of_python_itself(installed):
    installed.add("toys", code="", other="")
    with pytest.raises(PluginError, match=r"No module named 'toy_toys\.work'") as refused:
        PluginHost().load_workflow("toys/count")
    assert "importlib" not in str(refused.value)


def test_two_hosts_do_not_see_each_other(installed):
    installed.add("toys", code=READER.format(name="toys"))
    both = PluginHost(), PluginHost([])
    assert ["toys" in [one.name for one in host.readers()] for host in both] == [True, False]


def test_threads_that_ask_at_once_activate_plugins_once(installed):
    installed.add("toys", code="import time\ntime.sleep(0.05)\n" + READER.format(name="toys"))
    host, counts = PluginHost(), []

    def ask() -> None:
        counts.append([one.name for one in host.readers()].count("toys"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [1] * 8


def test_a_block_list_that_is_misspelt_does_not_fail_in_silence(installed, tmp_path, monkeypatch):
    installed.add("toys")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "metier.toml").write_text('[plugins]\nblock = ["metier-tois"]\n')
    with pytest.warns(MetierWarning, match="No plugin is called 'metier-tois'.*mean 'toys'"):
        assert "toys/count" in PluginHost().workflows()
    (tmp_path / "metier.toml").write_text('[plugins]\nblock = ["Metier_Toys"]\n')
    assert "toys/count" not in PluginHost().workflows()


def test_a_plugin_may_be_selected_as_pip_would_be_told_of_it(installed):
    installed.add("toys")
    assert "toys/count" in PluginHost(["Metier_Toys"]).workflows()
