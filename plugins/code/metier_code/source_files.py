"""Source files of a tree, without generated and third-party ones, and their reader."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from metier.plugin import InputError, Reader, Row, UsageError, decode, read_document_bytes
from metier_code.functions import LANGUAGES, language_of

NOT_WRITTEN_HERE = frozenset(
    {"node_modules", "vendor", "third_party", "site-packages", "build", "dist", "target", "venv",
     "__pycache__"}
)  # fmt: skip
LARGEST = 1_000_000
"""Bytes; larger source files are generated."""


def source_files(root: Path) -> Iterator[Path]:
    """Files in a known language under `root`, sorted; `root` may be one file.

    Hidden folders, links, files that git ignores, build outputs and dependencies are left out.

    Raises:
        UsageError: there is no such path.
        InputError: it is one file in no known language.
    """
    if root.is_file():
        if language_of(root) is None:
            raise InputError(
                f"{root.name!r} is in no language that can be read.",
                why=f"Files read: {', '.join(sorted(LANGUAGES))}.",
            )
        yield root
        return
    if not root.is_dir():
        raise UsageError(
            f"There is no path {str(root)!r}.", fix="Check $path", parameters={"path": ...}
        )
    ignored = _ignored_by_git(root)
    for folder, folders, names in os.walk(root):  # does not follow links, so never runs in circles
        here = Path(folder)
        folders[:] = sorted(
            name
            for name in folders
            if not (name.startswith(".") or name in NOT_WRITTEN_HERE or here / name in ignored)
        )
        for name in sorted(names):
            path = here / name
            if language_of(name) and path not in ignored and _is_written(path):
                yield path


def _is_written(path: Path) -> bool:
    if path.is_symlink() or not path.is_file() or ".min." in path.name:
        return False
    return path.stat().st_size <= LARGEST


def _ignored_by_git(root: Path) -> set[Path]:
    """Files and folders git ignores under `root`; empty outside a checkout or without git."""
    # fsmonitor names a program, and the tree's own configuration is not to choose what runs here
    command = ["git", "-C", str(root), "-c", "core.fsmonitor=false", "ls-files", "-z",
               "--others", "--ignored", "--exclude-standard", "--directory"]  # fmt: skip
    # a git hook sets GIT_DIR, which would answer for its repository rather than for root's
    environment = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}
    try:
        listed = subprocess.run(
            command, capture_output=True, timeout=20, check=True, env=environment
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return set()
    return {root / name for name in os.fsdecode(listed).split("\0") if name}


def _document(path: Path) -> Row:
    return {"id": path.name, "text": decode(read_document_bytes(path), path.name)}


def _documents(path: Path) -> Iterator[Row]:
    yield _document(path)


SOURCE = Reader("source", tuple(LANGUAGES), _documents, _document, source_files)
"""Each source file as one document; of a folder those of `source_files`."""
