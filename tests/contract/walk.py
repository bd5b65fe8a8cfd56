"""A reader who follows a page from top to bottom: writes its files, types its commands."""

from __future__ import annotations

import contextlib
import importlib
import io
import math
import os
import re
import shlex
import subprocess
import sys
import tomllib
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.contract.pages import ROOT, Block

from metier.cli.main import main
from metier.errors import MetierWarning

NOT_OURS = ("pip ", "make ", "python3 -m venv ", ". .venv/", "hf ", "git ", ".venv/bin/ruff ")
"""Beginnings of commands that set up a machine; they are shown and never run here."""

_EDITABLE = re.compile(r"pip install -e '?(?P<folder>[\w./-]+)(\[\w+\])?'?$")
"""A project that the page itself made; what it needs is there."""

_NUMBER = re.compile(r"((?<![\d.])-?\d+\.\d+)")
_TOLERANCE = 0.02
"""Scores differ in the third decimal between number formats and builds of torch."""


class Walk:
    """One page, in one folder, with one Python session.

    The folder looks like a checkout in two things: `plugins/` is there, with the samples, and
    `examples/`.
    """

    def __init__(
        self,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self._folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self._session: dict[str, Any] = {"__name__": "__page__"}
        for name in ("plugins", "examples"):
            (folder / name).symlink_to(ROOT / name)
        monkeypatch.chdir(folder)
        monkeypatch.setenv("COLUMNS", "100")
        monkeypatch.setenv("METIER_DTYPE", "float32")  # the figures on the pages are of float32
        for setting in ("MODEL", "RERANKER", "DEVICE"):
            monkeypatch.delenv(f"METIER_{setting}", raising=False)

    def follow(self, block: Block) -> None:
        """Do what a block asks for; fail where it cannot be done or shows another output."""
        if block.file is not None:
            self._write(block)
        elif block.not_run is not None:
            return
        elif block.language == "python":
            self._run_python(block)
        elif block.language in ("console", "bash"):
            for command, shown, exits in commands_of(block):
                self._run_command(block, command, shown, exits)

    def _write(self, block: Block) -> None:
        assert block.file is not None
        path = self._folder / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.code + "\n", encoding="utf-8")
        self.forget()

    def forget(self) -> None:
        """Forget modules imported from the page's folder: their files may have changed."""
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if file is not None and Path(file).is_relative_to(self._folder):
                del sys.modules[name]
        importlib.invalidate_caches()

    def _run_python(self, block: Block) -> None:
        # the line numbers of a traceback are those of the page
        code = compile("\n" * block.line + block.code, str(block.page), "exec")
        printed = io.StringIO()
        with strict_warnings(block), contextlib.redirect_stdout(printed):
            try:
                exec(code, self._session)  # noqa: S102  # the page's own example
            except Exception:
                pytest.fail(f"{block} fails:\n{traceback.format_exc()}")
        if block.output is not None:
            problem = difference(block.output, printed.getvalue())
            assert problem is None, f"{block} prints something else: {problem}"

    def _install(self, folder: Path) -> None:
        install(folder)
        self._monkeypatch.syspath_prepend(str(folder))

    def _run_command(self, block: Block, command: str, shown: str, exits: int) -> None:
        editable = _EDITABLE.match(command)
        if editable and (self._folder / editable["folder"] / "pyproject.toml").is_file():
            self._install(self._folder / editable["folder"])
            return
        if command.startswith(NOT_OURS):
            return
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            self._monkeypatch.setenv(name, value)
            return
        if command.startswith("pytest "):
            self._compare(block, command, shown, exits, *self._run_pytest(command))
            return
        source, _, call = command.rpartition(" | ")
        words = shlex.split(call, comments=True)
        assert words[0] == "metier", f"{block}: {command!r} is not a command the tests know"
        piped = b""
        if source:
            piped = subprocess.run(source, shell=True, check=True, capture_output=True).stdout
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped)))
        self._capsys.readouterr()
        code = main(words[1:])
        printed = self._capsys.readouterr()
        self._compare(block, command, shown, exits, code, printed.out + printed.err)

    def _run_pytest(self, command: str) -> tuple[int, str]:
        """Run the tests of a project of the page in a process of their own."""
        environment = os.environ | {
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": os.pathsep.join(sys.path),
            "OMP_NUM_THREADS": "1",
        }
        call = ["-m", "pytest", "-p", "metier.testing.plugin", *shlex.split(command)[1:]]
        done = subprocess.run(
            [sys.executable, *call], capture_output=True, text=True, env=environment, check=False
        )
        return done.returncode, done.stdout + done.stderr

    def _compare(
        self, block: Block, command: str, shown: str, exits: int, code: int, printed: str
    ) -> None:
        assert code == exits, f"{block}: {command!r} exits with {code}:\n{printed}"
        problem = difference(shown, printed) if shown else None
        assert problem is None, f"{block}: {command!r} prints something else: {problem}"


