"""Folders of the user, `~` in paths, and files that are written completely or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from metier.errors import UsageError


def user_folder(kind: Literal["cache", "config", "data"]) -> Path:
    """The folder of metier among the caches, the settings or the data of the user.

    Where that is depends on the operating system. Linux and macOS follow `XDG_CACHE_HOME`,
    `XDG_CONFIG_HOME` and `XDG_DATA_HOME`, if they hold absolute paths.

    Raises:
        UsageError: the home folder of the user is not known.
    """
    from platformdirs import PlatformDirs

    # roaming and opinion say something on Windows only: settings roam, caches have no subfolder
    folders = PlatformDirs("metier", appauthor=False, roaming=kind == "config", opinion=False)
    path: Path = getattr(folders, f"user_{kind}_path")
    return expanded(path)


def expanded(path: str | Path) -> Path:
    """A path whose `~` or `~name` is resolved.

    Raises:
        UsageError: there is no such user, or none whose home is known.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        home = Path(path).parts[0]
        raise UsageError(
            f"There is no home folder {home!r}, with which {str(path)!r} begins.",
            why="The home of this user is not known: HOME is not set."
            if home == "~"
            else f"No user of this machine is called {home[1:]!r}.",
            fix="Write the path from the root on.",
        ) from None


def write_whole(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Write texts into a folder, made if missing, so that nobody ever finds a part of one.

    Args:
        folder: where to.
        files: texts by file name; none is put in place before all are written.

    Returns:
        The files, in the order given.

    Raises:
        OSError: the folder cannot be made or written; what is there stays as it was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _parts(folder, files) as parts:
        return [part.replace(folder / name) for name, part in parts.items()]


@contextmanager
def _parts(folder: Path, files: Mapping[str, str]) -> Iterator[dict[str, Path]]:
    """Every text in a file of its own, which two programs or threads never share."""
    parts = {name: folder / f".{name}.{uuid.uuid4().hex}.part" for name in files}
    try:
        for name, part in parts.items():
            part.write_text(files[name], encoding="utf-8", newline="")
        yield parts
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
