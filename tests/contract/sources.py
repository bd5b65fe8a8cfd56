"""Python files and pages of a checkout, found and parsed without importing anything."""

from __future__ import annotations

import ast
import functools
from pathlib import Path
from typing import NamedTuple


class Location(NamedTuple):
    """A line of a file and what it shows.

    Attributes:
        path: relative to the root of the checkout.
        line: counted from 1.
        text: what stands there.
    """

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


@functools.cache
def parse(path: Path) -> ast.Module:
    """Syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def core_files(root: Path) -> list[Path]:
    """Python files of the core."""
    return _python_files(root / "core" / "metier")


def package_files(root: Path) -> list[Path]:
    """Python files of the core and of the plugins."""
    plugins = sorted((root / "plugins").glob("*/metier_*"))
    return core_files(root) + [path for folder in plugins for path in _python_files(folder)]


def page_files(root: Path) -> list[Path]:
    """Pages of the documentation, generated ones included, without the changelog."""
    pages = [*root.glob("*.md"), *(root / "docs").rglob("*.md"), *root.glob("plugins/*/README.md")]
    return sorted(page for page in pages if page.name != "CHANGELOG.md")


def template_files(root: Path) -> list[Path]:
    """Templates of the project of a new plugin."""
    return sorted((root / "core" / "metier").rglob("*.tmpl"))


def module_name(root: Path, path: Path) -> str:
    """Dotted name of a module of the core or of a plugin; a package has that of its folder."""
    parts = path.relative_to(root).with_suffix("").parts
    names = parts[1:] if parts[0] == "core" else parts[2:]
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


def locate(root: Path, path: Path, line: int, text: str) -> Location:
    """The location of a line of a file under `root`."""
    return Location(path.relative_to(root).as_posix(), line, text)


def line_count(path: Path) -> int:
    """Number of lines of a file."""
    return len(path.read_text(encoding="utf-8").splitlines())


def _python_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "samples" not in path.parts)
