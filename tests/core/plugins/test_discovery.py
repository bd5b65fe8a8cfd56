"""Discovery: what is found on disk, what becomes of it, and that none of it is run."""

from __future__ import annotations

import importlib
import shutil
import sys
from importlib.metadata import distributions

import pytest

from metier.errors import PluginError
from metier.plugins.discovery import classify, discover, find, load
from metier.plugins.host import PluginHost
from metier.plugins.selection import Selection, choose_plugins

BOOM = "raise RuntimeError('the code of a plugin ran')\n"


def statuses(select="all") -> dict[str, str]:
    return {plugin.name: plugin.status for plugin in discover(choose_plugins(select))}


def reason(name: str) -> str:
    return next(plugin.reason for plugin in discover() if plugin.name == name)


def add_version(installed, old: str, new: str) -> None:
    """Leave the metadata of another version of `toys` behind, as an update that broke off does."""
    there, other = (installed.folder / f"metier_toys-{one}.dist-info" for one in (old, new))
    shutil.copytree(there, other)
    metadata = (other / "METADATA").read_text().replace(f"Version: {old}", f"Version: {new}")
    (other / "METADATA").write_text(metadata)


def test_plugins_are_found_sorted_with_where_they_come_from(installed):
    installed.add("zoo", version="2.1")
    installed.add("art", distribution="Fine_Art.Plugin")
    found = discover()
    assert [(one.name, one.origin, one.status) for one in found] == [
        ("art", "fine-art-plugin 1.0", "active"),
        ("zoo", "metier-zoo 2.1", "active"),
    ]
    assert [one.full_id for one in found[1].domain.instructions] == ["zoo/find@1", "zoo/sort@1"]


def test_manifests_are_read_without_running_the_plugins_code(installed):
    installed.add("toys", code=BOOM, work=BOOM)
    (plugin,) = discover()
    assert plugin.status == "active"
    assert plugin.domain.title == "A domain of toys"
    assert "toy_toys" not in sys.modules


def test_distributions_without_a_plugin_are_not_asked_for_anything(installed):
    installed.add("other", entry_points="[console_scripts]\nother = other:main\n", metadata=None)
    assert discover() == ()


def test_entry_points_that_cannot_be_read_leave_the_others_usable(installed):
    installed.add("junk", entry_points="[metier.plugins]\nthis is no entry point\n")
    installed.add("toys")
    assert statuses()["toys"] == "active"


@pytest.mark.parametrize("metadata", [None, "Metadata-Version: 2.1\n"])
def test_a_plugin_without_metadata_is_broken(installed, metadata):
    installed.add("toys", metadata=metadata)
    installed.add("zoo")
    assert statuses() == {"toys": "broken", "zoo": "active"}
    assert "install it again" in reason("toys")


def test_a_distribution_that_stands_on_the_path_twice_is_found_once(installed):
    installed.add("toys", version="1.0")
    other = installed.folder.parent / "other"
    other.mkdir()
    found = find(distributions(path=[str(installed.folder), str(other), str(installed.folder)]))
    assert [(one.name, one.version) for one in found] == [("toys", "1.0")]


@pytest.mark.parametrize("by", ["toys", "metier-toys", "games"])
def test_a_plugin_is_selected_by_its_own_its_distributions_or_its_domains_name(installed, by):
    installed.add("toys", domain="games")
    installed.add("zoo")
    assert statuses([by]) == {"toys": "active", "zoo": "disabled"}
    assert statuses([]) == {"toys": "disabled", "zoo": "disabled"}


def test_a_plugin_nobody_asked_for_is_disabled_even_if_it_is_broken(installed):
    installed.add("toys", manifest="schema: 2\n")
    assert statuses([]) == {"toys": "disabled"}
    assert statuses(["toys"]) == {"toys": "broken"}


def test_a_broken_manifest_is_said_with_line_column_and_close_name(installed):
    installed.add("toys", manifest="schema: 1\ndomain: toys\ntitle: Toys\n  \ninstuctions: []\n")
    installed.add("zoo")
    assert statuses() == {"toys": "broken", "zoo": "active"}
    expected = "domain.yaml, line 5, column 1: unknown key 'instuctions'."
    assert reason("toys") == f"{expected} Did you mean 'instructions'?"


def test_a_package_that_is_gone_is_broken(installed):
    installed.add("toys", entry_points="[metier.plugins]\ntoys = toy_gone\n")
    assert statuses() == {"toys": "broken"}
    assert "'toy_gone' is not importable" in reason("toys")


@pytest.mark.parametrize("value", ["toy_toys:plugin", "toy_toys.work", "7toys"])
def test_an_entry_point_that_names_no_package_is_broken(installed, value):
    installed.add("toys", entry_points=f"[metier.plugins]\ntoys = {value}\n")
    assert statuses() == {"toys": "broken"}
    assert "not the name of a top-level package" in reason("toys")


@pytest.mark.parametrize(
    ("value", "owner"),
    [("os", "Python"), ("json", "Python"), ("sys", "Python"), ("metier", "metier")],
)
def test_an_entry_point_that_names_a_package_of_others_is_broken(installed, value, owner):
    installed.add("toys", entry_points=f"[metier.plugins]\ntoys = {value}\n")
    assert statuses() == {"toys": "broken"}
    assert f"{value!r} is not a package of its own but one of {owner} itself" in reason("toys")


