"""Source code in results: where it stands, what it declares, and which of its lines matter."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from metier import Snippet
from metier.plugin import Column, Excerpt, FilePosition
from metier_code.parsing.notebooks import lines_above, location_of

CODE_COLUMNS = (
    Column("where", main=True),
    Column("name", main=True),
    Column("kind"),
    Column("signature", hidden=True),
    Column("language", "label", hidden=True),
    Column("code", main=True),
)
"""Columns of a table for what `CodePassage.cells` gives."""


class MatchingLine(BaseModel):
    """A line that answers a query.

    Attributes:
        line: its number in the file.
        text: without what it is indented by.
        marks: stretches of `text` that the query has too, as offsets (start, end).
    """

    model_config = ConfigDict(frozen=True)

    line: int
    text: str
    marks: tuple[tuple[int, int], ...] = ()


class CodePassage(BaseModel):
    """A definition, or other lines of a source, as results have and show it.

    Attributes:
        path: of its file, below the tree that was searched.
        file: the whole path of its file; empty where there is none, so that no link opens it.
        line: its first line, 1 for that of the file, or of a notebook that of the cell.
        end_line: its last line.
        column: of its first character, counted from 1.
        name: with its namespaces, such as `Cart.total`.
        kind: `function`, `method`, `class`, `module` or `lines`.
        signature: its head on one line.
        language: programming language.
        text: as it stands in the file, from the beginning of its first line or from `column`.
        matching_lines: those that answer a query, the best first.
        cell: of a notebook, the number of the cell that its lines are of; None of another file.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    file: str = ""
    cell: int | None = None
    line: int
    end_line: int
    column: int = 1
    name: str = ""
    kind: str = ""
    signature: str = ""
    language: str = ""
    text: str
    matching_lines: tuple[MatchingLine, ...] = ()

    @property
    def position(self) -> FilePosition:
        """Where it stands, as `path:line:column` and as a link."""
        return FilePosition(self.path, self.line, self.column, self.file, self.cell)

    @property
    def location(self) -> str:
        """Path and line: `src/cart.py:12`, or of a notebook `sales.ipynb, cell 3, line 2`."""
        return location_of(self.path, self.line, self.cell)

    def in_cell(self, cell: tuple[int, int] | None) -> Self:
        """It by the lines of its cell, without the texts that explain the cell.

        Args:
            cell: numbers of the cell and of the first line in it; None for no notebook.
        """
        if cell is None:
            return self
        number, line = cell
        dropped = lines_above(self.text, cell)
        shift = line - self.line - dropped
        return self.model_copy(
            update={
                "cell": number,
                "line": line,
                "end_line": max(line, self.end_line + shift),
                "text": "\n".join(self.text.split("\n")[dropped:]),
                "matching_lines": tuple(
                    match.model_copy(update={"line": match.line + shift})
                    for match in self.matching_lines
                    if match.line + shift >= line
                ),
            }
        )

    @property
    def excerpt(self) -> Excerpt:
        """Its text with the numbers of its lines, those that answer a query marked."""
        starts = [0]
        for line in self.text.split("\n"):
            starts.append(starts[-1] + len(line) + 1)
        marks = []
        for match in self.matching_lines:
            row = match.line - self.line
            if 0 <= row < len(starts) - 1:
                text = self.text[starts[row] : starts[row + 1]]
                start = starts[row] + max(text.find(match.text), 0)
                # an empty mark says which line, where no word of it is that of the query
                marks += [(start + a, start + b) for a, b in match.marks] or [(start, start)]
        return Excerpt(self.text, tuple(sorted(marks)), self.language, self.line)

    def cells(self) -> tuple[object, ...]:
        """The cells of a row under `CODE_COLUMNS`."""
        return (
            self.position,
            self.name,
            self.kind,
            self.signature,
            self.language,
            self.excerpt,
        )

    def row(self) -> dict[str, Any]:
        """The columns of a row of a frame or a file."""
        numbers = sorted(match.line for match in self.matching_lines)
        return {
            **self.model_dump(exclude={"file", "matching_lines"}),
            "matching_lines": ", ".join(map(str, numbers)),
        }


def matching_lines(
    snippet: Snippet | None, text: str, *, start: int, line: int
) -> tuple[MatchingLine, ...]:
    """The lines of a passage that a search found to answer best, the best first.

    Args:
        snippet: of the hit; None where nobody asked for it.
        text: of the passage.
        start: offset of the passage in what the snippet counts its characters in.
        line: number of the first line of the passage in its file.
    """
    best = snippet.lines if snippet is not None else ()
    return tuple(
        MatchingLine(
            line=line + text.count("\n", 0, max(answer.start - start, 0)),
            text=answer.text,
            marks=answer.matches,
        )
        for answer in best
    )
