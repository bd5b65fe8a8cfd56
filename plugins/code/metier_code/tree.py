"""The source files of a tree, without what no developer of it wrote."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from metier.errors import UsageError

from metier_code.functions import LANGUAGES

NOT_WRITTEN_HERE = frozenset(
    {"node_modules", "vendor", "third_party", "site-packages", "build", "dist", "target", "venv",
     "__pycache__"}
)  # fmt: skip
LARGEST = 1_000_000
"""Bytes; larger source files are generated."""


def source_files(root: Path) -> Iterator[Path]:
    """Files in a known language under `root`, sorted; what git ignores is left out.

    Raises:
        UsageError: there is no such path.
    """
    if not root.exists():
        raise UsageError(f"There is no path {str(root)!r}.", fix="Check --path.")
    if root.is_file():
        yield root
        return
    ignored = _ignored_by_git(root)
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        skipped = any(part.startswith(".") or part in NOT_WRITTEN_HERE for part in parts[:-1])
        if path.suffix not in LANGUAGES or skipped or path in ignored:
            continue
        if path.is_file() and path.stat().st_size <= LARGEST:
            yield path


def _ignored_by_git(root: Path) -> set[Path]:
    """Files git ignores; empty outside a checkout or without git."""
    command = ["git", "-C", str(root), "ls-files", "--others", "--ignored", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, capture_output=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return set()
    return {root / name for name in listed.decode("utf-8", "replace").split("\0") if name}
