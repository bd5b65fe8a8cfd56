"""Whatever is installed, `metier plugins` lists it, says what became of it, and runs no plugin."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.distributions import install_all

from metier import MetierWarning, Runtime
from metier.cli.main import main
from metier.testing import FakeEmbedder

CORE = Path(__file__).parents[2] / "core"

DECLARED = {
    "success": ("active", ""),
    "import-error-code": ("active", ""),
    "syntax-error-code": ("active", ""),
    "no-manifest": ("broken", "No module named 'a_package_nobody_has' ({folder}"),
    "old-api": ("incompatible", "written for version 0 of the plugin API, and metier"),
    "this-api": ("active", ""),
    "missing-extra": ("incompatible", "needs the extra 'an-extra-nobody-has' of metier"),
    "optional-extra": ("active", ""),
    "one-of-two": ("conflict", "metier-one-of-two 1.0 and metier-two-of-two 2.0: uninstall all"),
    "two-of-two": ("conflict", "metier-one-of-two 1.0 and metier-two-of-two 2.0: uninstall all"),
    "same-instruction": ("broken", "instruction find@1 is defined more than once"),
    "misspelt-code": ("active", ""),
    "raising-code": ("active", ""),
    "slow": ("active", ""),
    "blocked": ("disabled", "'metier-blocked' is blocked by METIER_BLOCK_PLUGINS"),
}
"""What a listing says of each, from metadata and manifests."""

IMPORTED = {
    "import-error-code": "No module named 'a_package_nobody_has' ({folder}",
    "syntax-error-code": "SyntaxError: invalid syntax ({folder}",
    "misspelt-code": "Did you mean 'metier_before_send'?",
    "raising-code": "metier_readers() failed: The plugin 'raising-code' failed: ZeroDivision",
}
"""What only their code shows, when hooks are first called."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The fake distributions, as the only ones installed."""
    folder = tmp_path / "site"
    folder.mkdir()
    install_all(folder)
    everything = importlib.metadata.distributions
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(
        "metier.plugins.discovery.distributions", lambda: everything(path=[str(folder)])
    )
    monkeypatch.setenv("METIER_BLOCK_PLUGINS", "metier-blocked")
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if name.startswith("toy_"):
            del sys.modules[name]
    importlib.invalidate_caches()


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict, str]:
    code = main(["plugins", "--json", *arguments])
    said = capsys.readouterr()
    return code, {one["name"]: one for one in json.loads(said.out)}, said.err


def test_every_distribution_is_listed_with_what_became_of_it(folder, capsys):
    code, found, err = listed(capsys)
    assert (code, err) == (0, "")
    assert {name: one["status"] for name, one in found.items()} == {
        name: status for name, (status, _) in DECLARED.items()
    }
    for name, (_, reason) in DECLARED.items():
        assert reason.format(folder=folder) in found[name]["reason"]
        assert bool(found[name]["reason"]) == bool(reason)
    imported = {name for name in sys.modules if name.startswith("toy_")}
    assert imported == set()  # one without a manifest was, and it failed


def test_what_cannot_be_used_still_says_what_it_would_bring(folder, capsys):
    _, found, _ = listed(capsys)
    for name in ("old-api", "missing-extra", "blocked", "one-of-two"):
        assert found[name]["workflows"] == 1
    code = main(["run", "missing-extra/count"])
    assert code == 2
    assert "(metier-missing-extra 1.0) is incompatible" in capsys.readouterr().err


def test_the_code_of_plugins_is_judged_when_it_is_first_needed(folder):
    rt = Runtime(block_plugins=["slow"])
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        readers = [reader.name for reader in rt.plugins.readers()]
    assert "csv" in readers
    assert {one.category for one in said} == {MetierWarning}
    found = {one.name: one for one in rt.plugins.plugins}
    for name, reason in IMPORTED.items():
        assert found[name].status == "broken"
        assert reason.format(folder=folder) in found[name].reason
        assert any(repr(name) in str(one.message) for one in said)
    assert rt.plugins.load_workflow("success/count").id == "success/count"


def test_strict_lists_what_the_code_shows_too_and_fails_with_all_of_it(folder, capsys, monkeypatch):
    monkeypatch.setenv("METIER_BLOCK_PLUGINS", "slow,blocked")
    code, found, err = listed(capsys, "--strict")
    assert code == 1
    assert found["misspelt-code"]["status"] == "broken"
    error = json.loads(err)["error"]
    assert error["message"].startswith("9 plugins cannot be used")
    for origin in ("metier-no-manifest 1.0", "metier-one-of-two 1.0, metier-two-of-two 2.0"):
        assert f"{origin}: " in error["why"]


def test_strict_is_silent_where_every_plugin_can_be_used(folder, capsys, monkeypatch):
    monkeypatch.setenv("METIER_PLUGINS", "success,this-api")
    monkeypatch.setenv("METIER_STRICT", "1")
    code, found, err = listed(capsys)
    assert (code, err) == (0, "")
    assert found["slow"]["reason"] == "not among the plugins allowed by METIER_PLUGINS"


@pytest.mark.parametrize(
    "arguments", [("--no-plugins", "run"), ("run", "--no-plugins", "--strict")]
)
def test_without_plugins_metiers_own_workflows_are_left(folder, capsys, arguments):
    assert main([*arguments, "--json"]) == 0
    listed = [one["id"] for one in json.loads(capsys.readouterr().out)]
    assert "core/search" in listed
    assert {name.partition("/")[0] for name in listed} == {"core"}
    assert "METIER_PLUGINS" not in os.environ


def test_a_second_process_lists_without_running_the_slow_one(folder):
    done = subprocess.run(
        [sys.executable, "-m", "metier", "plugins", "show", "slow", "--json"],
        capture_output=True,
        text=True,
        cwd=folder.parent,
        env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{CORE}"},
        timeout=120,  # it would sleep for longer
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "active"


def test_two_runtimes_in_two_threads_see_their_own_plugins_and_packs_alone(folder, tmp_path):
    names = ("success", "this-api")
    both = threading.Barrier(len(names))
    found: dict[str, tuple[list[str], list[str], list[str], str]] = {}
    for name in names:
        (tmp_path / f"{name}.yaml").write_text(
            f"schema: 1\ndomain: mine\ntitle: Of {name}\ninstructions:\n"
            f"  - {{id: find, task: Find what is of {name}, kind: retrieval}}\n"
        )

    def work(name: str) -> None:
        both.wait(60)
        rt = Runtime(FakeEmbedder(), plugins=[name], packs=[tmp_path / f"{name}.yaml"])
        both.wait(60)  # each has its own by now
        rt.refresh()
        rt.plugins.readers()
        workflows = [one for one in rt.workflows if not one.startswith("core/")]
        domains = [one for one in rt.domains if one != "core"]
        ids = [one.full_id for one in rt.instructions if one.domain != "core"]
        both.wait(60)
        found[name] = workflows, domains, ids, rt.explain("mine/find", "a bear").rendered

    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {
        name: (
            [f"{name}/count"],
            sorted(["mine", name]),
            sorted(["mine/find@1", f"{name}/find@1", f"{name}/sort@1"]),
            f"[Find what is of {name}] a bear",
        )
        for name in names
    }
