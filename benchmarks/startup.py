"""The commands that must answer at once."""

from __future__ import annotations

import resource
import subprocess
import sys
from functools import partial

from benchmarks.options import Options
from benchmarks.rounds import repeated
from benchmarks.rows import Row, spread

CASE = "startup"


def startup_case(options: Options) -> list[Row]:
    """CPU seconds of a fresh interpreter."""
    commands = {
        "import metier": [sys.executable, "-c", "import metier"],
        "metier --help": [sys.executable, "-m", "metier", "--help"],
        "metier plugins": [sys.executable, "-m", "metier", "plugins"],
        "metier instructions list": [sys.executable, "-m", "metier", "instructions", "list"],
    }
    read = {f"CPU seconds of {name}": partial(_cpu, argv) for name, argv in commands.items()}
    found = repeated(read, options.rounds, case=CASE)
    return [spread(CASE, name, seconds) for name, seconds in found.items()]


def _cpu(argv: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
