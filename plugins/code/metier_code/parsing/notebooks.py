"""Jupyter notebooks: their cells as one text, and the code in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from metier_code.parsing.languages import language_named
from metier_code.parsing.source_parts import SourcePart

_MARK = re.compile(r"^# %% cell (?P<number>\d+): (?P<language>.+)$", re.MULTILINE)
_PROSE = "text"
_NEWLINE = re.compile(r"\r\n?")
_CELL_MAGIC = re.compile(r"\s*%%(?P<name>\w+)[^\n]*")
_NO_CODE = frozenset({"file", "html", "latex", "markdown", "script", "svg", "writefile"})
"""Cell magics of cells that are in none of the languages, or in one that is not named."""
_MAGIC = re.compile(
    r"^(?P<before>[ \t]*+(?:[\w.,\[\]'\" \t]++=[ \t]*+)?)(?:%%?[a-z]|!!?(?!=)\S|\?\w)[^\n]*"
    r"|(?<=[\w)\]])\?{1,2}+[ \t]*+$",
    re.MULTILINE,
)
"""Commands of IPython: `%matplotlib inline`, `!ls`, `files = !ls`, `?help`, `help?`."""


class NotebookError(ValueError):
    """A file that is no notebook, though its name says so."""


def notebook_text(notebook: str) -> str:
    """A notebook as one text: each cell under a line that numbers it and names its language.

    Texts between the code are comments of Python, whatever language the code is in. Cells are
    numbered from 1, as they stand; empty ones are left out.

    Args:
        notebook: JSON.

    Raises:
        NotebookError: it is no notebook.
    """
    try:
        content = json.loads(notebook)
        sheets = content.get("worksheets") or [content]  # up to version 3
        cells = [cell for sheet in sheets for cell in sheet["cells"]]
        kernel = _kernel_language(content.get("metadata", {}))
        texts = [_cell_text(number, cell, kernel) for number, cell in enumerate(cells, 1)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NotebookError("is no notebook") from None
    return "\n".join(filter(None, texts))


def cells_of(text: str) -> list[SourcePart]:
    """The code cells of a notebook's text, each with the texts right above it."""
    marks = list(_MARK.finditer(text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)][: len(marks)]
    parts = []
    prose: int | None = None
    for mark, end in zip(marks, ends, strict=True):
        if mark["language"] == _PROSE:
            prose = mark.start() if prose is None else prose
            continue
        start = min(mark.end() + 1, end)
        language, code = mark["language"], text[start:end]
        if language == "Python":
            code = _MAGIC.sub(_without_magic, code)
        elif (magic := _CELL_MAGIC.match(code)) is not None:
            code = " " * magic.end() + code[magic.end() :]
        span = mark.start(), end
        parts.append(SourcePart(language, start, end, span, code, prose, int(mark["number"])))
        prose = None
    return parts


def location_of(path: str, line: int, cell: int | None) -> str:
    """Where a line of a source is, for people.

    Args:
        path: of the source.
        line: of the source, or of a cell.
        cell: of a notebook, the number of the cell; None of another source.
    """
    return f"{path}:{line}" if cell is None else f"{path}, cell {cell}, line {line}"


def cell_at(text: str, offset: int) -> tuple[int, int] | None:
    """The numbers of a cell of a notebook's text and of the line in it, by an offset."""
    cell = None
    for mark in _MARK.finditer(text):
        if mark.start() > offset:
            break
        cell = int(mark["number"]), 1 + text.count("\n", mark.end() + 1, offset)
    return cell


def lines_above(text: str, cell: tuple[int, int]) -> int:
    """The lines of a definition's text before its own first line: what explains its cell.

    Args:
        text: of the definition.
        cell: numbers of its cell and of its first line in there.
    """
    number, line = cell
    mark = re.search(rf"^# %% cell {number}: .*\n", text, re.MULTILINE)
    return 0 if mark is None else text.count("\n", 0, mark.end()) + line - 1


def _kernel_language(metadata: Mapping[str, Any]) -> str:
    for key in ("language_info", "kernelspec"):
        description = metadata.get(key, {})
        name = description.get("name" if key == "language_info" else "language")
        if name:
            return language_named(str(name)) or str(name)
    return "Python"


def _cell_text(number: int, cell: Mapping[str, Any], kernel: str) -> str:
    """A cell under its mark, with a newline at the end; empty for an empty cell."""
    kind = cell["cell_type"]
    source = _NEWLINE.sub("\n", "".join(cell.get("source", cell.get("input", ""))))
    if not source.strip():
        return ""
    if kind != "code":
        comments = "\n".join(f"# {line}".rstrip() for line in source.split("\n"))
        return f"# %% cell {number}: {_PROSE}\n{comments}\n"
    source = _MARK.sub(lambda mark: f"#{mark[0]}", source)  # not taken for another cell
    return f"# %% cell {number}: {_cell_language(source, cell, kernel)}\n{source}\n"


def _cell_language(source: str, cell: Mapping[str, Any], kernel: str) -> str:
    """The language of a code cell: of its magic, of its own metadata, or the notebook's."""
    magic = _CELL_MAGIC.match(source)
    if magic is not None:
        name = magic["name"].lower()
        return name if name in _NO_CODE else language_named(name) or kernel
    for names in _own_names(cell):
        if language := language_named(names):
            return language
    return kernel


def _own_names(cell: Mapping[str, Any]) -> Iterator[str]:
    """What the metadata of a cell call its language."""
    metadata = cell.get("metadata", {})
    for tool, key in (
        ("vscode", "languageId"),
        ("polyglot_notebook", "kernelName"),
        ("dotnet_interactive", "language"),
    ):
        name = metadata.get(tool, {}).get(key)
        if name:
            yield str(name)
    if cell.get("language"):  # up to version 3
        yield str(cell["language"])


def _without_magic(command: re.Match[str]) -> str:
    """A line with a command of IPython as Python of the same length."""
    before = command["before"]
    if before is None:  # a question mark after a name
        return " " * len(command[0])
    rest = len(command[0]) - len(before)
    return before + "0#".ljust(rest, " ")[:rest]
