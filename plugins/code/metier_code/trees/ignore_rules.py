"""Which files of a tree are ignored: by git, or by the files that say so where git cannot tell."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from metier_code.trees.file_access import NotReadableError, read_regular_file, safe_name
from metier_code.trees.git import GitListing, GitRefusalError, list_repository, repository_above

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

GITIGNORE = ".gitignore"
OWN_IGNORE_FILE = ".metierignore"
"""Says in the syntax of `.gitignore` what is not searched though git tracks it."""
_TRUST = (
    " If you trust it: git config --global --add safe.directory with the path of the repository."
)
_MOST_BYTES = 1_000_000
_MOST_STARS = 3
"""Stars between two slashes of a pattern: more take time that grows with their power."""
_MOST_REPOSITORIES = 200
"""Repositories inside of others for which git is run; more are read as plain folders."""


@dataclass(frozen=True, slots=True)
class IgnoreFile:
    """Patterns of one file.

    Attributes:
        folder: that it is in, below the tree, with a separator at its end unless it is empty.
        name: of the file.
        spec: its patterns.
        above: path from its folder to the tree, written alike, if it is in a folder above the tree.
    """

    folder: str
    name: str
    spec: GitIgnoreSpec
    above: str = ""

    def ignores(self, path: str, *, is_folder: bool) -> bool | None:
        """Whether a path below the tree is ignored; None if no pattern says anything of it."""
        name = f"{self.above}{path[len(self.folder) :]}".replace(os.sep, "/")
        return self.spec.check_file(f"{name}/" if is_folder else name).include


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """What is ignored in a folder of a tree and below.

    Attributes:
        git: what git says; None where there is no repository, or git refuses.
        git_folder: the folder that git was asked for, below the tree, written as `IgnoreFile` has
            it.
        files: in the order in which they were read, from the outermost on.
    """

    git: GitListing | None = None
    git_folder: str = ""
    files: tuple[IgnoreFile, ...] = ()

    def reason(self, path: str, *, is_folder: bool) -> str:
        """Why a path below the tree is ignored; empty if it is not."""
        if self.git is not None:
            name = path[len(self.git_folder) :]
            if name in self.git.ignored and name not in self.git.tracked:
                return "ignored by git"
        decided: set[str] = set()
        for file in reversed(self.files):
            if file.name in decided:
                continue
            is_ignored = file.ignores(path, is_folder=is_folder)
            if is_ignored:
                return f"ignored by {file.name}"
            if is_ignored is not None:  # the innermost file that says anything decides
                decided.add(file.name)
        return ""

    def tracks(self, path: str) -> bool:
        """Whether git tracks a file, or files in a folder."""
        if self.git is None:
            return False
        name = path[len(self.git_folder) :]
        return (
            name in self.git.tracked
            or name in self.git.tracked_folders
            or name in self.git.submodules
        )

    def is_submodule(self, path: str) -> bool:
        """Whether git tracks a folder as a repository of its own."""
        return self.git is not None and path[len(self.git_folder) :] in self.git.submodules


class RuleReader:
    """Reads the rules of the folders of one tree.

    Attributes:
        remarks: what people should know of them.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._asked = 0
        self.remarks: list[str] = []

    def of_root(self) -> IgnoreRules:
        """The rules of the tree; those of the folders above count up to that of the repository."""
        repository = repository_above(self._root)
        if repository is None:
            return IgnoreRules()
        rules = self._of_repository(IgnoreRules(), "")
        if rules.git is None:
            rules = self._of_folders_above(repository, rules)
        return rules

    def of_folder(self, rules: IgnoreRules, folder: str, names: Collection[str]) -> IgnoreRules:
        """The rules inside of a folder that has others.

        Args:
            rules: of the folder above; of the tree for itself.
            folder: below the tree, with a separator at its end unless it is empty.
            names: of what is in it.
        """
        if folder and ".git" in names:
            rules = self._of_repository(rules, folder)
        if GITIGNORE in names and rules.git is None:
            rules = self._with_file(rules, folder, self._root / folder / GITIGNORE)
        if OWN_IGNORE_FILE in names:
            rules = self._with_file(rules, folder, self._root / folder / OWN_IGNORE_FILE)
        return rules

    def _of_repository(self, rules: IgnoreRules, folder: str) -> IgnoreRules:
        own = tuple(file for file in rules.files if file.name == OWN_IGNORE_FILE)
        self._asked += 1
        try:
            if self._asked > _MOST_REPOSITORIES:
                raise GitRefusalError(f"there are more than {_MOST_REPOSITORIES} repositories")
            return IgnoreRules(list_repository(self._root / folder), folder, own)
        except GitRefusalError as error:
            if self._asked <= _MOST_REPOSITORIES + 1:
                where = safe_name(folder.rstrip(os.sep)) or "the tree"
                is_of_others = "dubious ownership" in str(error)
                advice = _TRUST if is_of_others else ""
                self.remarks.append(
                    f"git does not say what it tracks in {where}: {error}. Its {GITIGNORE} files "
                    f"were read instead, and folders such as build and vendor left out.{advice}"
                )
            rules = IgnoreRules(files=own)
            exclude = self._root / folder / ".git" / "info" / "exclude"
            return self._with_file(rules, folder, exclude, name=GITIGNORE)

    def _of_folders_above(self, repository: Path, rules: IgnoreRules) -> IgnoreRules:
        """Patterns of the folders from a repository down to the tree, without the tree itself."""
        below = Path(os.path.abspath(self._root)).relative_to(repository).parts
        for depth in range(len(below)):
            folder = repository.joinpath(*below[:depth])
            above = os.sep.join(below[depth:]) + os.sep
            if not depth:
                exclude = folder / ".git" / "info" / "exclude"
                rules = self._with_file(rules, "", exclude, name=GITIGNORE, above=above)
            rules = self._with_file(rules, "", folder / GITIGNORE, above=above)
        return rules

    def _with_file(
        self, rules: IgnoreRules, folder: str, path: Path, *, name: str = "", above: str = ""
    ) -> IgnoreRules:
        """The rules with those of one more file, unless they ignore the tree itself."""
        spec = _spec(path)
        if spec is None:
            return rules
        file = IgnoreFile(folder, name or path.name, spec, above)
        if above and file.ignores("", is_folder=False):
            return rules
        return replace(rules, files=(*rules.files, file))


def _spec(path: Path) -> GitIgnoreSpec | None:
    """The patterns of a file, if it can be read and has some."""
    from pathspec import GitIgnoreSpec  # here: few trees need it

    try:
        text = read_regular_file(path, _MOST_BYTES).decode("utf-8", "surrogateescape")
    except NotReadableError:
        return None
    lines = [line for line in text.removeprefix("\ufeff").split("\n") if _is_quick(line)]
    try:
        return GitIgnoreSpec.from_lines(lines) if lines else None
    except ValueError:  # a pattern that git passes over
        return GitIgnoreSpec.from_lines([line for line in lines if _is_pattern(line)])


def _is_quick(line: str) -> bool:
    """Whether a pattern is compared in a time that does not grow with a power of the name."""
    single = max((part.count("*") for part in line.split("/") if part != "**"), default=0)
    return single <= _MOST_STARS and line.split("/").count("**") <= _MOST_STARS


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
