"""Fresh processes."""

from __future__ import annotations

import subprocess


def output(argv: list[str]) -> str:
    """What a command prints; its complaints only if it fails.

    Raises:
        RuntimeError: it failed; the message is what it wrote to standard error.
    """
    process = subprocess.run(argv, capture_output=True, text=True, check=False)
    if process.returncode:
        raise RuntimeError(f"{' '.join(argv)} failed:\n{process.stderr}")
    return process.stdout
