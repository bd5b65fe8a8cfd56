"""The definitions of a source tree, to look up by file, line and name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from metier import LeftOut
from metier_code.traces.function_names import name_parts
from metier_code.trees.definitions import IndexedDefinition
from metier_code.trees.source_files import SourceFile
from metier_code.trees.source_texts import read_source
from metier_code.trees.tree_index import TreeIndex


@dataclass(frozen=True, slots=True)
class TreeDefinition:
    """A definition and its file.

    Attributes:
        definition: as the index of its tree has it.
        file: where its file is.
        text: its lines, as they are in the file but with Unix newlines.
        names: its name and those of what it stands in, outermost first.
    """

    definition: IndexedDefinition
    file: Path
    text: str
    names: tuple[str, ...]

    @property
    def path(self) -> str:
        """Path of its file, below the tree."""
        return self.definition.path

    def holds(self, line: int) -> bool:
        """Whether it has a line of its file."""
        return self.definition.line <= line <= self.definition.end_line


class TreeDefinitions:
    """The definitions of a tree.

    Args:
        definitions: file by file, in the order of their lines.
        files: all files that were read, by their paths below the tree.
        left_out: files that were not read, or not understood as a whole, with the reasons.

    Attributes:
        definitions: as given; other methods return positions in it.
        left_out: as given.
    """

    def __init__(
        self,
        definitions: Sequence[TreeDefinition],
        files: dict[str, Path],
        left_out: Sequence[LeftOut] = (),
    ) -> None:
        self.definitions = tuple(definitions)
        self.left_out = tuple(left_out)
        self._by_file: dict[str, list[int]] = defaultdict(list)
        self._by_name: dict[str, list[int]] = defaultdict(list)
        for position, item in enumerate(self.definitions):
            self._by_file[item.path].append(position)
            if item.names:
                self._by_name[item.names[-1]].append(position)
        self._files_by_name: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
        for path, file in files.items():
            parts = tuple(part.casefold() for part in file.absolute().parts)
            self._files_by_name[parts[-1]].append((path, parts))

    def in_file(self, path: str) -> list[int]:
        """The definitions of a file."""
        return self._by_file.get(path, [])

    def named(self, name: str) -> list[int]:
        """The definitions whose own name this is."""
        return self._by_name.get(name, [])

    def files_named(self, name: str) -> list[tuple[str, tuple[str, ...]]]:
        """Files of that name, in lower case: path below the tree, and parts of the whole path."""
        return self._files_by_name.get(name, [])


def tree_definitions(index: TreeIndex) -> TreeDefinitions:
    """The definitions of a tree with the lines of its files.

    Args:
        index: of the tree, up to date.
    """
    listing = index.listing
    files = {listing.shown(name): file for name, file in listing.files.items()}
    lines: dict[str, list[str]] = {}
    definitions = []
    for definition in index.definitions().definitions:
        path = definition.path
        if path not in lines:
            lines[path] = _lines_of(files[path]) if path in files else []
        text = "\n".join(lines[path][definition.line - 1 : definition.end_line])
        if text[: definition.column - 1].strip():  # another one stands before it in its line
            text = text[definition.column - 1 :]
        definitions.append(
            TreeDefinition(
                definition,
                files[path].path if path in files else Path(path),
                text or definition.text,
                name_parts(definition.name),
            )
        )
    paths = {path: file.path for path, file in files.items()}
    return TreeDefinitions(definitions, paths, index.left_out)


def _lines_of(file: SourceFile) -> list[str]:
    """The lines of a source; none where it cannot be read any more."""
    source = read_source(file, include_generated=True)
    return [] if isinstance(source, LeftOut) else source.normalized.split("\n")
