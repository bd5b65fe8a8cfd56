"""Fresh processes."""

from __future__ import annotations

import os
import resource
import subprocess


def output(argv: list[str]) -> str:
    """Return the standard output of a command.

    Raises:
        RuntimeError: the command failed; the message is its standard error.
    """
    process = subprocess.run(argv, capture_output=True, text=True, check=False)
    if process.returncode:
        raise RuntimeError(f"{' '.join(argv)} failed:\n{process.stderr}")
    return process.stdout


def cpu_seconds(argv: list[str], **environment: str) -> float:
    """Seconds of CPU, user and system, that a command takes.

    Args:
        argv: the command; its standard output goes nowhere.
        environment: variables to set.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, env=os.environ | environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
