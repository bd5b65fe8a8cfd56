"""The files of a folder and those below it: which may be sources, and what is left out."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from metier.plugin import LeftOut
from metier_code.parsing.languages import UNREAD, language_of
from metier_code.trees.file_access import safe_name, size_in_words
from metier_code.trees.ignore_rules import IgnoreRules, RuleReader

NOT_WRITTEN_HERE = frozenset(
    {"node_modules", "bower_components", "jspm_packages", "vendor", "third_party", "third-party",
     "site-packages", "build", "_build", "dist", "target", "venv", "__pycache__", "htmlcov", "Pods",
     "elm-stuff"}
)  # fmt: skip
"""Names of folders with dependencies and build outputs, read only where git tracks their files."""
_REPOSITORIES = frozenset({".git", ".hg", ".svn", ".bzr", ".jj", "_darcs", "CVS"})
_TOOL_FILES = frozenset({"CACHEDIR.TAG", "pyvenv.cfg"})
"""Files that tools put into a folder whose content they can make again."""
LARGEST = 5_000_000
"""Bytes of the largest source that is read; larger ones hold data, or were made by a program."""
LARGEST_NOTEBOOK = 50_000_000
"""Bytes of the largest notebook, which holds pictures, too."""
_MOST_LOOKED_AT = 2_000
"""Entries of a folder that is left out among which sources are looked for."""
_MOST_ENDINGS = 200
_LINE_OF_PROGRAM = 200


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file in a known language.

    Attributes:
        below: its path below the tree, as the file system has it.
        language: by its name in `languages.yaml`.
        size: in bytes.
        modified: time of its last change, in nanoseconds.
    """

    below: str
    language: str
    size: int
    modified: int


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder that is still to be listed.

    Attributes:
        below: below the tree, with a separator at its end unless it is empty.
        rules: of the folder above.
        only_tracked: whether only what git tracks is read, since its name says that tools made it.
    """

    below: str
    rules: IgnoreRules
    only_tracked: bool = False


class TreeWalk:
    """Goes through a folder once; links are not followed, so that it never runs in circles.

    Attributes:
        left_out: reason and detail of what is not read, by its path below the tree, as the file
            system has it; complete after the walk. A folder has a separator at its end.
        other_files: how many files are no source code, as `*.md` or by name.
        remarks: what people should know of the rules.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._reader = RuleReader(root)
        self.left_out: dict[str, tuple[str, str]] = {}
        self.other_files: Counter[str] = Counter()
        self.remarks = self._reader.remarks

    def files(self) -> Iterator[TreeFile]:
        """The files in a known language: those of a folder by name, then those of its folders."""
        waiting = [_Folder("", self._reader.of_root())]
        while waiting:
            folder = waiting.pop()
            try:
                with os.scandir(self._root / folder.below) as listed:
                    entries = sorted(listed, key=lambda entry: entry.name)
            except (OSError, ValueError) as error:
                reason = str(getattr(error, "strerror", None) or error).lower()
                self._leave_out(folder.below, "cannot be read", reason)
                continue
            names = {entry.name for entry in entries}
            if folder.below and not _TOOL_FILES.isdisjoint(names) and not folder.only_tracked:
                self._leave_out_folder(folder.below[:-1], "made by a tool")
                continue
            rules = self._reader.of_folder(folder.rules, folder.below, names)
            yield from self._of_folder(folder, rules, entries, waiting)

    def _of_folder(
        self,
        folder: _Folder,
        rules: IgnoreRules,
        entries: list[os.DirEntry[str]],
        waiting: list[_Folder],
    ) -> Iterator[TreeFile]:
        inner: list[_Folder] = []
        for entry in entries:
            below = folder.below + entry.name
            if entry.is_dir(follow_symlinks=False):
                inner += self._inner_folder(entry, _Folder(below, rules, folder.only_tracked))
            elif (file := self._source(entry, below, rules, folder.only_tracked)) is not None:
                yield file
        waiting.extend(reversed(inner))

    def _inner_folder(self, entry: os.DirEntry[str], folder: _Folder) -> list[_Folder]:
        """A folder in a folder, if it is read."""
        if entry.name in _REPOSITORIES:
            return []
        below, rules = folder.below, folder.rules
        is_tracked = rules.tracks(below)
        only_tracked = folder.only_tracked
        reason = rules.reason(below, is_folder=True)
        if entry.name in NOT_WRITTEN_HERE or entry.name.startswith("."):
            reason = reason or "left out by its name"
        if reason or only_tracked:
            if not is_tracked:
                self._leave_out_folder(below, reason or "left out by its name")
                return []
            only_tracked = not rules.is_submodule(below)
        if rules.is_submodule(below) and not os.path.lexists(self._root / below / ".git"):
            self._leave_out(below + os.sep, "submodule that is not checked out")
            return []
        return [_Folder(below + os.sep, rules, only_tracked)]

    def _source(
        self, entry: os.DirEntry[str], below: str, rules: IgnoreRules, only_tracked: bool
    ) -> TreeFile | None:
        """A file, if it is a source that is read."""
        try:
            is_link = entry.is_symlink()
            status = entry.stat(follow_symlinks=False)
            is_regular = entry.is_file(follow_symlinks=False)
        except (OSError, ValueError):  # gone meanwhile
            return None
        language = language_of_file(entry.path) if is_regular else language_of(entry.name)
        unread = None if language else UNREAD.get(_ending(entry.name))
        is_tracked = rules.tracks(below)
        reason = "" if is_tracked else rules.reason(below, is_folder=False)
        if language is None and unread is None:
            if is_link and entry.is_dir():
                self._leave_out(below, "link")
            elif not (reason or only_tracked or entry.name.startswith(".")):
                ending = _ending(entry.name)
                self.other_files[f"*{ending}" if ending else entry.name] += 1
            return None
        detail = ""
        if not reason and only_tracked and not is_tracked:
            reason = "left out by the name of its folder"
        if not reason and (is_link or not is_regular):
            reason = "link" if is_link else "no regular file"
        if not reason and unread:
            reason, detail = "language not read", unread
        if not reason and status.st_size > (
            LARGEST_NOTEBOOK if _ending(entry.name) == ".ipynb" else LARGEST
        ):
            reason, detail = "too large", size_in_words(status.st_size)
        if reason or language is None:
            self._leave_out(below, reason, detail)
            return None
        return TreeFile(below, language, status.st_size, status.st_mtime_ns)

    def _leave_out(self, below: str, reason: str, detail: str = "") -> None:
        self.left_out[below] = (reason, detail)

    def _leave_out_folder(self, below: str, reason: str) -> None:
        """Leave a folder out, and name it if sources are in it."""
        if _holds_sources(self._root / below):
            self._leave_out(below + os.sep, reason)


