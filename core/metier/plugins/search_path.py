"""Folders that pip made importable after this program began."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

_SITES = ("site-packages", "dist-packages")


def rescan_path() -> None:
    """Let Python find what has been installed since it started.

    An editable installation is a `.pth` file that names a folder, and Python reads those only when
    it starts. Lines that are code are not run: what needs them needs a new interpreter.
    """
    for entry in list(sys.path):
        if Path(entry).name in _SITES and Path(entry).is_dir():
            for listing in sorted(Path(entry).glob("*.pth")):
                _add_folders(listing)
    importlib.invalidate_caches()


def _add_folders(listing: Path) -> None:
    try:
        lines = listing.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for line in lines:
        if line.strip() and not line.startswith(("#", "import ", "import\t")):
            folder = listing.parent / line.strip()
            if str(folder) not in sys.path and folder.is_dir():
                sys.path.append(str(folder))
