"""The working tree and the repository that a folder belongs to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from metier_code.trees.git import GitRefusalError, run_git


@dataclass(frozen=True, slots=True)
class Repository:
    """What a folder of sources is a part of.

    Attributes:
        root: of the working tree; the folder itself where git knows none.
        shared: what all working trees of the repository have in common, which is the folder of
            git; the root where there is none.
    """

    root: Path
    shared: Path


def repository_of(folder: Path) -> Repository:
    """The repository of a folder; without git, or outside of a checkout, the folder alone."""
    resolved = folder.resolve()
    try:
        answer = run_git(resolved, "rev-parse", "--show-toplevel", "--git-common-dir")
    except GitRefusalError:
        return Repository(resolved, resolved)
    lines = os.fsdecode(answer).splitlines()
    if len(lines) != 2:  # a name with a newline in it
        return Repository(resolved, resolved)
    root = Path(lines[0]).resolve()
    if not resolved.is_relative_to(root):
        return Repository(resolved, resolved)
    return Repository(root, (resolved / lines[1]).resolve())
