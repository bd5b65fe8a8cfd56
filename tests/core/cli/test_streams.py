"""Standard output that is closed, full or left early, and a disk that is full: plain errors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from tests.core.cli.conftest import CORE

from metier.cli.app import app

pytestmark = pytest.mark.skipif(os.name != "posix", reason="closed streams are POSIX")

PRINTING = [
    "",
    "--help",
    "--version",
    "run",
    "run --json",
    "run toy/count toys.csv",
    "run toy/count toys.csv --json",
    "run toy/count --help",
    "shell --help",
    "plugins",
    "plugins show toy",
    "plugins list --json",
    "instructions",
    "instructions list --json",
    "instructions show toy/find-toy",
    "instructions search toys",
    "instructions explain toy/find-toy bear --model {model}",
    "models",
    "models --json",
    "cache info",
    "cache info --json",
    "pack schema",
    "pack check pack.yaml",
    "pack show pack.yaml",
    "pack diff pack.yaml",
    "embed toys.csv --model {model}",
    "rerank toys.csv --query bear --reranker {model}",
    "index build toys.csv --at index --model {model}",
    "doctor --device cpu --json",
    "eval labeled --kind clustering --model {model}",
    "demo --model {model}",
    "replay {prepared}/out/run.json toys.csv",
    "index search cars --at {prepared}/index --model {model}",
    "index update toys.csv --at {prepared}/index --model {model} --json",
    "index info --at {prepared}/index",
    "index verify --at {prepared}/index",
    "index purge --at {prepared}/index",
    "index drop --at {prepared}/index --yes",
    "cache clear --yes",
    "pack new drafts --json",
    "plugins new acme --json",
    "plugins check toy",
    "eval sweep labeled --kind clustering --model {model} --resamples 100",
]
"""Every command, with arguments that make it print."""

PACK = """\
schema: 1
domain: tickets
title: Tickets
instructions:
  - {id: similar, task: "Given a ticket, retrieve tickets about the same fault", kind: retrieval}
"""


@pytest.fixture
def shell(site, tmp_path):
    """Run `metier ...` by a shell in a folder with a few files."""
    toys = "".join(f"{number},a train of wood with a number of cars\n" for number in range(40))
    (tmp_path / "toys.csv").write_text(f"id,text\n{toys}")
    (tmp_path / "pack.yaml").write_text(PACK)
    (tmp_path / "labeled").mkdir()
    rows = [{"text": f"a {kind} {n}", "label": kind} for kind in ("bear", "car") for n in range(12)]
    (tmp_path / "labeled" / "items.jsonl").write_text("\n".join(map(json.dumps, rows)))

    def run(line: str, redirection: str, before: str = "") -> subprocess.CompletedProcess[str]:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("COLUMNS", "PYTHON"))
        }
        return subprocess.run(
            f"{before} {sys.executable} -m metier {line} {redirection}",
            shell=True,
            cwd=tmp_path,
            env=environment | {"PYTHONPATH": f"{site}{os.pathsep}{CORE}"},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    return run


@pytest.fixture
def prepared(shell, qwen3_folder, request, tmp_path):
    """Where a run record and an index are, if the test reads them."""
    line = request.node.callspec.params["line"]
    if "out/run.json" in line:
        assert shell("run toy/count toys.csv --out out", "").returncode == 0
    if "{prepared}/index" in line:
        done = shell(f"index build toys.csv --at index --model {qwen3_folder}", "")
        assert done.returncode == 0, done.stderr
    return tmp_path


def test_every_command_is_tried():
    def paths(group, before=()):
        for name, command in getattr(group, "commands", {}).items():
            here = (*before, name)
            yield from paths(command, here) if hasattr(command, "commands") else [" ".join(here)]

    tried = [line.replace("eval labeled", "eval measure labeled") for line in PRINTING]
    tried = [line.replace("instructions", "instructions list", 1) for line in tried] + tried
    assert [
        path
        for path in paths(typer.main.get_command(app))
        if not any(f"{line} ".startswith(f"{path} ") for line in tried)
    ] == []


def is_plain(error: str) -> bool:
    return not any(sign in error for sign in ("Traceback", "unexpected", "did not expect", "Errno"))


CASES = [
    (line, redirection, reason)
    for redirection, reason in {
        ">&-": "it is closed",
        "> /dev/full": "No space left on device",
    }.items()
    for line in PRINTING
    if not ("model" in line and redirection == ">&-")  # one of the two will do for the slow ones
]


@pytest.mark.parametrize(("line", "redirection", "reason"), CASES)
def test_what_cannot_be_printed_is_a_plain_error(
    shell, prepared, qwen3_folder, reranker_folder, line, redirection, reason
):
    if redirection.endswith("full") and not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    model = reranker_folder if line.startswith("rerank") else qwen3_folder
    done = shell(line.format(model=model, prepared=prepared), redirection)
    assert done.returncode == 1
    assert f"Standard output cannot be written: {reason}." in done.stderr
    assert is_plain(done.stderr)
    if "--json" in line:
        assert json.loads(done.stderr.splitlines()[-1])["error"]["code"] == "output-not-written"


@pytest.mark.parametrize("line", ["plugins --json", "instructions", "pack schema", "--help"])
def test_a_reader_that_leaves_at_once_is_no_error(shell, line):
    done = shell(line, "| true")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("line", ["plugins show nobody", "run toy/cuont", "index info --at gone"])
def test_an_error_stays_what_it_is_where_output_is_closed(shell, line):
    done = shell(line, ">&-")
    assert done.returncode == 2
    assert "Standard output" not in done.stderr


def test_a_command_that_prints_nothing_works_where_output_is_closed(shell, qwen3_folder, tmp_path):
    done = shell(f"embed toys.csv --model {qwen3_folder} --out toys.jsonl", ">&-")
    assert done.returncode == 0, done.stderr
    vectors = (tmp_path / "toys.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in vectors] == [str(number) for number in range(40)]


def test_closed_input_and_closed_errors_are_no_tracebacks(shell):
    done = shell("run toy/count -", "<&-")
    assert done.returncode == 1
    assert "Standard input is closed" in done.stderr
    done = shell("run toy/count gone.csv", "2>&-")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")
    done = shell("run toy/count toys.csv --json", "2>&-")
    assert json.loads(done.stdout)["counts"]


WRITING = [
    "run toy/count toys.csv --out out",
    "demo --model {model} --out out",
    "embed toys.csv --model {model} --no-cache --out v.jsonl",
    "embed toys.csv --model {model} --no-cache --out v.parquet",
    "plugins new acme",
    "index build toys.csv --at index --model {model}",
    "run toy/count -",
]
"""Commands that write files."""


SMALL_FILES = "export PYTHONDONTWRITEBYTECODE=1; ulimit -f 1;"
"""For a shell: no file may grow beyond a block, not even those that Python would write."""


@pytest.mark.parametrize("line", WRITING)
def test_a_full_disk_is_a_plain_error(shell, qwen3_folder, line):
    done = shell(line.format(model=qwen3_folder), "< toys.csv", before=SMALL_FILES)
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert is_plain(done.stderr)


def test_a_pack_that_cannot_be_written_is_not_there_in_part(shell, tmp_path):
    done = shell("pack new tickets", "", before=SMALL_FILES.replace("-f 1", "-f 0"))
    assert done.returncode == 1
    assert "'tickets.yaml' cannot be written: File too large" in done.stderr
    assert not (tmp_path / "tickets.yaml").exists()
