"""A table for people, for terminals, notebooks and reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from metier.texts.checks import printable

if TYPE_CHECKING:
    from rich.table import Table as RichTable


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column names; numbers are right-aligned, long texts wrap.

    Attributes:
        title: above the table; may be empty.
        columns: names.
        rows: as many cells as columns; floats are shown with three decimals.
        note: below the table, such as how many rows were left out.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[object, ...]]
    note: str = ""

    def rich(self) -> RichTable:
        """The table for a terminal."""
        from rich.table import Table as RichTable
        from rich.text import Text

        table = RichTable(
            title=Text(printable(self.title)) if self.title else None,
            caption=Text(printable(self.note)) if self.note else None,
            title_justify="left",
        )
        for index, name in enumerate(self.columns):
            numeric = self._is_numeric(index)
            # fold: a word wider than its column continues in the next line, nothing is cut
            table.add_column(
                Text(name),
                justify="right" if numeric else "left",
                no_wrap=numeric,
                overflow="fold",
            )
        for row in self.rows:
            table.add_row(*(Text(printable(shown(cell))) for cell in row))
        return table

    def html(self) -> str:
        """The table as an HTML fragment; every cell is escaped."""
        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        body = "".join(
            "<tr>"
            + "".join(
                f"<td{' class=number' if self._is_numeric(index) else ''}>"
                f"{escape(shown(cell))}</td>"
                for index, cell in enumerate(row)
            )
            + "</tr>"
            for row in self.rows
        )
        caption = f"<caption>{escape(self.title)}</caption>" if self.title else ""
        note = f"<p class=note>{escape(self.note)}</p>" if self.note else ""
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"

    def _is_numeric(self, column: int) -> bool:
        cells = [row[column] for row in self.rows if row[column] not in (None, "")]
        return bool(cells) and all(
            isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells
        )


def shown(cell: object) -> str:
    """A cell as text."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return f"{cell:.3f}"
    return str(cell)


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