@pytest.mark.parametrize(
    "name", ["", " ", "two words", "a,b", "all", "none", "-toys", "to/ys", "!"]
)
def test_an_entry_point_that_no_list_of_plugins_can_name_is_broken(installed, name):
    installed.add("toys", entry_points=f"[metier.plugins]\n{name} = toy_toys\n")
    installed.add("zoo")
    assert statuses() == {name.strip(): "broken", "zoo": "active"}
    assert "can be neither chosen nor blocked" in reason(name.strip())
    assert PluginHost(block=["metier-toys"], strict=True).workflows()["zoo/count"]


def test_a_plugin_inside_an_archive_is_broken_rather_than_active_with_nothing(
    installed, tmp_path, monkeypatch
):
    folder = installed.add("toys")
    archive = shutil.make_archive(str(tmp_path / "toys"), "zip", folder.parent, folder.name)
    shutil.rmtree(folder)
    monkeypatch.setattr(sys, "path", [*sys.path, archive])
    assert statuses() == {"toys": "broken"}
    assert f"is not in a folder but inside {archive}" in reason("toys")
    with pytest.raises(PluginError, match="1 plugin cannot be used"):
        PluginHost(strict=True)


@pytest.mark.parametrize("kind", [RuntimeError, BaseException])
def test_a_finder_that_fails_leaves_the_others_usable(installed, monkeypatch, kind):
    class Finder:
        def find_spec(self, name, path=None, target=None):
            if name == "toy_toys":
                raise kind("the mapping of an editable install is gone")

    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    installed.add("toys")
    installed.add("zoo")
    assert statuses() == {"toys": "broken", "zoo": "active"}
    assert reason("toys") == f"{kind.__name__}: the mapping of an editable install is gone"


def test_a_module_that_was_put_into_the_program_by_hand_is_broken_not_fatal(installed, monkeypatch):
    installed.add("toys")
    module = importlib.util.module_from_spec(importlib.machinery.ModuleSpec("toy_toys", None))
    module.__spec__ = None
    monkeypatch.setitem(sys.modules, "toy_toys", module)
    assert statuses() == {"toys": "broken"}


def test_two_plugins_of_one_domain_are_in_conflict_and_name_each_other(installed):
    installed.add("toys", domain="games", version="1.0")
    installed.add("fun", domain="games", version="2.0")
    assert statuses() == {"fun": "conflict", "toys": "conflict"}
    assert reason("toys") == reason("fun")
    assert reason("fun").startswith(
        "domain 'games' is brought by metier-fun 2.0 and metier-toys 1.0: uninstall all but one"
    )
    assert "METIER_BLOCK_PLUGINS=metier-fun" in reason("fun")


def test_selecting_one_of_two_in_conflict_settles_it(installed):
    installed.add("toys", domain="games")
    installed.add("fun", domain="games")
    assert statuses(["metier-fun"]) == {"fun": "active", "toys": "disabled"}
    assert statuses(["games"]) == {"fun": "conflict", "toys": "conflict"}


def test_blocking_one_of_two_in_conflict_settles_it(installed, monkeypatch):
    installed.add("toys", domain="games")
    installed.add("fun", domain="games")
    monkeypatch.setenv("METIER_BLOCK_PLUGINS", "metier-fun")
    assert statuses() == {"fun": "disabled", "toys": "active"}


def test_the_domain_of_metier_itself_belongs_to_no_plugin(installed):
    installed.add("toys", domain="core")
    assert statuses() == {"toys": "broken"}
    assert "'core', which is metier's own" in reason("toys")


def test_an_instruction_of_another_domain_breaks_its_plugin(installed):
    folder = installed.add("toys")
    manifest = (folder / "domain.yaml").read_text()
    (folder / "domain.yaml").write_text(manifest.replace("- id: find", "- id: zoo/find"))
    assert statuses() == {"toys": "broken"}
    assert "line 5" in reason("toys")


def test_two_distributions_with_a_plugin_of_one_name_are_in_conflict(installed):
    installed.add("toys", domain="a", distribution="one", package="toy_one")
    installed.add("toys", domain="b", distribution="two", package="toy_two")
    found = discover()
    assert [one.status for one in found] == ["conflict", "conflict"]
    assert "plugin name 'toys' is brought by one 1.0 and two 1.0" in found[0].reason


def test_a_namespace_package_may_bring_a_domain(installed):
    folder = installed.add("toys", code=BOOM)
    (folder / "__init__.py").unlink()
    (plugin,) = discover()
    assert (plugin.status, plugin.domain.domain) == ("active", "toys")


def test_another_version_further_along_the_path_is_shadowed(installed):
    installed.add("toys", version="2.0")
    add_version(installed, "2.0", "1.0")
    every = list(distributions(path=[str(installed.folder)]))
    new_first = sorted(every, key=lambda one: one.version, reverse=True)
    found = classify(load(find(new_first)), Selection())
    assert [(one.version, one.status) for one in found] == [("2.0", "active"), ("1.0", "shadowed")]
    assert found[1].reason == "Python finds metier-toys 2.0 first: uninstall one of the two"


def test_a_shadowed_version_takes_nothing_from_the_one_that_is_used(installed):
    installed.add("toys")
    add_version(installed, "1.0", "0.9")
    host = PluginHost(["toys"], strict=True)
    assert [plugin.status for plugin in host.plugins] == ["active", "shadowed"]
    assert "toys/count" in host.workflows()
    assert [len(host.domains_of(plugin)) for plugin in host.plugins] == [1, 0]
