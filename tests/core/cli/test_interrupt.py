"""Ctrl-C: nothing is left half-written, and what was embedded serves the next run."""

from __future__ import annotations

import json
import os
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

from metier import VectorCache

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
