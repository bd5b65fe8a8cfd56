"""Ways to run the command line: in this process, which is fast, or in a clean one."""

from __future__ import annotations

import importlib.metadata
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.core.cli.fake import MANIFEST, WORKFLOWS, install

from metier.cli.main import main

CORE = Path(__file__).parents[3] / "core"


class Finished(NamedTuple):
    code: int
    out: str
    err: str


Metier = Callable[..., Finished]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of installed distributions: a plugin that works and one that does not."""
    folder = tmp_path_factory.mktemp("site")
    install(folder, "toy", MANIFEST, workflows=WORKFLOWS)
    install(folder, "broken", "schema: 1\ndomain: broken\ntitle: Broken\nworkflow: []\n")
    return folder


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Let the distributions of a folder be the only ones installed."""
    everything = importlib.metadata.distributions

    def restrict(folder: Path) -> None:
        monkeypatch.syspath_prepend(str(folder))
        monkeypatch.setattr(
            "metier.plugins.discovery.distributions", lambda: everything(path=[str(folder)])
        )

    return restrict


@pytest.fixture
def metier(
    site: Path,
    only: Callable[[Path], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Metier:
    """Run `metier ...` in this process and an empty folder."""
    only(site)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)

    def run(*arguments: str, stdin: str = "") -> Finished:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        code = main(arguments)
        said = capsys.readouterr()
        return Finished(code, _plain(said.out), _plain(said.err))

    return run


@pytest.fixture
def process(site: Path, tmp_path: Path) -> Metier:
    """Run `python ...` in a clean process and an empty folder."""

    def run(*arguments: str, **environment: str) -> Finished:
        fresh = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("COLUMNS", "PYTHON"))
        }
        fresh |= {"PYTHONPATH": f"{site}{os.pathsep}{CORE}"}
        done = subprocess.run(
            [sys.executable, *arguments],
            capture_output=True,
            cwd=tmp_path,
            env=fresh | environment,
            timeout=120,
            check=False,
        )
        out, err = (_plain(raw.decode(errors="replace")) for raw in (done.stdout, done.stderr))
        return Finished(done.returncode, out, err)

    return run


@pytest.fixture
def toys(tmp_path: Path) -> Path:
    """A small CSV file."""
    path = tmp_path / "toys.csv"
    path.write_text("id,text,price\na,a bear,5\nb,a train of wood,9\n")
    return path


@pytest.fixture
def tales(tmp_path: Path) -> Path:
    """A folder of two documents."""
    folder = tmp_path / "tales"
    (folder / "old").mkdir(parents=True)
    (folder / "fox.md").write_text("# The fox\n\nThe fox and the sour grapes.\n")
    (folder / "old" / "crow.txt").write_text("The crow with cheese in its beak.\n")
    return folder


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table of two documents with fields."""
    path = tmp_path / "tales.csv"
    path.write_text("id,text,year,land\na,a hare lost,1668,France\nb,an ant sang,1700,Greece\n")
    return path


@pytest.fixture
def index(metier: Metier, qwen3_folder: Path) -> Metier:
    """Run `metier index ...` on one index, with a tiny model where one is needed."""

    def run(command: str, *arguments: str, stdin: str = "") -> Finished:
        model = ("--model", str(qwen3_folder)) if command == "build" else ()
        return metier("index", command, *arguments, "--at", "here", *model, stdin=stdin)

    return run


def _plain(text: str) -> str:
    # where CI asks for color, Typer's help has it
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
