"""The definitions of a source tree, to look up by file, line and name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from metier.plugin import LeftOut
from metier_code.parsing.definition import Definition
from metier_code.parsing.definitions import parse
from metier_code.traces.function_names import name_parts
from metier_code.trees.source_files import find_sources
from metier_code.trees.source_texts import read_source


@dataclass(frozen=True, slots=True)
class TreeDefinition:
    """A definition and its file.

    Attributes:
        path: of the file, below the tree.
        file: where the file is.
        definition: in it.
        names: its name and those of what it stands in, outermost first.
    """

    path: str
    file: Path
    definition: Definition
    names: tuple[str, ...]

    @property
    def id(self) -> str:
        """Unique in a tree."""
        return f"{self.path}:{self.definition.line}:{self.definition.column}"

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


def read_tree(paths: Sequence[Path]) -> TreeDefinitions:
    """Read the definitions below paths.

    Raises:
        UsageError: there is no such path.
    """
    definitions: list[TreeDefinition] = []
    files: dict[str, Path] = {}
    tree = find_sources(paths)
    left_out = list(tree.left_out)
    for file in tree.files:
        source = read_source(file)
        if isinstance(source, LeftOut):
            left_out.append(source)
            continue
        parsed = parse(source.text, source.language)
        for _, message in parsed.faults[:1]:
            in_part = ("in part", message) if parsed.definitions else (message,)
            left_out.append(LeftOut(file.name, *in_part))
        files[file.name] = file.path
        definitions += [
            TreeDefinition(file.name, file.path, definition, name_parts(definition.name))
            for definition in parsed.definitions
        ]
    return TreeDefinitions(definitions, files, left_out)
