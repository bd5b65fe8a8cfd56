"""Folders of the user, `~` in paths, and files that are written completely or not at all."""

from __future__ import annotations

import errno
import os
import stat
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from metier.errors import InputError, MetierError, UsageError


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


def make_private_folder(folder: Path) -> None:
    """Create a folder that only its owner can open; one that exists keeps its mode.

    Raises:
        OSError: it cannot be created, or it is a file.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def create_private_file(path: Path) -> None:
    """Create an empty file that only its owner can read, whatever the umask.

    Raises:
        FileExistsError: there is such a file, which stays as it is.
        OSError: it cannot be created.
    """
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def require_replaceable(path: Path) -> None:
    """Refuse to write a file whose owner made it read-only, and what is no file.

    A file is replaced by renaming another, which needs no permission of the file itself.

    Raises:
        OSError: it cannot be written; there may be no such file.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is a pipe or a device, not a file", str(path))
    if not stat.S_IMODE(mode) & 0o222 or not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "it is there and read-only", str(path))


def replace_file(part: Path, path: Path) -> Path:
    """Move a file to `path`; the mode of a file that it replaces is kept.

    So a file that its owner made readable for others stays so when it is written again.

    Raises:
        OSError: it cannot be moved; both files are unchanged.
    """
    if os.name == "posix" and path.is_file():
        part.chmod(stat.S_IMODE(path.stat().st_mode))
    return part.replace(path)


NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Error numbers of a disk, a quota or a file that is full."""


def not_written(path: Path | str, error: OSError) -> MetierError:
    """The error for what cannot be written: the disk is full, or the call is wrong."""
    if error.errno in NO_ROOM:
        return InputError(
            f"{str(path)!r} cannot be written: {error.strerror}.",
            fix="Make room on the disk, or choose another place.",
            code="output-not-written",
        )
    return UsageError(
        f"{str(path)!r} cannot be written: {error.strerror or error}.",
        fix="Choose another place.",
    )


def write_atomically(folder: Path, files: Mapping[str, str | bytes]) -> list[Path]:
    """Write files completely or not at all, into a folder that is created if missing.

    What is created can be read by its owner only. Folders and files that exist keep their modes.

    Args:
        folder: of the files.
        files: contents by file name, texts in UTF-8. All are written to temporary files first,
            then renamed. Where there is a link of this name, the file that it leads to is written.

    Returns:
        The paths, in the order of `files`.

    Raises:
        OSError: the folder cannot be created or written to; its files are unchanged.
    """
    make_private_folder(folder)
    contents = {Path(os.path.realpath(folder / name)): files[name] for name in files}
    for path in contents:
        require_replaceable(path)
    with _parts(contents) as parts:
        for path, part in parts.items():
            replace_file(part, path)
    return [folder / name for name in files]


@contextmanager
def _parts(contents: Mapping[Path, str | bytes]) -> Iterator[dict[Path, Path]]:
    """Each content in a temporary file, whose name no other program or thread uses."""
    parts = {path: path.with_name(f".{path.name}.{uuid.uuid4().hex}.part") for path in contents}
    try:
        for path, part in parts.items():
            create_private_file(part)
            content = contents[path]
            part.write_bytes(content.encode() if isinstance(content, str) else content)
        yield parts
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
