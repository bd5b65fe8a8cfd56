"""Tables on a terminal: a matrix wider than it is divided, and its long headings are numbered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from metier.results.code_listing import code_listing
from metier.results.table import Table, shown
from metier.texts.checks import printable

if TYPE_CHECKING:
    from rich.console import RenderableType

_BORDER = 3
"""Characters between two columns."""

_FIRST_COLUMN = 0.4
"""Greatest share of the width that the first column takes where a matrix is divided."""

_LONG_HEADING = 8


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
    if not table.is_matrix or sum(_widths(table)) + 1 <= width:
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


def _widths(table: Table) -> list[int]:
    """Width of each column, in characters, with its border."""
    return [
        max(map(_cell_width, (column.name, *(row[index] for row in table.rows[: table.head]))))
        + _BORDER
        for index, column in enumerate(table.fields)
    ]


def _cell_width(cell: object) -> int:
    from rich.cells import cell_len

    return cell_len(printable(shown(cell)))


def _key(names: Sequence[str]) -> RenderableType:
    """What the numbers of columns stand for."""
    from rich.columns import Columns
    from rich.text import Text

    entries = [Text(f"{n} {printable(name)}") for n, name in enumerate(names, start=1)]
    return Columns(entries, padding=(0, 3), column_first=True)
