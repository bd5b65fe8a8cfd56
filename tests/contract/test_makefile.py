"""The first minutes in a checkout: what `make` says, and what it keeps to itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")

PYTHON = """\
#!/bin/sh
case "$*" in
    *pip*) i=0; while [ $i -lt 300 ]; do i=$((i + 1)); echo "Collecting package-$i"; done
           echo "ERROR: the end of pip" >&2; exit {code};;
    *pytest*) echo "tests ran";;
esac
"""
METIER = """\
#!/bin/sh
echo "metier $*"
"""


@pytest.fixture
def make(tmp_path):
    """Run a task in a copy of the checkout whose environment has programs that only talk."""

    def run(task: str, pip_code: int = 0) -> subprocess.CompletedProcess[str]:
        for name in ("Makefile", "pyproject.toml", "constraints.txt", "plugins/*/pyproject.toml"):
            for file in ROOT.glob(name):
                copy = tmp_path / file.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file, copy)
        programs = tmp_path / ".venv" / "bin"
        programs.mkdir(parents=True, exist_ok=True)
        for name, content in {"python": PYTHON.format(code=pip_code), "metier": METIER}.items():
            (programs / name).write_text(content)
            (programs / name).chmod(0o755)
        environment = {name: value for name, value in os.environ.items() if name[:4] != "MAKE"}
        return subprocess.run(
            ["make", task],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_the_demo_says_first_how_big_it_is_and_last_what_is_next(make, tmp_path):
    done = make("demo")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "1.6 GB on disk and some minutes" in lines[0]
    assert "What pip says goes to .venv/install.log." in lines
    assert "metier demo --out build/demo" in lines
    assert lines[-1] == "To have metier on your path:  . .venv/bin/activate"
    assert "Collecting" not in done.stdout + done.stderr
    assert len((tmp_path / ".venv" / "install.log").read_text().splitlines()) == 301


def test_what_is_installed_is_not_installed_again(make):
    make("demo")
    done = make("demo")
    assert done.stdout.splitlines()[0] == "metier demo --out build/demo"


@pytest.mark.parametrize("task", ["demo", "test"])
def test_a_failed_installation_shows_the_end_of_what_pip_said(make, task):
    done = make(task, pip_code=1)
    assert done.returncode != 0
    assert "ERROR: the end of pip" in done.stdout
    assert "Collecting package-290" in done.stdout
    assert "Collecting package-100" not in done.stdout
    assert "pip failed: above is the end of .venv/install.log." in done.stdout
    assert "tests ran" not in done.stdout


def test_tests_are_installed_for_as_quietly(make):
    done = make("test")
    assert done.returncode == 0
    assert "3.3 GB" in done.stdout
    assert "tests ran" in done.stdout
    assert "Collecting" not in done.stdout
