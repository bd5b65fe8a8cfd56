"""The sources below some paths, by names that stay the same whatever part of a tree is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from metier import LeftOut
from metier_code.trees.repository import Repository, repository_of
from metier_code.trees.source_files import sources_of


@dataclass(frozen=True, slots=True)
class Listing:
    """The sources below some paths.

    Attributes:
        repository: the working tree that they are in.
        base: folder that names for people are below.
        prefix: what their names begin with, and those for people do not: `src/`, or nothing.
        files: paths by name, which is the path below the root of the working tree.
        is_whole: whether they are all sources below the base.
        left_out: what is not read, with the reason, its location below the base.
    """

    repository: Repository
    base: Path
    prefix: str
    files: dict[str, Path]
    is_whole: bool
    left_out: tuple[LeftOut, ...]

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
        InputError: the only path is a file in no known language, or a bundle.
    """
    left_out: list[str] = []
    sources = list(sources_of(paths, left_out=left_out))
    base = _base_of(paths, sources)
    repository = repository_of(base)
    below = base.resolve().relative_to(repository.root).as_posix()
    prefix = "" if below == "." else f"{_valid(below)}/"
    return Listing(
        repository=repository,
        base=base,
        prefix=prefix,
        files={f"{prefix}{_valid(shown)}": file for file, shown in sources},
        is_whole=len(paths) == 1 and paths[0].is_dir(),
        left_out=tuple(LeftOut("", reason) for reason in left_out),
    )


def _base_of(paths: Sequence[Path], sources: Sequence[tuple[Path, str]]) -> Path:
    """The folder that the names of sources are below."""
    if not sources:
        return paths[0] if paths[0].is_dir() else paths[0].parent
    file, shown = sources[0]
    return file.parents[shown.count("/")]


def _valid(name: str) -> str:
    """A name of a file in valid Unicode, as an index keeps it: other bytes are escaped."""
    return name.encode("utf-8", "backslashreplace").decode()
