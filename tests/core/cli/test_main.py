"""Starting and ending: version, help, light imports, and an interrupt that leaves no half file."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.core.cli.conftest import CORE
from tests.core.cli.embedding import MANIFEST, WORKFLOWS
from tests.core.cli.fake import install

from metier import VectorCache, __version__

HEAVY = "torch|transformers|sklearn|hdbscan|pandas|scipy|huggingface_hub|fake_toy"


def test_the_version_is_printed(metier):
    assert metier("--version") == (0, f"metier {__version__}\n", "")


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_names_every_command(metier, arguments):
    code, out, _ = metier(*arguments)
    assert code == 0
    for command in ("run", "demo", "plugins", "instructions"):
        assert re.search(rf"│ {command} ", out)


LIGHT = [
    "--help",
    "plugins",
    "plugins show toy",
    "instructions list",
    "instructions show toy/find-toy",
    "run",
    "cache info",
]

RUN_EACH = """
import json, sys
from metier.cli.main import main
for line in sys.argv[1:]:
    before = {*sys.modules}
    code = main(line.split())
    print(json.dumps([line, code, sorted({*sys.modules} - before)]), file=sys.stderr)
"""


def test_no_model_library_and_no_plugin_code_is_imported(process):
    answer = process("-c", RUN_EACH, *LIGHT)
    imported = [json.loads(line) for line in answer.err.splitlines()]
    assert [(line, code) for line, code, _ in imported] == [(line, 0) for line in LIGHT]
    assert "metier.cli.app" in imported[0][2]
    assert {
        line: heavy
        for line, _, names in imported
        if (heavy := [name for name in names if re.match(rf"(?:{HEAVY})(?:\.|$)", name)])
    } == {}


def test_an_unknown_command_is_a_usage_error_with_a_close_name(metier):
    code, out, err = metier("plugin")
    assert (code, out) == (2, "")
    assert "'plugin'" in err
    assert "metier --help" in err


def test_a_reader_that_leaves_early_is_no_error(site, process):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), *sys.path])}
    command = [sys.executable, "-m", "metier", "plugins", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as running:
        running.stdout.close()
        assert running.stderr.read() == b""


def test_a_terminal_that_lacks_characters_gets_replacements(process, toys):
    toys.write_text("id,text\n\N{SNOWMAN},a bear\n", encoding="utf-8")
    arguments = ("-m", "metier", "run", "toy/count", "--texts", toys.name)
    code, out, _ = process(*arguments, PYTHONIOENCODING="ascii")
    assert code == 0
    assert "?" in out
    as_json = process(*arguments, "--json", PYTHONIOENCODING="ascii")
    assert json.loads(as_json.out)["counts"] == [["\N{SNOWMAN}", 6]]


TEXTS = 40


def hear_interrupts() -> None:
    # a shell may start the tests in the background, where they are ignored
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.skipif(os.name != "posix", reason="SIGINT to one process is POSIX")
def test_an_interrupted_run_leaves_only_finished_work(tmp_path, qwen3_folder):
    site = tmp_path / "site"
    site.mkdir()
    install(site, "embedding", MANIFEST, workflows=WORKFLOWS)
    texts = tmp_path / "toys.txt"
    texts.write_text("".join(f"a toy that is number {n}\n" for n in range(TEXTS)))
    environment = {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{CORE}", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "metier", "run", "embedding/embed", "--texts", str(texts)]
    command += ["--model", str(qwen3_folder), "--device", "cpu", "--out", str(tmp_path / "out")]

    with subprocess.Popen(
        [*command, "--forever"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
        preexec_fn=hear_interrupts,
    ) as running:
        assert running.stdout.readline() == "begun\n", running.stderr.read()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=120)
    assert (running.returncode, out, err) == (130, "", "Interrupted.\n")

    assert files_under(tmp_path / "out") == []
    kept = VectorCache()
    assert files_under(kept.folder) == [kept.info().path]
    with closing(sqlite3.connect(kept.info().path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert kept.info().entries >= TEXTS

    done = subprocess.run(command, env=environment, timeout=120, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    run = json.loads((tmp_path / "out" / "run.json").read_text())
    assert (run["texts_embedded"], run["texts_recalled"]) == (TEXTS, TEXTS)


def files_under(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
