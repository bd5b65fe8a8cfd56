"""Looking again: what was installed meanwhile is there, and loaded models stay."""

from __future__ import annotations

import sys

import pytest
from tests.core.plugins.sources import READER, status

from metier import Runtime
from metier.errors import MetierWarning, PackError, PluginError
from metier.plugins.host import PluginHost


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
