"""Lines of an HTML page: paragraphs, rows of tables, entries of lists with their numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from metier.texts.readers.html_tags import LISTS, Tag
from metier.texts.readers.numerals import format_number

_LONGEST_CELL = 1_000
"""Characters of a cell of several paragraphs; with more, a table arranges the parts of a page."""
_CELL_END = " | "
BULLET = "- "
"""Before an entry of a list that has no number."""
_MARK = re.compile(r"^#{1,6} ")
_BLANKS = re.compile(r"\s+")
_KINDS = {
    **dict.fromkeys(("a", "lower-alpha", "lower-latin"), "letters"),
    **dict.fromkeys(("A", "upper-alpha", "upper-latin"), "LETTERS"),
    **dict.fromkeys(("i", "lower-roman"), "lowerRoman"),
    **dict.fromkeys(("I", "upper-roman"), "upperRoman"),
    **dict.fromkeys(("none", "disc", "circle", "square"), ""),
    **dict.fromkeys(("1", "decimal"), "decimal"),
    "decimal-leading-zero": "decimalZero",
}
"""Kinds of numbers by the `type` of a list or by its style; empty for none."""


class Lines:
    """Builds the lines of a page or of a cell.

    Attributes:
        lines: as far as they have ended.
        line: texts of the line that has not.
        mark: what the next line with text begins with.
        has_blocks: whether it holds headings, tables or code, which fit on no line of a table.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.mark = ""
        self.has_blocks = False
        self.line: list[str] = []

    def end_line(self, *, preformatted: bool = False) -> None:
        if not (self.line or preformatted):
            return
        line = "".join(self.line).replace("\u00ad", "")
        self.line = []
        line = line.rstrip() if preformatted else _BLANKS.sub(" ", line).strip()
        if line.strip():
            self.add_line(line)
        elif preformatted:
            self.lines.append("")

    def add_line(self, line: str) -> None:
        self.lines.append(self.mark + line)
        self.mark = ""

    def filled(self) -> list[str]:
        """The lines with text."""
        return [line for line in self.lines if line.strip()]

    def is_layout(self) -> bool:
        """Whether a cell with this content is a part of the page and no value in a table."""
        return len(self.filled()) > 1 and (
            self.has_blocks or sum(map(len, self.lines)) > _LONGEST_CELL
        )


class Table:
    """A table whose rows are added to lines.

    Attributes:
        lines: what the table stands in.
        cells: of the row so far, with the number of rows that each spans.
    """

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.cells: list[tuple[Lines, int]] = []
        self._spanning: dict[int, tuple[str, int]] = {}  # text and further rows, by position

    def end_row(self, most: int) -> int:
        """Add the row to the lines.

        Args:
            most: characters that cells may be repeated with in the rows that they span.

        Returns:
            the characters that were repeated.
        """
        cells, self.cells = self.cells, []
        for lines, _ in cells:
            lines.end_line()
        filled = [lines for lines, _ in cells if lines.filled()]
        is_alone = len(cells) == len(filled) == 1 and not self._spanning
        if any(lines.is_layout() for lines in filled) or (is_alone and len(filled[0].filled()) > 1):
            self._spanning = {}
            for lines in filled:
                self.lines.lines += [*lines.lines, ""]
            return 0
        own = iter(cells)
        texts: list[str] = []
        repeated = 0
        spanning, self._spanning = self._spanning, {}
        while True:
            position = len(texts)
            text, rows = spanning.get(position, ("", 0))
            if rows:
                repeated += len(text) + len(_CELL_END)
            elif (cell := next(own, None)) is not None:
                text, rows = _MARK.sub("", " ".join(cell[0].filled())), cell[1]
            else:
                break
            texts.append(text)
            if rows > 1 and repeated < most:
                self._spanning[position] = (text, rows - 1)
        while texts and not texts[-1]:
            texts.pop()
        if filled:
            self.lines.add_line(_CELL_END.join(texts))
        return repeated


class Element(NamedTuple):
    """An open element.

    Attributes:
        name: in lower case.
        kind: what its end means for the text; None where that is nothing.
        lines: what it stands in.
        is_foreign: whether it belongs to a picture or a formula.
        tag: that began it; None where another tag did.
        is_invisible: whether it is not shown, but elements in it can be.
    """

    name: str
    kind: str | None
    lines: Lines
    is_foreign: bool
    tag: Tag | None = None
    is_invisible: bool = False


class List:
    """A list whose entries may be numbered.

    Args:
        tag: that begins it.
        style: its kind of numbers, as a style names it; empty where none does.
        length: number of its entries, where they count down.
    """

    def __init__(self, tag: Tag, style: str, length: int) -> None:
        is_reversed = "reversed" in tag.attributes and tag.name == "ol"
        self._step = -1 if is_reversed else 1
        self._next = tag.number("start", length if is_reversed else 1)
        self._kind = "decimal" if tag.name == "ol" else ""
        self._kind = self._kind_of(tag, style)

    def mark(self, tag: Tag, style: str) -> str:
        """What the next entry begins with, and count it."""
        number = tag.number("value", self._next)
        self._next = number + self._step
        kind = self._kind_of(tag, style)
        return f"{format_number(number, kind, 2 * (kind == 'decimalZero'))}. " if kind else BULLET

    def _kind_of(self, tag: Tag, style: str) -> str:
        return _KINDS.get(style, _KINDS.get(tag.attributes.get("type", ""), self._kind))


def lengths_of_lists(parts: Iterable[Tag | str]) -> Iterator[int]:
    """The number of entries of each `ol` of a page, in the order in which they begin."""
    lengths: list[int] = []
    inside: list[int | None] = []  # the positions of numbered lists; None for others
    for part in parts:
        if not isinstance(part, Tag):
            continue
        if part.name in LISTS and part.closing:
            del inside[-1:]
        elif part.name in LISTS:
            inside.append(len(lengths) if part.name == "ol" else None)
            lengths += [0] * (part.name == "ol")
        elif part.name == "li" and not part.closing and inside and inside[-1] is not None:
            lengths[inside[-1]] += 1
    yield from lengths
