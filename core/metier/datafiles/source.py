"""A parsed data file: plain values, and the position of each in the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Parsed YAML or TOML with the places of its keys and list entries.

    Attributes:
        content: dicts with string keys, lists, and str, bool, int, float or None.
        places: path of keys and indexes to (line, column), both counted from 1.
        name: the file, for messages.
    """

    content: Any
    places: dict[Path, tuple[int, int]]
    name: str

    def place(self, path: Path) -> tuple[int, int]:
        """The place of a path, or of its nearest parent that has one."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    def where(self, path: Path) -> str:
        """The file and the place of a path, as messages begin: `toys.yaml, line 3, column 5`."""
        line, column = self.place(path)
        return f"{self.name}, line {line}, column {column}"
