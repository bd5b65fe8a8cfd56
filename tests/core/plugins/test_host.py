"""The host: what may be used, which workflows there are, and whose they are."""

from __future__ import annotations

import sys
import threading

import pytest
from tests.core.plugins.sources import OBSERVER, READER, status

from metier import Runtime
from metier.errors import MetierWarning, PackError, PluginError, UnknownNameError, UsageError
from metier.plugins.host import PluginHost
from metier.results.record import RunRecord


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


def test_a_plugin_installed_while_a_runtime_lives_is_used_with_the_model_it_has(
    installed, qwen3_folder, one_thread
):
    installed.add("toys")
    rt = Runtime(qwen3_folder, device="cpu", dtype="float32", progress=False)
    embedder = rt.embedder
    installed.add("zoo")
    assert "zoo" not in rt.domains
    rt.refresh()
    assert rt.embedder is embedder
    assert rt.instructions.get("zoo/find").full_id == "zoo/find@1"
    assert rt.run("zoo/count", ["a bear", "a train"]).count == 2


def test_a_plugin_uninstalled_meanwhile_is_gone_and_packs_stay(installed, tmp_path):
    installed.add("toys")
    pack = tmp_path / "mine.yaml"
    pack.write_text(
        "schema: 1\ndomain: mine\ntitle: My own\n"
        "instructions: [{id: find, task: Find what is mine, kind: retrieval}]\n"
    )
    rt = Runtime(packs=[pack])
    (installed.folder / "metier_toys-1.0.dist-info" / "entry_points.txt").unlink()
    rt.refresh()
    assert "toys" not in rt.domains
    assert rt.instructions.get("mine/find").task == "Find what is mine"


def test_a_plugin_installed_meanwhile_is_found_after_a_refresh(installed):
    installed.add("toys", code=READER.format(name="toys"))
    host = PluginHost()
    host.activate()
    installed.add("zoo", code=READER.format(name="zoo"))
    assert "zoo/count" not in host.workflows()
    host.refresh()
    assert host.load_workflow("zoo/count").id == "zoo/count"
    assert [one.name for one in host.readers()][-1:] == ["toys"]
    assert "zoo" in [one.name for one in host.readers()]


def test_a_refresh_that_fails_leaves_everything_as_it_was(installed):
    folder = installed.add("toys", code=READER.format(name="toys"))
    host = PluginHost(["toys"])
    (folder / "domain.yaml").write_text("schema: 2\n")
    with pytest.raises(PluginError, match="is broken"):
        host.refresh()
    assert status(host, "toys") == ("active", "")
    assert "toys/count" in host.workflows()
    assert "toys" in [one.name for one in host.readers()]


def test_a_plugin_mended_meanwhile_is_active_after_a_refresh(installed):
    folder = installed.add("toys", code="1 / 0\n")
    host = PluginHost()
    with pytest.warns(MetierWarning, match="left out"):
        host.activate()
    (folder / "__init__.py").write_text(READER.format(name="toys") + "# mended\n")
    host.refresh()
    assert "toys" in [one.name for one in host.readers()]
    assert status(host, "toys") == ("active", "")


def test_an_editable_installation_made_meanwhile_is_found_after_a_refresh(
    installed, tmp_path, monkeypatch
):
    site = tmp_path / "site-packages"
    site.mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    host = PluginHost()
    folder = installed.add("toys")
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    folder.rename(checkout / folder.name)
    (site / "toys.pth").write_text(f"# made by an installer\nimport sys; 1 / 0\n{checkout}\n")
    host.refresh()
    assert status(host, "toys") == ("active", "")
    assert host.load_workflow("toys/count").id == "toys/count"


def test_a_pack_that_was_broken_meanwhile_leaves_the_plugins_as_they_were(installed, tmp_path):
    installed.add("toys")
    pack = tmp_path / "mine.yaml"
    pack.write_text("schema: 1\ndomain: mine\ntitle: My own\n")
    rt = Runtime(packs=[pack])
    installed.add("zoo")
    pack.write_text("schema: 1\n")
    with pytest.raises(PackError, match="domain is missing"):
        rt.refresh()
    assert sorted(rt.domains) == ["core", "mine", "toys"]
    assert "zoo/count" not in rt.workflows
