"""Source code on a terminal: one block for each row of a table, with the lines as they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metier.results.code_lines import lexer_of, marked_lines, shown_lines
from metier.results.file_position import FilePosition
from metier.results.table import Excerpt, Table, is_empty, shown
from metier.texts.checks import printable

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

_GAP = "  "
_ELLIPSIS = "⋮"


def code_listing(table: Table, width: int) -> list[RenderableType]:
    """The first rows of a table, each as a line with its cells and the lines of its code below.

    Args:
        table: to show the first rows of.
        width: of the terminal, in characters.
    """
    from rich.text import Text

    parts: list[RenderableType] = []
    if table.title:
        parts.append(Text(printable(table.title), style="italic"))
    for row in table.rows[: table.head]:
        cells = [
            cell
            for column, cell in zip(table.fields, row, strict=True)
            if not column.hidden and not is_empty(cell)
        ]
        code = [cell for cell in cells if isinstance(cell, Excerpt) and cell.first_line]
        parts += ["", *_heading([cell for cell in cells if cell not in code], width)]
        for excerpt in code:
            parts += _code(excerpt, width)
    left_out = len(table.rows) - table.head
    remarks = [f"and {left_out} more"] if left_out > 0 else []
    remarks += [table.note] if table.note else []
    parts += ["", *(Text(printable(remark), style="italic") for remark in remarks)]
    return parts


def _heading(cells: list[object], width: int) -> list[Text]:
    """The cells that are no code: on one line; else long ones and positions on their own."""
    from rich.text import Text

    positions = [cell.link() for cell in cells if isinstance(cell, FilePosition)]
    others = [
        Text(printable(shown(cell)), style="bold")
        for cell in cells
        if not isinstance(cell, FilePosition)
    ]
    whole = _line([*others, *positions])
    if whole.cell_len <= width:
        return [whole]
    long = [Text.assemble(_GAP, cell) for cell in others if cell.cell_len > width // 3]
    short = [cell for cell in others if cell.cell_len <= width // 3]
    first = _line([*short, *positions])
    if first.cell_len <= width:
        return [first, *long]
    return [_line(short), *(_unwrapped(position) for position in positions), *long]


def _unwrapped(position: Text) -> Text:
    """A position on one line, however long, so that it can be copied and opened as a whole."""
    from rich.text import Text

    return Text.assemble(_GAP, position, no_wrap=True, overflow="ignore")


def _line(cells: list[Text]) -> Text:
    """Cells beside each other."""
    from rich.text import Text

    return Text(_GAP).join(cells)


def _code(excerpt: Excerpt, width: int) -> list[Text]:
    """The lines of source code that are shown, with their numbers; long ones are cut."""
    from rich.text import Text

    parts = shown_lines(excerpt)
    lines = _colored(excerpt).split("\n", allow_blank=True)
    indent = _common_indent([lines[n].plain for part in parts for n in range(*part)])
    marked = set(marked_lines(excerpt))
    digits = len(str(excerpt.first_line + len(lines)))
    shown_parts: list[Text] = []
    for number, part in enumerate(parts):
        if number or part.start:
            shown_parts.append(Text(f"{_ELLIPSIS:>{digits + 2}}", style="dim"))
        for line in range(*part):
            gutter = f"{excerpt.first_line + line:>{digits + 2}}"
            bar = (" ▌", "yellow") if line in marked else (" │", "dim")
            numbered = Text.assemble((gutter, "bold" if line in marked else "dim"), bar, " ")
            numbered.append_text(lines[line][indent:] if lines[line].plain.strip() else Text())
            numbered.truncate(width, overflow="ellipsis")
            numbered.no_wrap = True
            shown_parts.append(numbered)
    return shown_parts


def _colored(excerpt: Excerpt) -> Text:
    """The text in the colors of the terminal, with its marks; tabs are four spaces wide."""
    from rich.syntax import Syntax
    from rich.text import Text

    text = printable(excerpt.text)
    lexer = lexer_of(excerpt.language)
    if lexer is None:
        colored = Text(text)
    else:
        colored = Syntax("", lexer, theme="ansi_dark").highlight(text)
        if not colored.plain.startswith(text):  # a lexer that changes what it reads
            colored = Text(text)
    for start, end in excerpt.marks:
        colored.stylize("bold underline", start, end)
    colored.expand_tabs(4)
    return colored


def _common_indent(lines: list[str]) -> int:
    """Spaces that all lines begin with."""
    return min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
