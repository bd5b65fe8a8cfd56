"""The source files of trees and single paths, and what of them is left out."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from glob import has_magic
from pathlib import Path

from metier.plugin import InputError, LeftOut, UsageError, find_inputs
from metier_code.parsing.languages import UNREAD, languages
from metier_code.trees.file_access import safe_name
from metier_code.trees.tree_walk import TreeWalk, language_of_file, other_files


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A source file that was found, and not read yet.

    Attributes:
        path: opens it from the working directory, as the caller began it.
        name: its path below the tree, with `/`: valid Unicode on one line, unique in the tree.
        language: by its name in `languages.yaml`.
        size: in bytes.
        modified: time of its last change, in nanoseconds.
        is_named: whether the caller named this very file, so that it is read whatever it looks
            like.
    """

    path: Path
    name: str
    language: str
    size: int
    modified: int
    is_named: bool = False


@dataclass(slots=True)
class SourceTree:
    """What is below paths.

    Attributes:
        root: the folder that names are below.
        files: the sources, each once.
        left_out: what is not read, with the reasons.
        remarks: what people should know of it, such as why git does not answer.
    """

    root: Path = Path()
    files: list[SourceFile] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def find_sources(paths: Sequence[str | Path]) -> SourceTree:
    """The sources below paths. No content is read, but the first lines of files without an ending.

    Of folders, these are left out: what git ignores, links, what is no source code; folders with a
    name as dependencies and build outputs have it, and hidden ones, but for files that git tracks
    in them; and what a file `.metierignore` names. A pattern matches among the files that are
    left. A file that is named itself is read.

    Args:
        paths: folders, files and patterns such as `src/**/*.py`. Names are below a single folder;
            of several paths, below the folder that holds them all.

    Raises:
        UsageError: there is no such path, or nothing that a pattern matches.
        InputError: the only path is a file in no language that is read.
    """
    for path in paths:
        if not os.path.lexists(os.path.expanduser(path)) and not has_magic(str(path)):
            raise _no_path(path)
    collected = _Collection(is_absolute=any(Path(path).is_absolute() for path in paths))
    inputs = find_inputs(paths)
    is_alone = len(inputs) == 1 and not inputs[0].is_match
    matches: dict[str, set[str]] = {}
    for single in inputs:
        root = single.root or single.path.parent
        if is_alone and single.path.is_dir():
            root = single.path
        collected.root, collected.tree.root = str(root), root
        if single.path.is_dir():
            collected.add_folder(single.path)
        elif single.is_match:
            matches.setdefault(single.origin, set()).add(str(single.path))
        else:
            collected.add_named(single.path, is_alone=is_alone)
    for pattern, files in matches.items():
        collected.add_folder(_fixed_part(pattern), among=files)
    tree = collected.tree
    tree.left_out += other_files(collected.other_files)
    return tree


class _Collection:
    """Collects the sources of several paths, each once.

    Attributes:
        root: the folder that names are below.
    """

    def __init__(self, *, is_absolute: bool) -> None:
        self.tree = SourceTree()
        self.other_files = Counter[str]()
        self.root = ""
        self._is_absolute = is_absolute
        self._known: set[str] = set()

    def add_folder(self, folder: Path, *, among: set[str] | None = None) -> None:
        """The sources below a folder; `among`: those of these paths, which a pattern matches."""
        walk = TreeWalk(folder)
        before = os.path.join(str(folder), "")
        opened = Path(self._opened(str(folder)))
        for file in walk.files():
            path = before + file.below
            if (among is None or path in among) and self._is_new(path):
                self.tree.files.append(
                    SourceFile(
                        opened / file.below,
                        self._name(path),
                        file.language,
                        file.size,
                        file.modified,
                    )
                )
        for below, (reason, detail) in walk.left_out.items():
            path = before + below
            if among is None or path in among or _holds_some(path, among):
                self._leave_out(path, reason, detail)
        if among is None:
            self.other_files += walk.other_files
        self.tree.remarks += [remark for remark in walk.remarks if remark not in self.tree.remarks]

    def add_named(self, path: Path, *, is_alone: bool) -> None:
        """A file that the caller names.

        Raises:
            InputError: it is the only one, and in no language that is read.
        """
        language = language_of_file(str(path)) if path.is_file() else None
        if language is not None:
            status = path.stat()
            size, modified = status.st_size, status.st_mtime_ns
            opened, name = Path(self._opened(str(path))), self._name(str(path))
            if self._is_new(str(path)):
                self.tree.files.append(SourceFile(opened, name, language, size, modified, True))
            return
        unread = UNREAD.get(path.suffix.lower(), "")
        reason = "language not read" if unread else "no source code"
        if not path.is_file():
            reason, unread = "no regular file", ""
        if is_alone:
            raise InputError(
                f"'{safe_name(path.name)}' is in no language that can be read.",
                why=f"Languages read: {', '.join(sorted(languages()))}.",
                fix="Give a source file or a folder: $path",
                parameters={"path": ...},
            )
        self._leave_out(str(path), reason, unread)

    def _leave_out(self, path: str, reason: str, detail: str) -> None:
        if self._is_new(path):
            self.tree.left_out.append(LeftOut(self._name(path), reason, detail))

    def _is_new(self, path: str) -> bool:
        is_new = path not in self._known
        self._known.add(path)
        return is_new

    def _name(self, path: str) -> str:
        return safe_name(path[len(os.path.join(self.root, "")) :])

    def _opened(self, path: str) -> str:
        return path if self._is_absolute else os.path.relpath(path)


def _holds_some(folder: str, among: set[str]) -> bool:
    """Whether a folder that is left out holds some of the files that a pattern matches."""
    return folder.endswith(os.sep) and any(path.startswith(folder) for path in among)


def _fixed_part(pattern: str) -> Path:
    """The folders of a pattern before its first special character."""
    parts = Path(os.path.abspath(os.path.expanduser(pattern))).parts
    fixed = next((index for index, part in enumerate(parts) if has_magic(part)), len(parts) - 1)
    return Path(*parts[:fixed])


def _no_path(path: str | Path) -> UsageError:
    return UsageError(
        f"There is no path {str(path)!r}.", fix="Check $path", parameters={"path": ...}
    )
