"""Standard output that is closed, full or left early, and a disk that is full: plain errors."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
    "clusters show {prepared}/groups",
    "clusters rename {prepared}/groups 0 Bears --json",
    "clusters merge {prepared}/groups 0 1 --json",
    "clusters split {prepared}/groups 0 --parts 2 --json",
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


@pytest.fixture(autouse=True)
def files(metier, tmp_path):
    """The folder of the command, with a few files."""
    toys = "".join(f"{number},a train of wood with a number of cars\n" for number in range(40))
    (tmp_path / "toys.csv").write_text(f"id,text\n{toys}")
    (tmp_path / "pack.yaml").write_text(PACK)
    (tmp_path / "labeled").mkdir()
    rows = [{"text": f"a {kind} {n}", "label": kind} for kind in ("bear", "car") for n in range(12)]
    (tmp_path / "labeled" / "items.jsonl").write_text("\n".join(map(json.dumps, rows)))


@pytest.fixture
def shell(site, tmp_path):
    """Run `metier ...` by a shell."""

    def run(line: str, redirection: str) -> subprocess.CompletedProcess[str]:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("COLUMNS", "PYTHON"))
        }
        return subprocess.run(
            f"{sys.executable} -m metier {line} {redirection}",
            shell=True,
            cwd=tmp_path,
            env=environment | {"PYTHONPATH": f"{site}{os.pathsep}{CORE}"},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Folders that commands have written before, by what they hold."""
    return {kind: tmp_path_factory.mktemp("recorded") / kind for kind in ("out", "index", "groups")}


@pytest.fixture
def prepared(metier, qwen3_folder, recorded, request, tmp_path):
    """Where a run record, an index and saved groups are, if the test reads them."""
    commands = {
        "out": "run toy/count toys.csv --out out",
        "index": f"index build toys.csv --at index --model {qwen3_folder}",
        "groups": "run core/cluster labeled/items.jsonl --groups 2 --save groups "
        f"--model {qwen3_folder}",
    }
    for kind, command in commands.items():
        if f"{{prepared}}/{kind}" in request.node.callspec.params["line"]:
            if not recorded[kind].exists():
                assert metier(*command.split()).code == 0
                shutil.move(tmp_path / kind, recorded[kind])
            shutil.copytree(recorded[kind], tmp_path / kind)
    return tmp_path


@contextmanager
def standard_output(number: int | None) -> Iterator[None]:
    """Let standard output be this file, or closed, as Python finds it when it starts."""
    stream, kept = sys.stdout, os.dup(1)
    if number is None:
        os.close(1)
        sys.stdout = None
    else:
        os.dup2(number, 1)
        os.close(number)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    try:
        yield
        sys.stdout.flush()  # as Python does when it ends; an error there would be shown
    finally:
        sys.stdout = stream
        os.dup2(kept, 1)
        os.close(kept)


def full() -> int | None:
    """A file that takes nothing."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    return os.open("/dev/full", os.O_WRONLY)


def closed() -> int | None:
    """No file."""
    return None


def left() -> int | None:
    """A pipe that nobody reads."""
    read, write = os.pipe()
    os.close(read)
    return write


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


REASONS = {closed: "it is closed", full: "No space left on device"}
SIGNS = {closed: ">&-", full: "> /dev/full"}

CASES = [
    (line, output)
    for output in REASONS
    for line in PRINTING
    if not ("model" in line and output is closed)  # one of the two will do for the slow ones
]


@pytest.mark.parametrize(("line", "output"), CASES)
def test_what_cannot_be_printed_is_a_plain_error(
    metier, prepared, qwen3_folder, reranker_folder, line, output
):
    model = reranker_folder if line.startswith("rerank") else qwen3_folder
    arguments = line.format(model=model, prepared=prepared).split()
    with standard_output(output()):
        done = metier(*arguments)
    assert done.code == 1
    assert f"Standard output cannot be written: {REASONS[output]}." in done.err
    assert is_plain(done.err)
    if "--json" in line:
        assert json.loads(done.err.splitlines()[-1])["error"]["code"] == "output-not-written"


@pytest.mark.parametrize(
    ("line", "output"),
    [
        ("--help", closed),
        ("run toy/count toys.csv", closed),
        ("run toy/count toys.csv", full),
        ("plugins list --json", full),
        ("embed toys.csv --model {model}", full),
    ],
)
def test_a_shell_sees_a_plain_error_too(shell, qwen3_folder, line, output):
    done = shell(line.format(model=qwen3_folder), SIGNS[output])
    assert done.returncode == 1
    assert f"Standard output cannot be written: {REASONS[output]}." in done.stderr
    assert is_plain(done.stderr)


@pytest.mark.parametrize("line", ["plugins --json", "instructions", "pack schema", "--help"])
def test_a_reader_that_leaves_at_once_is_no_error(metier, line):
    with standard_output(left()):
        done = metier(*line.split())
    assert (done.code, done.err) == (1, "")


@pytest.mark.parametrize("line", ["plugins show nobody", "run toy/cuont", "index info --at gone"])
def test_an_error_stays_what_it_is_where_output_is_closed(metier, line):
    with standard_output(closed()):
        done = metier(*line.split())
    assert done.code == 2
    assert "error:" in done.err
    assert "Standard output" not in done.err


def test_a_command_that_prints_nothing_works_where_output_is_closed(metier, qwen3_folder, tmp_path):
    with standard_output(closed()):
        done = metier("embed", "toys.csv", "--model", str(qwen3_folder), "--out", "toys.jsonl")
    assert done.code == 0, done.err
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


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """Let no file grow beyond a number of bytes."""
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("line", WRITING)
def test_a_full_disk_is_a_plain_error(metier, qwen3_folder, tmp_path, line):
    texts = (tmp_path / "toys.csv").read_text()
    with small_files(512):
        done = metier(*line.format(model=qwen3_folder).split(), stdin=texts)
    assert done.code == 1
    assert "File too large" in done.err
    assert is_plain(done.err)


def test_a_pack_that_cannot_be_written_is_not_there_in_part(metier, tmp_path):
    with small_files(0):
        done = metier("pack", "new", "tickets")
    assert done.code == 1
    assert "'tickets.yaml' cannot be written: File too large" in done.err
    assert not (tmp_path / "tickets.yaml").exists()
