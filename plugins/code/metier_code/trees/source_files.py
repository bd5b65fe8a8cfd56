"""Source files of a tree, without generated and third-party ones, and their reader."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from glob import has_magic
from pathlib import Path

from metier.plugin import InputError, Reader, Row, UsageError, find_inputs, read_document_bytes
from metier_code.parsing.languages import UNREAD, language_of, languages_by_ending
from metier_code.parsing.source_text import decode_source, is_notebook

NOT_WRITTEN_HERE = frozenset(
    {"node_modules", "vendor", "third_party", "site-packages", "build", "dist", "target", "venv",
     "__pycache__"}
)  # fmt: skip
LARGEST = 1_000_000
"""Bytes; larger source files are generated."""


_LONG_LINES = 500
"""Characters of a line on average, from which a file of some size was made by a bundler."""
_BUNDLE = 50_000


def source_files(
    root: Path, *, notebooks: bool = False, left_out: list[str] | None = None
) -> Iterator[Path]:
    """Files in a known language under `root`, sorted; `root` may be one file.

    Hidden folders, links, files that git ignores, build outputs and dependencies are left out.

    Args:
        root: a folder or a file.
        notebooks: whether Jupyter notebooks are listed, too.
        left_out: takes what was left out though somebody may have written it, with the reason.

    Raises:
        UsageError: there is no such path.
        InputError: it is one file in no known language, or a bundle.
    """
    if root.is_file():
        if language_of(root) is None and not (notebooks and is_notebook(root)):
            raise InputError(
                f"{root.name!r} is in no language that can be read.",
                why=f"Files read: {', '.join(sorted(languages_by_ending()))}.",
            )
        if is_bundle(root):
            raise InputError(
                f"{root.name!r} is a bundle: its lines are too long for written code.",
                fix="Give the sources that it was made from.",
            )
        yield root
        return
    if not root.is_dir():
        raise _no_path(root)
    yield from _tree_files(root, notebooks, [] if left_out is None else left_out)


def sources_of(paths: Sequence[Path], *, left_out: list[str]) -> Iterator[tuple[Path, str]]:
    """The sources below several paths, notebooks included, each once, and their names for people.

    A name is the path below the tree that is searched; of several paths, below the folder that
    holds them all. Of what a pattern matches, files in no known language are passed over, and of
    several paths they are left out.

    Args:
        paths: folders, files and patterns such as `src/**/*.py`.
        left_out: takes what was left out though somebody may have written it, with the reason.

    Raises:
        UsageError: there is no such path, or nothing that a pattern matches.
        InputError: the only path is a file in no known language, or a bundle.
    """
    for path in paths:
        if not path.exists() and not has_magic(str(path)):
            raise _no_path(path)
    inputs = find_inputs(paths)
    seen: set[Path] = set()
    for single in inputs:
        is_alone = len(inputs) == 1 and not single.is_match
        root = single.root
        if root is None or is_alone:
            root = single.path if single.path.is_dir() else single.path.parent
        if single.path.is_file() and not is_alone:
            files = _file_of_several(single.path, root, left_out, is_match=single.is_match)
        else:
            not_read: list[str] = []
            files = list(source_files(single.path, notebooks=True, left_out=not_read))
            below = single.path.relative_to(root)
            before = "" if below == Path() else f"{below.as_posix()}/"
            left_out += [f"{before}{name}" for name in not_read]
        for file in files:
            if file not in seen:
                seen.add(file)
                yield file, file.relative_to(root).as_posix()


def _file_of_several(file: Path, root: Path, left_out: list[str], *, is_match: bool) -> list[Path]:
    """A file of several paths, if it is a source; `is_match` if only a pattern names it."""
    shown = file.relative_to(root)
    known = language_of(file) or is_notebook(file) or file.suffix.lower() in UNREAD
    if is_match and not (known and NOT_WRITTEN_HERE.isdisjoint(shown.parts[:-1])):
        return []
    reason = _why_not_read(file) if known else "in no language that is read"
    if reason:
        left_out.append(f"{shown.as_posix()} ({reason})")
        return []
    return [file]


def _no_path(path: Path) -> UsageError:
    return UsageError(
        f"There is no path {str(path)!r}.", fix="Check $path", parameters={"path": ...}
    )


def _tree_files(root: Path, notebooks: bool, left_out: list[str]) -> Iterator[Path]:
    ignored = _ignored_by_git(root)
    for folder, folders, names in os.walk(root):  # does not follow links, so never runs in circles
        here = Path(folder)
        shown = here.relative_to(root)
        for name in _named_away(folders):
            if name != ".git" and here / name not in ignored and _tracks_sources(here / name):
                left_out.append(f"{(shown / name).as_posix()}/ (by its name, but git tracks it)")
            folders.remove(name)
        folders[:] = sorted(name for name in folders if here / name not in ignored)
        for name in sorted(names):
            path = here / name
            known = language_of(name) or (notebooks and is_notebook(path))
            if path in ignored or not (known or path.suffix.lower() in UNREAD):
                continue
            if not path.is_file() or path.is_symlink():
                continue
            if reason := _why_not_read(path):
                left_out.append(f"{(shown / name).as_posix()} ({reason})")
            else:
                yield path


def _named_away(folders: list[str]) -> list[str]:
    """The folders that are left out by their name, sorted."""
    return sorted(name for name in folders if name in NOT_WRITTEN_HERE or name.startswith("."))


def _why_not_read(path: Path) -> str:
    """Why a source is left out: its language, or signs that it was not written by hand."""
    unread = UNREAD.get(path.suffix.lower())
    if unread:
        return f"{unread} is not read"
    size = path.stat().st_size
    if size > LARGEST:
        return f"larger than {LARGEST / 1e6:.0f} MB"
    if ".min." in path.name:
        return "minified, by its name"
    return "a bundle: its lines are too long" if is_bundle(path) else ""


def is_bundle(path: Path) -> bool:
    """Whether a source of some size has lines as only a bundler makes them."""
    try:
        if path.stat().st_size < _BUNDLE or is_notebook(path):
            return False
        return has_long_lines(path.read_bytes())
    except OSError:  # said where it is read
        return False


def has_long_lines(source: bytes) -> bool:
    """Whether a source is large, and its lines are too long on average for written code."""
    return len(source) >= _BUNDLE and len(source) / (source.count(b"\n") + 1) > _LONG_LINES


def _tracks_sources(folder: Path) -> bool:
    return any(language_of(name) for name in _git(folder, "--cached"))


def _ignored_by_git(root: Path) -> set[Path]:
    """Files and folders git ignores under `root`; empty outside a checkout or without git."""
    options = ("--others", "--ignored", "--exclude-standard", "--directory")
    return {root / name for name in _git(root, *options)}


def _git(root: Path, *options: str) -> list[str]:
    """What `git ls-files` lists under a folder; nothing outside a checkout or without git."""
    # fsmonitor names a program, and the tree's own configuration is not to choose what runs here
    command = ["git", "-C", str(root), "-c", "core.fsmonitor=false", "ls-files", "-z", *options]
    # a git hook sets GIT_DIR, which would answer for its repository rather than for root's
    environment = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}
    try:
        listed = subprocess.run(
            command, capture_output=True, timeout=20, check=True, env=environment
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    return [name for name in os.fsdecode(listed).split("\0") if name]


def _document(path: Path) -> Row:
    raw = read_document_bytes(path)
    try:
        text = decode_source(raw)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise InputError(
            f"{path.name} is not a text file.", why="It holds zero bytes, or is cut UTF-16."
        )
    return {"id": path.name, "text": text}


def _documents(path: Path) -> Iterator[Row]:
    yield _document(path)


SOURCE = Reader(
    "source", tuple(languages_by_ending()), _documents, _document, source_files, text="marked"
)
"""Each source file as one document; of a folder those of `source_files`."""
