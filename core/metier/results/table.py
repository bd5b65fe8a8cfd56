"""A table of a result, as data: terminals, notebooks, pages and files are made from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from metier.results.document_position import MarkTone, positions_of
from metier.results.file_position import FilePosition
from metier.texts.checks import printable

if TYPE_CHECKING:
    from rich.box import Box
    from rich.table import Table as RichTable
    from rich.text import Text

ColumnKind = Literal["text", "number", "score", "count", "label"]
"""How the cells of a column are shown; see `Column`."""

NUMERIC: tuple[ColumnKind, ...] = ("number", "score", "count")
"""Kinds of columns of numbers."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        name: the heading.
        kind: `score` is a number in [0, 1] and `count` one from 0 on: both get a bar on a page;
            `label` is one of a few values, with a color and a list to choose from; `number` and
            `text` are any others. None for what the cells are: `number` or `text`.
        hidden: not in a terminal, and on a page only where a row is opened or the column is asked
            for.
        own: a column of the input, which keeps its name: one of the result with the same name is
            called `metier_...`.
        main: what people know a row by: a page shows it on a narrow screen, too.
        tones: of labels the color by what they say, such as `bad` for `MISSING`; other labels get
            colors that only tell them apart.
    """

    name: str
    kind: ColumnKind | None = None
    hidden: bool = False
    own: bool = False
    main: bool = False
    tones: Mapping[str, MarkTone] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A text of which a part matters: shown in short, and whole where a row is opened.

    Attributes:
        text: the whole text.
        marks: the parts that matter, as offsets (start, end), in order; an empty one says only
            which line of source code matters.
        language: programming language of source code, as Pygments names it; empty for prose.
        first_line: of source code whose lines are shown in their layout the number of the first
            one; 0 for a text without numbers of lines.
    """

    text: str
    marks: tuple[tuple[int, int], ...] = ()
    language: str = ""
    first_line: int = 0

    def short(self, limit: int = 160) -> str:
        """One line of at most about `limit` characters, with the first mark in it."""
        if not self.marks:
            return shorten(self.text, limit)
        start, end = self.marks[0]
        if len(" ".join(self.text[:end].split())) <= limit:
            return shorten(self.text, limit)
        return f"… {shorten(self.text[start:], limit)}"

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A score with the passage that has it: shown as the score, with the passage on request.

    Attributes:
        score: the number.
        location: where the passage stands, for people.
        passage: its text.
    """

    score: float
    location: str
    passage: Excerpt


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns, all of them: a terminal shows the first, a page has every one.

    Attributes:
        title: above the table; may be empty.
        columns: names, or objects of `Column`.
        rows: as many cells as columns; floats are shown with three decimals, but for those of
            columns of the input, which are shown as they are.
        note: below the table.
        head: how many rows a terminal shows; 0 for a table that is not for a terminal.
        printed: whether documents to read from the beginning, Markdown and Word, have it.
        main: whether it has the texts of the input, one a row: it is the first sheet of a workbook,
            and the one that is read where the workbook is an input. There may be several, each with
            some of the texts.
    """

    title: str
    columns: tuple[str | Column, ...]
    rows: Sequence[tuple[object, ...]]
    note: str = ""
    head: int = 20
    printed: bool = True
    main: bool = False

    @property
    def fields(self) -> tuple[Column, ...]:
        """The columns under different names, with their kinds, which cells have if they do not."""
        columns = [
            column if isinstance(column, Column) else Column(column) for column in self.columns
        ]
        names = result_names(
            [column.name for column in columns if not column.own],
            [column.name for column in columns if column.own],
        )
        return tuple(
            replace(
                column,
                name=column.name if column.own else names[column.name],
                kind=column.kind or self._kind_of(index),
            )
            for index, column in enumerate(columns)
        )

    def rich(self, widths: Sequence[int] | None = None) -> RichTable:
        """The first rows for a terminal, with a line that says how many there are more.

        Args:
            widths: of the columns that are not hidden, in characters; by their content if None.
        """
        from rich.box import HEAVY_HEAD
        from rich.text import Text

        table = self._rich_frame(HEAVY_HEAD)
        shown_columns = [
            (index, column) for index, column in enumerate(self.fields) if not column.hidden
        ]
        limits: Sequence[int | None] = widths or [None] * len(shown_columns)
        for (index, column), limit in zip(shown_columns, limits, strict=True):
            numeric = column.kind in NUMERIC
            widest = max((len(shown(row[index])) for row in self.rows[: self.head]), default=0)
            # fold: a word wider than its column continues in the next line, nothing is cut
            table.add_column(
                Text(_folded(printable(column.name), limit)),
                justify="right" if numeric else "left",
                width=limit,
                min_width=widest if numeric and limit is None else None,
                overflow="fold",
            )
        for row in self.rows[: self.head]:
            cells = [(row[index], column) for index, column in shown_columns]
            table.add_row(
                *(
                    _rich_cell(cell, column, limit)
                    for (cell, column), limit in zip(cells, limits, strict=True)
                )
            )
        return table

    def rich_records(self, width: int) -> RichTable:
        """As `rich`, for a narrow terminal: each row as lines of a name and what its cell shows.

        Args:
            width: of the terminal, in characters.
        """
        from rich.box import HORIZONTALS
        from rich.cells import cell_len
        from rich.text import Text

        table = self._rich_frame(HORIZONTALS)
        table.show_header = False
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        columns = [column for column in self.fields if not column.hidden]
        left = max(1, width - 6 - max(cell_len(printable(column.name)) for column in columns))
        for row in self.rows[: self.head]:
            for column, cell in zip(self.fields, row, strict=True):
                if not column.hidden and not is_empty(cell):
                    table.add_row(Text(printable(column.name)), _rich_cell(cell, column, left))
            table.add_section()
        return table

    def _rich_frame(self, box: Box) -> RichTable:
        """An empty table with the title, and a line that says how many rows are left out."""
        from rich.table import Table as RichTable
        from rich.text import Text

        left_out = len(self.rows) - self.head
        remarks = [f"and {left_out} more"] if left_out > 0 else []
        if self.note:
            remarks.append(self.note)
        return RichTable(
            title=Text(printable(self.title)) if self.title else None,
            caption=Text(printable("; ".join(remarks))) if remarks else None,
            title_justify="left",
            box=box,
        )

    @property
    def is_matrix(self) -> bool:
        """Whether it has more than three columns after the first, and all of numbers."""
        first, *others = self.fields or (Column(""),)
        is_shown = not any(column.hidden for column in (first, *others))
        return is_shown and len(others) > 3 and all(column.kind in NUMERIC for column in others)

    @property
    def is_listing(self) -> bool:
        """Whether it shows source code with numbers of its lines, which has a layout of its own."""
        return any(
            isinstance(cell, Excerpt) and cell.first_line and not column.hidden
            for row in self.rows
            for column, cell in zip(self.fields, row, strict=True)
        )

    def blocks(self, most: int) -> list[Table]:
        """A matrix in parts of at most `most` columns after the first; any other table whole."""
        count = len(self.columns) - 1
        if not self.is_matrix or count <= most:
            return [self]
        return [
            replace(
                self,
                title=f"{self.title}, columns {start + 1} to {min(start + most, count)} of {count}",
                columns=(self.columns[0], *self.columns[1 + start : 1 + start + most]),
                rows=[(row[0], *row[1 + start : 1 + start + most]) for row in self.rows],
                note=self.note if start + most >= count else "",
            )
            for start in range(0, count, most)
        ]

    def _kind_of(self, column: int) -> ColumnKind:
        cells = [row[column] for row in self.rows if not is_empty(row[column])]
        return "number" if cells and all(map(_is_number, cells)) else "text"


