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
    return expand_home(path)


def expand_home(path: str | Path) -> Path:
    """A path with `~` or `~name` at its beginning replaced by the home folder.

    Raises:
        UsageError: there is no such user, or the home folder is not known.
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


def write_atomically(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Write files completely or not at all, into a folder that is created if missing.

    Args:
        folder: of the files.
        files: texts by file name. All are written to temporary files first, then renamed.

    Returns:
        The paths, in the order of `files`.

    Raises:
        OSError: the folder cannot be created or written to; its files are unchanged.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _parts(folder, files) as parts:
        return [part.replace(folder / name) for name, part in parts.items()]


@contextmanager
def _parts(folder: Path, files: Mapping[str, str]) -> Iterator[dict[str, Path]]:
    """Each text in a temporary file, whose name no other program or thread uses."""
    parts = {name: folder / f".{name}.{uuid.uuid4().hex}.part" for name in files}
    try:
        for name, part in parts.items():
            part.write_text(files[name], encoding="utf-8", newline="")
        yield parts
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
