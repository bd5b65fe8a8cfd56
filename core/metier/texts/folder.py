"""The files of a folder that somebody put there."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

_TOOLS = frozenset({"node_modules", "site-packages", "__pycache__"})
_MARKS = ("CACHEDIR.TAG", "pyvenv.cfg")
"""What tools put into a folder to say that all of it can be made again."""
_NOWHERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
"""What is wrong where a link leads to no file."""


def files_below(folder: Path, on_error: Callable[[OSError], None]) -> list[Path]:
    """Files of a folder and those below it, in the order of their paths.

    Hidden ones and readmes are left out, and folders that tools filled: dependencies, virtual
    environments, caches. Links to folders are not followed.

    Args:
        folder: where to look.
        on_error: is told of a folder that cannot be listed, and of a file in one that cannot be
            entered; it may raise.
    """
    found: list[Path] = []
    for here, folders, names in os.walk(folder, onerror=on_error):
        below = Path(here)
        if below != folder and any(mark in names for mark in _MARKS):
            folders.clear()
            continue
        folders[:] = [one for one in folders if not one.startswith(".") and one not in _TOOLS]
        found += [below / name for name in names if _is_wanted(name)]
    return sorted(path for path in found if _is_file(path, on_error))


def _is_file(path: Path, on_error: Callable[[OSError], None]) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        if error.errno not in _NOWHERE:
            on_error(error)
        return False


def _is_wanted(name: str) -> bool:
    return not name.startswith(".") and Path(name).stem.upper() != "README"
