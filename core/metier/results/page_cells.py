"""Cells of tables as data for the script of a page."""

from __future__ import annotations

import math
from typing import Any

from metier.results.code_lines import lexer_of, marked_lines, shown_lines
from metier.results.document_position import positions_of
from metier.results.file_position import FilePosition, address_path
from metier.results.table import EXACT_NUMBERS, Excerpt, ScoredPassage, shown


def cell_data(cell: object) -> Any:
    """A cell as plain data, which `assets/cells.js` makes a node of."""
    if isinstance(cell, ScoredPassage):
        passage = cell_data(cell.passage)
        return {"score": cell.score, "location": cell.location, "passage": passage}
    if isinstance(cell, Excerpt):
        return {
            "text": cell.text,
            "marks": [
                [utf16_length(cell.text[:start]), utf16_length(cell.text[:end])]
                for start, end in cell.marks
            ],
            "tokens": _code_tokens(cell.text, cell.language) if cell.language else None,
            **(_numbered_lines(cell) if cell.first_line else {}),
        }
    positions = positions_of(cell)
    if positions:
        return {"passages": [{"label": str(part), "tone": part.tone} for part in positions]}
    if isinstance(cell, FilePosition):
        line, column = cell.in_file
        return {
            "position": str(cell),
            "path": address_path(cell.file) if cell.file else "",
            "line": line,
            "column": column,
        }
    is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
    if cell is None or (is_number and is_exact(cell)):  # type: ignore[arg-type]
        return cell
    return shown(cell)


def _numbered_lines(cell: Excerpt) -> dict[str, Any]:
    """What shows source code by its lines: the number of the first, and those shown in short."""
    return {
        "first": cell.first_line,
        "shown": [[part.start, part.end] for part in shown_lines(cell)],
        "marked": marked_lines(cell),
    }


def is_exact(number: float) -> bool:
    """Whether JavaScript has this number: infinity JSON lacks, and large whole ones are rounded."""
    if isinstance(number, int):
        return abs(number) <= EXACT_NUMBERS
    return math.isfinite(number)


def utf16_length(text: str) -> int:
    """Length as JavaScript counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _code_tokens(text: str, language: str) -> list[tuple[int, str]]:
    """Tokens of source code in order, each with its length and the class that Pygments gives it."""
    from pygments.token import STANDARD_TYPES

    lexer = lexer_of(language)
    if lexer is None:
        return [(utf16_length(text), "")]
    return [
        (utf16_length(token), STANDARD_TYPES.get(kind, ""))
        for kind, token in lexer.get_tokens(text)
    ]
