"""Documents for indexes on disk, and helpers to look at files and to run processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from metier import Hit

ROOT = Path(__file__).parents[3]
TALES = [
    {"id": "fox", "text": "the fox and the sour grapes", "year": 1668},
    {"id": "crow", "text": "the crow with cheese in its beak", "year": 1668},
    {"id": "hare", "text": "the hare that lost a race", "year": 1700},
]


def ids(hits: list[Hit]) -> list[str]:
    """The ids of the documents of hits."""
    return [hit.document_id for hit in hits]


def files(folder: Path) -> dict[str, bytes]:
    """The contents of all files under a folder."""
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    """A process that runs this code; the tests and metier can be imported in it."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
