"""Fresh processes."""

from __future__ import annotations

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
