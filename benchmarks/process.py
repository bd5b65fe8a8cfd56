"""Fresh processes."""

from __future__ import annotations

import subprocess


def output(argv: list[str]) -> str:
    """What a command prints; its complaints only if it fails.

    Raises:
        RuntimeError: it failed; the message is what it wrote to standard error.
    """
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(argv)} failed:\n{done.stderr}")
    return done.stdout