def other_files(counts: Counter[str]) -> list[LeftOut]:
    """The files that are no source code, one entry for each ending or name, by their number."""
    most = counts.most_common(_MOST_ENDINGS)
    entries = [LeftOut(safe_name(name), "no source code", "", count) for name, count in most]
    rest = counts.total() - sum(count for _, count in most)
    return [*entries, *([LeftOut("others", "no source code", "", rest)] if rest else [])]


def _ending(name: str) -> str:
    return os.path.splitext(name)[1].lower()


def language_of_file(path: str) -> str | None:
    """The language of a file, by its name, or by its first line where it has no ending."""
    name = os.path.basename(path)
    language = language_of(name)
    if language is None and "." not in name:
        return language_of(name, _first_line(path))
    return language


def _first_line(path: str) -> str:
    """The first line of a script; empty for other files."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError):
        return ""
    try:
        beginning = os.read(descriptor, _LINE_OF_PROGRAM)
    except OSError:
        return ""
    finally:
        os.close(descriptor)
    if not beginning.startswith(b"#!"):
        return ""
    return beginning.split(b"\n", 1)[0].decode("utf-8", "replace").strip()


def _holds_sources(folder: Path) -> bool:
    """Whether there are sources among the first entries of a folder and those below."""
    waiting = [str(folder)]
    looked_at = 0
    while waiting:
        try:
            with os.scandir(waiting.pop()) as listed:
                for entry in listed:
                    looked_at += 1
                    if looked_at > _MOST_LOOKED_AT:
                        return True
                    if entry.is_dir(follow_symlinks=False):
                        waiting += [] if entry.name in _REPOSITORIES else [entry.path]
                    elif language_of(entry.name) or _ending(entry.name) in UNREAD:
                        return True
        except (OSError, ValueError):
            continue
    return False