def result_names(names: Iterable[str], own: Iterable[str]) -> dict[str, str]:
    """The names of columns of the result beside columns of the input: no two become the same.

    Args:
        names: of the result.
        own: of the input.
    """
    names, taken = list(names), set(own)
    renamed = {}
    for name in names:
        renamed[name] = name
        if name in taken:
            renamed[name] = result_name(name, {*taken, *names, *renamed.values()})
    return renamed


def result_name(name: str, own: Iterable[str]) -> str:
    """The name of a column of the result beside columns of the input."""
    names = set(own)
    while name in names:
        name = f"metier_{name}"
    return name


EXACT_NUMBERS = 2**53
"""Whole numbers up to this one are the same in every program; a browser rounds larger ones."""


_PIECE = re.compile(r"[^\s/\\_.,;:@-]*[/\\_.,;:@-]+|[^\s/\\_.,;:@-]+")


def word_pieces(word: str) -> list[str]:
    """A word without spaces in pieces between which a line may break: after signs."""
    return _PIECE.findall(word)


def _rich_cell(cell: object, column: Column, width: int | None = None) -> Text:
    from rich.text import Text

    if isinstance(cell, FilePosition):
        return cell.link(in_table=True)
    return Text(_folded(printable(shown(cell, exact=column.own)), width))


def _folded(text: str, width: int | None) -> str:
    """A text in which words wider than a column are broken between their pieces."""
    if width is None:
        return text
    return re.sub(r"\S+", lambda word: _broken(word[0], width), text)


def _broken(word: str, width: int) -> str:
    from rich.cells import cell_len

    if cell_len(word) <= width:
        return word
    lines = [""]
    for piece in word_pieces(word):
        if lines[-1] and cell_len(lines[-1] + piece) > width:
            lines.append("")
        lines[-1] += piece
    return "\n".join(lines)


def _is_number(cell: object) -> bool:
    if isinstance(cell, int) and not isinstance(cell, bool):
        return abs(cell) <= EXACT_NUMBERS
    return isinstance(cell, float)


def is_empty(cell: object) -> bool:
    """Whether a cell shows nothing."""
    return cell is None or (isinstance(cell, str) and not cell)


def shown(cell: object, *, exact: bool = False) -> str:
    """A cell as text; a long one in short.

    Args:
        cell: of a table.
        exact: whether a decimal number is shown with all of its digits, rather than three.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return repr(float(cell)).removesuffix(".0") if exact else f"{cell:.3f}"
    if isinstance(cell, ScoredPassage):
        return shown(cell.score)
    if isinstance(cell, Excerpt):
        return cell.short()
    if isinstance(cell, tuple) and positions_of(cell):
        return "; ".join(map(str, cell))
    return str(cell)


def whole(cell: object, *, exact: bool = False) -> str:
    """A cell as text, uncut; `exact` as of `shown`."""
    return cell.text if isinstance(cell, Excerpt) else shown(cell, exact=exact)


def shorten(text: str, limit: int = 160) -> str:
    """One line of at most `limit` characters, cut at a word with an ellipsis."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    head, space, _ = line[:limit].rpartition(" ")
    return (head if space else line[: limit - 1]) + "…"


def counted(count: int, noun: str) -> str:
    """`1 workflow`, `2 workflows`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
