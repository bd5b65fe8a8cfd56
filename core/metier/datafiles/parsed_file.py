"""A parsed data file: plain values, and the position of each in the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from metier.errors import ErrorPosition

KeyPath = tuple[str | int, ...]
"""Keys and list indexes that lead to a value."""

Locate = Callable[[KeyPath], ErrorPosition]
"""Gives the file and the position of a value in it."""


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """Parsed YAML or TOML with the positions of its keys and list entries.

    Attributes:
        content: dicts with string keys, lists, and str, bool, int, float or None.
        positions: (line, column) of values by their path, both counted from 1.
        name: the file, for messages.
    """

    content: Any
    positions: dict[KeyPath, tuple[int, int]]
    name: str

    def position(self, path: KeyPath) -> tuple[int, int]:
        """Line and column of a value, or of its nearest parent that has a position."""
        while path and path not in self.positions:
            path = path[:-1]
        return self.positions.get(path, (1, 1))

    def error_position(self, path: KeyPath) -> ErrorPosition:
        """The file and the position of a value, for errors about it."""
        line, column = self.position(path)
        return ErrorPosition(self.name, line, column)


def below(key: str, locate: Locate) -> Locate:
    """The same for paths that begin below a key of the file."""
    return lambda path: locate((key, *path))
