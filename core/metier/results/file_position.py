"""Where something stands in a file, and the links that open it in an editor."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from metier.close_names import did_you_mean
from metier.errors import warn_caller
from metier.settings import configured
from metier.texts.checks import printable

if TYPE_CHECKING:
    from rich.text import Text

EDITORS = {
    "none": "",
    "file": "file://{path}#{line}",
    "vscode": "vscode://file{path}:{line}:{column}",
    "vscode-insiders": "vscode-insiders://file{path}:{line}:{column}",
    "vscodium": "vscodium://file{path}:{line}:{column}",
    "cursor": "cursor://file{path}:{line}:{column}",
    "windsurf": "windsurf://file{path}:{line}:{column}",
    "zed": "zed://file{path}:{line}:{column}",
    "idea": "idea://open?file={path}&line={line}&column={column}",
    "pycharm": "pycharm://open?file={path}&line={line}&column={column}",
    "sublime": "subl://open?url=file://{path}&line={line}&column={column}",
    "textmate": "txmt://open?url=file://{path}&line={line}&column={column}",
}
"""Addresses that editors open, by a name for each; `file` is what a terminal opens by itself."""


def chosen_editor() -> str:
    """What METIER_LINKS names: a name of `EDITORS`, or an address with `{path}` in it.

    Warns:
        MetierWarning: it is neither, so that `file` stands for it.
    """
    editor = configured("links") or "file"
    if editor in EDITORS or "{path}" in editor:
        return editor
    hint = did_you_mean(editor, EDITORS) or f"Known: {', '.join(EDITORS)}."
    warn_caller(f"METIER_LINKS={editor!r} is no editor, and no address with {{path}}. {hint}")
    return "file"


@dataclass(frozen=True, slots=True)
class FilePosition:
    """A position in a file, shown as `path:line:column`: a link where it can be one.

    Attributes:
        path: of the file, for people, such as below the tree that was searched.
        line: 1 for the first.
        column: 1 for the first character of the line.
        file: the whole path, which a link needs; empty for no link.
        cell: of a notebook, the number of the cell that the line is in; the link opens the file.
    """

    path: str
    line: int
    column: int = 1
    file: str = ""
    cell: int | None = None

    def __str__(self) -> str:
        return self._within(self.path)

    @property
    def in_file(self) -> tuple[int, int]:
        """Line and column that a link opens: no editor opens a line of a cell."""
        return (self.line, self.column) if self.cell is None else (1, 1)

    def address(self, editor: str) -> str:
        """The address of a link; empty where there is none.

        Args:
            editor: a name of `EDITORS`, or an address in which `{path}`, `{line}` and `{column}`
                are replaced.
        """
        template = EDITORS.get(editor, editor)
        if not (template and self.file):
            return ""
        line, column = self.in_file
        values = {"path": address_path(self.file), "line": line, "column": column}
        for name, value in values.items():
            template = template.replace(f"{{{name}}}", str(value))
        return template

    def from_here(self) -> str:
        """`path:line:column` as a shell in the current folder opens it."""
        if not self.file:
            return str(self)
        here = Path.cwd()
        path = Path(self.file)
        shown = path.relative_to(here) if path.is_relative_to(here) else path
        return self._within(os.fspath(shown))

    def _within(self, path: str) -> str:
        if self.cell is not None:
            return f"{path}, cell {self.cell}, line {self.line}"
        return f"{path}:{self.line}:{self.column}"

    def link(self, *, in_table: bool = False) -> Text:
        """`path:line:column` for a terminal, which opens it.

        Args:
            in_table: whether there is little room, so that the path is the one for people.
        """
        from rich.style import Style
        from rich.text import Text

        style = Style(color="cyan", link=self.address(chosen_editor()) or None)
        shown = str(self) if in_table else self.from_here()
        return Text(printable(shown), style=style, overflow="fold")


def address_path(file: str) -> str:
    """A path as addresses have it: with slashes, and the other signs encoded."""
    path = Path(file).as_posix()
    return quote(path if path.startswith("/") else f"/{path}", safe="/:")
