"""Tables on a terminal: columns fold at words, and a matrix wider than the terminal is divided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from metier.results.code_listing import code_listing
from metier.results.table import NUMERIC, Table, shown, word_pieces
from metier.texts.checks import printable

if TYPE_CHECKING:
    from rich.console import RenderableType

_BORDER = 3
"""Characters between two columns."""

_FIRST_COLUMN = 0.4
"""Greatest share of the width that the first column takes where a matrix is divided."""

_LONG_HEADING = 8

_LONG_WORD = 24
"""Characters of a word, such as an id, from which it may be broken anywhere."""


def terminal_tables(table: Table, width: int) -> list[RenderableType]:
    """What shows a table on a terminal; of source code with numbers of lines its listing.

    A matrix that does not fit is shown in blocks of columns, each with the first column. Long
    headings are replaced by numbers, and a key with the headings follows.

    Args:
        table: to show the first rows of.
        width: of the terminal, in characters.
    """
    if table.is_listing:
        return code_listing(table, width)
    if not table.is_matrix:
        return [_fitted(table, width)]
    if sum(_widths(table)) + 1 <= width:
        return [table.rich()]
    heading, *fields = table.fields
    key: list[RenderableType] = []
    if max(len(column.name) for column in fields) > _LONG_HEADING:
        key = [_key([column.name for column in fields])]
        numbers = (replace(column, name=str(n)) for n, column in enumerate(fields, start=1))
        table = replace(table, columns=(heading, *numbers))
    first, *others = _widths(table)
    left = width - 1 - min(first, int(width * _FIRST_COLUMN))
    blocks = table.blocks(max(1, left // max(others)))
    return [*(block.rich() for block in blocks), *key]


def _fitted(table: Table, width: int) -> RenderableType:
    """A table whose columns fold at words; below each other where words have no room."""
    sizes = [_size(table, index) for index, column in enumerate(table.fields) if not column.hidden]
    room = width - 1 - _BORDER * len(sizes)
    if sum(size.whole for size in sizes) <= room:
        return table.rich()
    widths = [min(size.least, _LONG_WORD) for size in sizes]
    if sum(widths) > room:
        return table.rich_records(width)
    while sum(widths) < room:
        narrow = [index for index, size in enumerate(sizes) if widths[index] < size.whole]
        # the column whose texts take the most lines is widened
        widths[max(narrow, key=lambda index: sizes[index].mean / widths[index])] += 1
    return table.rich(widths)


class _Size(NamedTuple):
    """How wide a column is, in characters: its longest cell, word and, on average, cells."""

    whole: int
    least: int
    mean: float


def _size(table: Table, index: int) -> _Size:
    from rich.cells import cell_len

    column = table.fields[index]
    name = printable(column.name)
    cells = [printable(shown(row[index], exact=column.own)) for row in table.rows[: table.head]]
    words = [word for text in (name, *cells) for word in text.split()]
    pieces = [piece for word in words for piece in word_pieces(word)]
    if column.kind in NUMERIC:
        pieces += cells  # a number is not broken
    lines = [line for text in (name, *cells) for line in text.splitlines()]
    return _Size(
        whole=max(map(cell_len, lines), default=1),
        least=max(map(cell_len, pieces), default=1),
        mean=max(1.0, sum(map(cell_len, cells)) / max(1, len(cells))),
    )


def _widths(table: Table) -> list[int]:
    """Width of each column, in characters, with its border."""
    return [_size(table, index).whole + _BORDER for index in range(len(table.columns))]


def _key(names: Sequence[str]) -> RenderableType:
    """What the numbers of columns stand for."""
    from rich.columns import Columns
    from rich.text import Text

    entries = [Text(f"{n} {printable(name)}") for n, name in enumerate(names, start=1)]
    return Columns(entries, padding=(0, 3), column_first=True)