def commands_of(block: Block) -> list[tuple[str, str, int]]:
    """Commands with the output shown and the exit code stated, which is that of the last one.

    In a `console` block a command begins with `$ ` and the rest is output; in a `bash` block
    every line is a command. A backslash at the end goes on in the next line.
    """
    found: list[tuple[str, list[str]]] = []
    for line in block.code.replace("\\\n", " ").splitlines():
        if block.language == "bash" or line.startswith("$ "):
            command = line.removeprefix("$ ").strip()
            if command and not command.startswith("#"):
                found.append((" ".join(command.split()), []))
        else:
            assert found, f"{block}: the first line is no command (it begins with '$ ')"
            found[-1][1].append(line)
    last = len(found) - 1
    return [
        (command, "\n".join(output), block.exits if index == last else 0)
        for index, (command, output) in enumerate(found)
    ]


def difference(shown: str, printed: str) -> str | None:
    """What of a shown output was not printed; None if all of it was.

    Runs of spaces count as one, `...` stands for any lines or, inside a line, for any text, and
    numbers with a decimal point may differ a little.
    """
    lines = [_squeezed(line) for line in printed.splitlines()]
    at = 0
    for part in re.split(r"^\.\.\.$", shown.strip(), flags=re.MULTILINE):
        wanted = [_squeezed(line) for line in part.strip().splitlines()]
        places = range(at, len(lines) - len(wanted) + 1)
        found = next((place for place in places if _alike(wanted, lines[place:])), None)
        if found is None:
            return f"\n--- shown\n{part.strip()}\n--- printed\n{printed}"
        at = found + len(wanted)
    return None


def _alike(wanted: list[str], lines: list[str]) -> bool:
    return all(_same_line(one, other) for one, other in zip(wanted, lines, strict=False))


def _same_line(shown: str, printed: str) -> bool:
    parts = [_NUMBER.split(part) for part in shown.split("...")]
    numbers = [number for part in parts for number in part[1::2]]
    texts = [_NUMBER.pattern.join(map(re.escape, part[::2])) for part in parts]
    match = re.fullmatch(".*".join(texts), printed)
    return match is not None and all(
        math.isclose(float(left), float(right), abs_tol=_TOLERANCE)
        for left, right in zip(numbers, match.groups(), strict=True)
    )


def _squeezed(line: str) -> str:
    return " ".join(line.split())


@contextlib.contextmanager
def strict_warnings(block: Block) -> Iterator[None]:
    """Fail on a warning; a MetierWarning is fine where the page speaks of it in the block."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("error")
        warnings.simplefilter("always", MetierWarning)
        yield
    unexplained = [str(one.message) for one in said if "MetierWarning" not in block.code]
    assert not unexplained, f"{block} warns and does not say so: {unexplained}"


def install(folder: Path) -> None:
    """Leave a source folder as `pip install -e` does: importable, with metadata beside it."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, version = project["name"], project["version"]
    metadata = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    metadata.mkdir(exist_ok=True)
    facts = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    facts += [f"Requires-Dist: {one}" for one in project.get("dependencies", [])]
    (metadata / "METADATA").write_text("\n".join(facts) + "\n")
    groups = [
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in entries.items())
        for group, entries in project.get("entry-points", {}).items()
    ]
    (metadata / "entry_points.txt").write_text("\n".join(groups))
