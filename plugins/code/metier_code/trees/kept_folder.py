"""Where the index of a tree is kept."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

from metier.plugin import cache_folder, write_atomically
from metier_code.trees.repository import Repository

_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")

_ROOT = "root"
"""Name of the file that says which working tree a folder is of."""

_TAG = "CACHEDIR.TAG"
_TAGGED = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# Indexes of source code that metier makes again where they are missing.\n"
)
"""By this file other programs know a folder of a cache (the Cache Directory Tagging Specification),
and so does what lists the sources of a tree that an index is kept in."""


@dataclass(frozen=True, slots=True)
class KeptFolder:
    """The folder of an index and of what belongs to it.

    Attributes:
        tree: folder of one working tree.
        vectors: folder of the vectors of all working trees of a repository, by their content.
        root: of the working tree.
        is_chosen: whether the caller chose the folder, which is never removed then.
        space: name of the space that documents are embedded in.
    """

    tree: Path
    vectors: Path
    root: Path
    is_chosen: bool = False
    space: str = "documents"

    @property
    def index(self) -> Path:
        return self.tree / self.space / "index"

    @property
    def states(self) -> Path:
        return self.tree / self.space / "files.json"

    @property
    def lock(self) -> Path:
        return self.tree / ".lock"

    def make(self) -> None:
        """Create the folders, which only their owner can open.

        Raises:
            OSError: they cannot be created.
        """
        for leaf in (self.vectors, self.states.parent):
            missing = [folder for folder in (leaf, *leaf.parents) if not folder.exists()]
            for folder in reversed(missing):  # since `parents=True` gives the mode to the last only
                folder.mkdir(mode=0o700, exist_ok=True)
            if missing and self.is_chosen:  # a folder that was there may hold sources
                write_atomically(leaf, {_TAG: _TAGGED})
        if not self.is_chosen and not (self.tree / _ROOT).exists():
            repositories = self.tree.parent.parent
            write_atomically(repositories, {_TAG: _TAGGED})
            write_atomically(self.tree, {_ROOT: os.fsencode(self.root)})
            _remove_of_gone_trees(repositories)


def kept_folder(repository: Repository, at: Path | None, space: str) -> KeptFolder:
    """The folder of the index of a working tree.

    Args:
        repository: of the tree.
        at: a folder that the caller chose; None for one in the cache of the user, of which working
            trees of the same repository share the vectors.
        space: name of the space that documents are embedded in.
    """
    if at is not None:
        folder = at.expanduser()
        return KeptFolder(folder, folder / "vectors", repository.root, is_chosen=True, space=space)
    repositories = cache_folder("code")
    shared = repositories / _name_of(repository.shared)
    tree = shared / _name_of(repository.root)
    return KeptFolder(tree, shared / "vectors", repository.root, space=space)


def _remove_of_gone_trees(repositories: Path) -> None:
    """Remove folders of working trees that are gone, and vectors of repositories without any."""
    for file in repositories.glob(f"*/*/{_ROOT}"):
        try:
            is_gone = not os.path.lexists(
                file.read_text(encoding="utf-8", errors="surrogateescape")
            )
        except (OSError, ValueError):  # somebody else removes it, or it is damaged
            continue
        if is_gone:
            rmtree(file.parent, ignore_errors=True)
            if not any(folder.name != "vectors" for folder in file.parent.parent.iterdir()):
                rmtree(file.parent.parent, ignore_errors=True)


def _name_of(path: Path) -> str:
    """A name for a path, which people recognize and no other path has."""
    own = path.parent.name if path.name == ".git" else path.name
    digest = hashlib.sha256(str(path).encode("utf-8", "surrogateescape")).hexdigest()
    return f"{_PLAIN.sub('-', own)[:40] or 'root'}-{digest[:16]}"
