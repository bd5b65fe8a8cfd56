"""All checks of a plugin at once: by the command, in pytest, and of code that ends its process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile

import pytest
from tests.core.testing.conforming import METADATA, NAME, PACKAGE, excused, install_conforming

from metier.cli.main import main
from metier.errors import UsageError
from metier.testing import FakeEmbedder, PluginConformance
from metier.testing.conformance.subject import Subject
from metier.testing.conformance.suite import CHECKS, examine

BY_NAME = {check.name: check for check in CHECKS}


def test_a_plugin_that_conforms_passes_every_check_that_needs_no_model(installed):
    install_conforming(installed)
    found = {one.check.name: (one.status, one.lines) for one in examine(Subject.named(NAME))}
    assert list(found) == [check.name for check in CHECKS]
    assert [found.pop(name)[0] for name in ("default-dim", "evidence")] == ["not run"] * 2
    assert {status for status, _ in found.values()} == {"passed"}, found


@pytest.mark.parametrize(
    ("install", "said"),
    [
        ({"code": "import a_package_nobody_has\n"}, rf"a_package_nobody_has' \(.*{PACKAGE}/__init"),
        ({"metadata": METADATA + "Requires-Dist: metier[nothing]\n"}, "the extra 'nothing'"),
    ],
)
def test_of_a_plugin_that_cannot_be_used_the_reason_is_told_and_nothing_passes(
    installed, install, said
):
    install_conforming(installed, **install)
    found = {one.check.name: one for one in examine(Subject.named(NAME))}
    assert found["loads"].status == "failed"
    assert re.search(said, found["loads"].lines[0])
    others = {one.status for name, one in found.items() if name not in ("loads", "metadata")}
    assert others == {"not run"}


END = "import os; os._exit(0)\n"
REFUSAL = 'raise InputError(f"There is no file {str(path)!r}.", fix="Check the path.")'
READERS = "import metier, os\n@metier.hookimpl\ndef metier_readers(): os._exit(3)\n"


@pytest.mark.parametrize(
    ("check", "changes", "code"),
    [
        ("loads", (), END),
        ("hooks", (), READERS),
        ("results", (("    words = path", f"    {END}    words = path"),), ""),
        ("hostile-input", ((REFUSAL, END),), ""),
    ],
)
def test_code_that_ends_the_process_fails_the_check_it_does_so_in(installed, check, changes, code):
    install_conforming(installed, *changes, code=code)
    found = examine(Subject.named(NAME))
    place = [one.check.name for one in found].index(check)
    assert [one.check for one in found] == list(CHECKS)
    assert {one.status for one in found[:place]} <= {"passed"}
    assert found[place].status == "failed"
    assert "ends the process that runs it, with exit code" in found[place].lines[0]
    assert {one.status for one in found[place + 1 :]} == {"not run"}


def test_what_a_plugin_writes_and_changes_does_not_reach_the_report(installed, capfd):
    install_conforming(
        installed,
        code="import atexit, os, sys\nos.write(1, b'noise')\nsys.stdout = None\nsys.path.clear()\n"
        "atexit.register(os.write, 1, b'more noise')\n",
    )
    path = list(sys.path)
    main(["plugins", "check", NAME, "--json"])
    (said,) = json.loads(capfd.readouterr().out)
    assert [one["name"] for one in said["checks"]] == list(BY_NAME)
    assert sys.path == path
    assert PACKAGE not in sys.modules


def test_settings_and_packs_of_user_and_project_decide_nothing(installed, tmp_path, monkeypatch):
    install_conforming(installed)
    packs = tmp_path / "config" / "metier" / "packs"
    packs.mkdir(parents=True)
    (packs / "broken.yaml").write_text("schema: 1\ndomian: x\n", encoding="utf-8")
    (tmp_path / "metier.toml").write_text('[packs]\npaths = ["nowhere.yaml"]\n', encoding="utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("WIN_PD_OVERRIDE_APPDATA", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # whatever is made there is below it
    assert {one.status for one in examine(Subject.named(NAME))} == {"passed", "not run"}


def test_with_a_model_the_sizes_are_measured_and_the_rest_is_the_same(installed):
    install_conforming(installed)
    found = examine(Subject.named(NAME, embedder=FakeEmbedder(dim=512)))
    assert [one.check for one in found] == list(CHECKS)
    assert {one.check.name: one.status for one in found if one.status != "passed"} == {
        "evidence": "not run"
    }


def test_of_two_versions_the_one_that_is_imported_is_checked(installed, capsys, tmp_path):
    install_conforming(installed)
    info = installed.folder / "metier_acme_toys-0.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(METADATA.format(name="metier-acme-toys", version="0.9"))
    live = installed.folder / "metier_acme_toys-1.0.dist-info"
    (info / "entry_points.txt").write_text((live / "entry_points.txt").read_text())
    main(["plugins", "check", "--json"])
    said = capsys.readouterr()
    assert len(json.loads(said.out)) == 1
    assert "is left out: Python finds" in said.err


@pytest.mark.parametrize("name", ["test_conforms", "setup_class"])
def test_a_subclass_cannot_leave_checks_out(name):
    with pytest.raises(UsageError, match=f"TestLess has a {name} of its own"):
        type("TestLess", (PluginConformance,), {"plugin": NAME, name: lambda self: None})


def test_the_command_says_what_was_found_and_exits_with_1_on_a_failure(installed, capsys):
    install_conforming(installed, ("Toys and wishes", "acme-toys"))
    assert main(["plugins", "check", NAME, "--model", "embedded", "--json"]) == 1
    (said,) = json.loads(capsys.readouterr().out)
    failed = [one for one in said["checks"] if one["status"] == "failed"]
    assert [one["name"] for one in failed] == ["manifest"]
    assert failed[0]["fix"] == BY_NAME["manifest"].fix
    assert (said["distribution"], said["conforms"]) == ("metier-acme-toys", False)
    (sizes,) = [check for check in said["checks"] if check["name"] == "default-dim"]
    assert sizes["status"] == "not run"
    assert "no MRL" in str(sizes)


def test_the_command_checks_every_plugin_that_may_be_active(installed, capsys, monkeypatch):
    installed.add("broken", code="import a_package_nobody_has\n")
    installed.add("blocked")
    monkeypatch.setenv("METIER_BLOCK_PLUGINS", "blocked")
    assert main(["plugins", "check"]) == 1
    said = capsys.readouterr()
    assert re.search(r"metier-broken 1.0: 2 failed, \d+ not run", said.out)
    assert "metier-blocked 1.0 is left out: 'blocked' is blocked by" in said.err


def test_the_command_refuses_a_name_that_nothing_has(installed, capsys):
    assert main(["plugins", "check", "nothing"]) == 2
    assert "There is no plugin 'nothing'" in capsys.readouterr().err


AUTHOR = f"""
from metier.testing import PluginConformance

class TestConformance(PluginConformance):
    plugin = "{NAME}"

class TestNothing(PluginConformance):
    pass
"""


def test_in_pytest_every_check_is_a_test_of_its_own(installed, tmp_path):
    folder = install_conforming(
        installed,
        ("Toys and wishes", "acme-toys"),
        ("demo: {path: samples/toys.csv}", "demo: {path: samples/toy.csv}"),
        excused("manifest"),
    )
    (tmp_path / "test_author.py").write_text(AUTHOR, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    chosen = "manifest or demo or ids or default or excuses"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", "test_author.py", "-k", chosen],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(folder.parent), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    said = done.stdout
    assert done.returncode == 1, said + done.stderr
    for status, name in [
        ("PASSED", "ids"),
        ("PASSED", "excuses"),
        ("XFAIL", "manifest"),
        ("FAILED", "demo"),
    ]:
        assert f"{status} test_author.py::TestConformance::test_conforms[{name}]" in said
    assert re.search(r"SKIPPED .*default-dim: it needs a model", said)
    assert BY_NAME["demo"].fix in said
    assert "Toys are known by their names alone" in said
    assert "TestNothing does not say which plugin it is about" in said
