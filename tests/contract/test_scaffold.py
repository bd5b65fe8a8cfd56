"""What `metier plugins new` writes is a good plugin: installed, tested, checked, run, removed."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from tests.contract.pages import ROOT, blocks_of

from metier.scaffold.project import LONGEST, NewPlugin, new_plugin

NAME = "acme-insurance"
TEMPLATE = ROOT / "core" / "metier" / "scaffold" / "template"


class Environment:
    """An environment of its own with what the running one has; what is installed stays in it."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, with_pip=False, symlinks=os.name != "nt")
        scripts = "Scripts" if os.name == "nt" else "bin"
        self._python = folder / scripts / "python"
        own = sysconfig.get_path("purelib", "venv", vars={"base": str(folder)})
        # a .pth file found on the way is read only where the folder is added as one of packages
        running = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
        lines = [f"import site; site.addsitedir({folder!r})\n" for folder in sorted(running)]
        (Path(own) / "running.pth").write_text("".join(lines), encoding="utf-8")

    def python(self, *arguments: str, cwd: Path) -> str:
        """Run `python ...` without a setting of the user, and return what it printed."""
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("METIER_", "PIP_", "PYTHON", "PYTEST_"))
        }
        clean |= {"METIER_CACHE_DIR": os.environ["METIER_CACHE_DIR"], "OMP_NUM_THREADS": "1"}
        clean |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            # -P: the package that is installed is used, not the folder of the project
            [str(self._python), "-P", "-m", *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=cwd,
            env=clean,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def pip(self, *arguments: str) -> None:
        """Run pip of the running environment in this one; nothing is looked up anywhere."""
        self.python("pip", "--isolated", "--disable-pip-version-check", *arguments, cwd=ROOT)

    def plugins(self) -> dict[str, str]:
        """Status of each plugin by name."""
        listed = json.loads(self.python("metier", "plugins", "--json", cwd=ROOT))
        return {one["name"]: one["status"] for one in listed}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> NewPlugin:
    return new_plugin(NAME, tmp_path_factory.mktemp("new"))


@pytest.mark.slow
def test_a_new_plugin_is_installed_tested_checked_run_and_removed(project, tmp_path):
    environment, folder = Environment(tmp_path / "environment"), project.folder
    environment.pip(
        *("install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", str(folder))
    )
    assert environment.plugins()[NAME] == "active"

    said = environment.python(
        *("pytest", "-q", "-p", "metier.testing.plugin", "-p", "no:cacheprovider"),
        cwd=folder,
    )
    assert re.search(r"^\d+ passed, 3 skipped in", said, re.MULTILINE), said
    assert said.count("SKIPPED") == 3
    assert "default-dim: it needs a model" in said

    (checked,) = json.loads(
        environment.python("metier", "plugins", "check", NAME, "--json", cwd=folder)
    )
    passed = {one["name"]: one["status"] == "passed" for one in checked["checks"]}
    unseen = {name for name in passed if not passed[name]}
    assert unseen == {"splitter", "default-dim", "evidence"}

    show, run = commands_of(folder)
    shown = environment.python("metier", *show, "--json", cwd=folder)  # a table may break ids
    assert f"{NAME}/group-notes@1" in shown
    assert "Best 3 of 8 notes for: when are" in environment.python("metier", *run, cwd=folder)

    environment.pip("uninstall", "--quiet", "--yes", f"metier-{NAME}")
    assert NAME not in environment.plugins()


def commands_of(folder: Path) -> list[list[str]]:
    """The arguments of `metier` in the first block of a project's readme."""
    first = blocks_of(folder / "README.md")[0]
    lines = first.code.replace("\\\n", " ").splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith("metier ")]


@pytest.mark.parametrize("name", ["x", NAME, "a" * LONGEST])
def test_ruff_has_nothing_to_say_of_a_new_plugin(tmp_path, name):
    folder = new_plugin(name, tmp_path).folder
    for arguments in (["check"], ["format", "--check"]):
        call = [sys.executable, "-m", "ruff", *arguments, "--no-cache", "."]
        done = subprocess.run(call, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


LARGE = """
[[tool.mypy.overrides]]  # libraries whose types a new plugin does not use, and that take longest
module = ["torch.*", "transformers.*", "pandas.*"]
follow_imports = "skip"
"""


@pytest.mark.slow
def test_mypy_has_nothing_to_say_of_a_new_plugin(project, pytestconfig, tmp_path):
    config = (project.folder / "pyproject.toml").read_text(encoding="utf-8")
    assert "strict = true" in config
    (tmp_path / "pyproject.toml").write_text(config + LARGE, encoding="utf-8")
    cache = pytestconfig.cache.mkdir("mypy")  # what it read of metier itself, for the next time
    call = [sys.executable, "-m", "mypy", "--cache-dir", str(cache)]
    call += ["--config-file", str(tmp_path / "pyproject.toml")]
    done = subprocess.run(call, cwd=project.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues found in 4 source files" in done.stdout


def test_the_wheel_of_metier_brings_every_file_of_the_template(tmp_path):
    call = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(call, cwd=ROOT, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("metier-*.whl")
    files = [path for path in TEMPLATE.rglob("*") if path.is_file()]
    assert files
    with zipfile.ZipFile(wheel) as built:
        shipped = set(built.namelist())
    within = ROOT / "core"
    assert [path for path in files if path.relative_to(within).as_posix() not in shipped] == []
