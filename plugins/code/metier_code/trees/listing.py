"""The sources below some paths, by names that stay the same whatever part of a tree is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from metier import LeftOut
from metier_code.trees.file_access import safe_name
from metier_code.trees.repository import Repository, repository_of
from metier_code.trees.source_files import SourceFile, find_sources


@dataclass(frozen=True, slots=True)
class Listing:
    """The sources below some paths.

    Attributes:
        repository: the working tree that they are in.
        base: folder that names for people are below.
        prefix: what their names begin with, and those for people do not: `src/`, or nothing.
        files: by name, which is the path below the root of the working tree.
        is_whole: whether they are all sources below the base.
        left_out: what is not read, with the reason, its location below the base.
        remarks: what people should know of the tree.
    """

    repository: Repository
    base: Path
    prefix: str
    files: dict[str, SourceFile]
    is_whole: bool
    left_out: tuple[LeftOut, ...]
    remarks: tuple[str, ...] = ()

    def covers(self, name: str) -> bool:
        """Whether a file of this name would be listed here if it were there."""
        return self.is_whole and name.startswith(self.prefix)

    def shown(self, name: str) -> str:
        """A name for people: the path below the base."""
        return name.removeprefix(self.prefix)


def list_sources(paths: Sequence[Path]) -> Listing:
    """The sources below paths, which are folders, files and patterns.

    Raises:
        UsageError: there is no such path, or nothing that a pattern matches.
        InputError: the only path is a file in no language that is read.
    """
    tree = find_sources(paths)
    repository = repository_of(tree.root)
    below = tree.root.resolve().relative_to(repository.root).as_posix()
    prefix = "" if below == "." else f"{safe_name(below)}/"
    return Listing(
        repository=repository,
        base=tree.root,
        prefix=prefix,
        files={f"{prefix}{file.name}": file for file in tree.files},
        is_whole=len(paths) == 1 and paths[0].is_dir(),
        left_out=tuple(tree.left_out),
        remarks=tuple(tree.remarks),
    )
