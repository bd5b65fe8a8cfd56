"""Paths of inputs: files, folders and patterns such as `notes/*.txt`, and the files of a folder."""

from __future__ import annotations

import errno
import glob
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from metier.errors import UsageError
from metier.texts.sheets import split_sheet

STDIN = "-"

_TOOLS = frozenset({"node_modules", "site-packages", "__pycache__"})
_TOOL_FILES = ("CACHEDIR.TAG", "pyvenv.cfg")
"""Files that tools put into a folder whose content they can make again."""
_BROKEN_LINK = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
"""Error numbers of a link that leads to no file."""
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class InputPath:
    """One path that is read.

    Attributes:
        path: of a file or a folder.
        root: the folder that ids and messages name its files from; None for a path given alone,
            which is its own.
        is_match: whether a pattern matched it, so that it may be left out.
        origin: the path or pattern as it was given.
    """

    path: Path
    root: Path | None = None
    is_match: bool = False
    origin: str = ""


def name_input(path: str | Path | Sequence[str | Path]) -> str:
    """The input for messages: names of files without their folders."""
    given = [path] if isinstance(path, str | Path) else list(path)
    names = [
        "standard input" if str(single) == STDIN else printable_name(Path(single).name or ".")
        for single in given
    ]
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def find_inputs(paths: Sequence[str | Path]) -> list[InputPath]:
    """The files and folders that several paths name, patterns expanded, each of them once.

    Args:
        paths: files, folders and patterns: `*` and `?` stand for letters of a name, `[ab]` for one
            of them, and `**` for any folders. What exists is no pattern.

    Raises:
        UsageError: there is no path, no such file, or nothing that a pattern matches.
    """
    if not paths:
        raise UsageError("There is no path to read.", fix="Give at least one file or folder.")
    matched: list[tuple[Path, bool, str]] = []
    roots: list[Path] = []
    for path in paths:
        if str(path) == STDIN:
            matched.append((Path(STDIN), False, STDIN))
        elif is_pattern(path):
            pattern = os.path.abspath(os.path.expanduser(path))
            roots.append(_fixed_part(pattern))
            matched += [(match, True, str(path)) for match in _matches(pattern, str(path))]
        else:
            name, sheet = split_sheet(path)
            file = Path(os.path.abspath(existing_path(name)))
            roots.append(file.parent)
            matched.append((Path(f"{file}#{sheet}") if sheet else file, False, str(path)))
    root = Path(os.path.commonpath(roots)) if roots else Path.cwd()
    inputs: dict[Path, InputPath] = {}
    for file, is_match, origin in matched:
        inputs.setdefault(file, InputPath(file, root, is_match, origin))
    return list(inputs.values())


def existing_path(path: str | Path) -> Path:
    """A file or folder that is there, `~` resolved.

    Raises:
        UsageError: there is none.
    """
    try:
        file = Path(path).expanduser()
        if file.exists():
            return file
        absolute = file.is_absolute()
    except (OSError, RuntimeError, ValueError):  # a text given as a path is no possible name
        absolute = True
    shown = str(path) if len(str(path)) <= 80 else str(path)[:77] + "..."
    raise UsageError(
        f"There is no file {shown!r}.",
        why=None if absolute else f"Looked in {Path.cwd()}.",
        fix="Check the path. To give a text directly, pipe it to the option with - for the file.",
    )


def is_pattern(path: str | Path) -> bool:
    """Whether a path is a pattern, such as `notes/*.txt`, and no file that is there."""
    if not glob.has_magic(str(path)):
        return False
    try:
        return not Path(path).expanduser().exists()
    except (OSError, RuntimeError, ValueError):
        return False


def _fixed_part(pattern: str) -> Path:
    """The folders of a pattern before its first special character."""
    fixed: list[str] = []
    for part in Path(pattern).parts[:-1]:
        if glob.has_magic(part):
            break
        fixed.append(part)
    return Path(*fixed)


def _matches(pattern: str, shown: str) -> list[Path]:
    """Files that a pattern matches; if there are none, folders.

    Raises:
        UsageError: there is nothing.
    """
    root = _fixed_part(pattern)
    matches = [
        Path(match)
        for match in sorted(glob.glob(pattern, recursive=True))
        if _TOOLS.isdisjoint(Path(match).relative_to(root).parts)
    ]
    files = [match for match in matches if not match.is_dir()]
    if not matches:
        raise UsageError(
            f"Nothing matches {shown!r}.",
            why=f"Looked in {root}." if root.is_dir() else f"There is no folder {str(root)!r}.",
            fix="Check the pattern: * stands for any letters of a name, ** for any folders.",
        )
    return files or matches


def files_below(folder: Path, on_error: Callable[[OSError], None]) -> list[Path]:
    """Files of a folder and those below it, in the order of their paths.

    Hidden ones and readmes are left out, and folders that tools filled: dependencies, virtual
    environments, caches. Links to folders are not followed.

    Args:
        folder: where to look.
        on_error: called for a folder that cannot be listed, and for a file in one that cannot be
            entered; it may raise.
    """
    paths: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=on_error):
        below = Path(parent)
        if below != folder and any(name in names for name in _TOOL_FILES):
            folders.clear()
            continue
        folders[:] = [name for name in folders if _is_read(name)]
        paths += [below / name for name in names if _is_document(name)]
    return sorted(path for path in paths if _is_file(path, on_error))


def _is_read(folder: str) -> bool:
    return not folder.startswith(".") and folder not in _TOOLS


def _is_file(path: Path, on_error: Callable[[OSError], None]) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        if error.errno not in _BROKEN_LINK:
            on_error(error)
        return False


def _is_document(name: str) -> bool:
    return not name.startswith(".") and Path(name).stem.upper() != "README"


def printable_name(name: str) -> str:
    """A file's name as valid Unicode; other bytes are written out (`\\xff`)."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
