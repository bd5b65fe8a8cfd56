"""Tables in the text of a filing: their header, their rows, and what each row stands under."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

_RULE = re.compile(r"[\s|:+=-]*")
"""A line that only separates: `|---|---:|` in Markdown."""

_DIGIT = re.compile(r"\d")
_DATE = re.compile(
    r"""
    (?:\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?(?:\s+\d{1,2}\b(?!\d))?)
    | \b\d{1,2}(?=\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))
    | \b(?:19|20)\s?\d\s?\d\b(?:\s?[-/\u2013]\s?(?:\d{2}|\d{4})\b)?
    | \b(?:fy|f|q[1-4]|h[12])\s?'?\d{2,4}\b | \b[qh][1-4]\b
    | '?\b0{3}s?\b | \b\d{1,2}/\d{1,2}/\d{2,4}\b | \bnotes?\s+\d+
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Digits that a header has: of dates, years and periods, of thousands and of notes."""

_FOOTNOTE = re.compile(r"(?<=[^\W\d_])[\s,]*\(\d{1,2}\)")
"""`Net revenues (1)`: a mark behind a word, where `(1)` alone is a loss of one."""

_UNITS = re.compile(
    r"\b(?:thousands?|millions?|billions?|[ckm]?usd|eur|gbp|unaudited|audited|restated|per share|"
    r"percent(?:age)?s?|except)\b|['\u2019]0{3}|[$\u20ac\u00a3\u00a5]",
    re.IGNORECASE,
)

_DASHES = frozenset("-\u2013\u2014\u2212")


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row with figures.

    Attributes:
        start: offset of its first character.
        end: offset after its last one.
        lead: offset of the lines before it that hold no figures: the header, or the label of a
            group of rows; `start` where there are none.
        header: the cells of the table's header, with periods and units, on one line.
        group: label of the rows that it is one of (`Current assets:`); empty if it has none.
        leads_header: whether the header stands between `lead` and `start`.
        leads_group: whether the label of the group does.
    """

    start: int
    end: int
    lead: int
    header: str
    group: str
    leads_header: bool
    leads_group: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text, without its line break."""

    start: int
    text: str

    @property
    def end(self) -> int:
        """Offset after its last character."""
        return self.start + len(self.text)


def lines_of(text: str) -> list[Line]:
    """The lines of a text with their offsets."""
    lines, start = [], 0
    for line in text.splitlines(keepends=True):
        lines.append(Line(start, line.rstrip("\r\n")))
        start += len(line)
    return lines


def cells_of(line: str) -> list[str]:
    """The cells of a row, without the bars of Markdown at its ends."""
    stripped = line.strip()
    if stripped.startswith("|") and stripped.endswith("|") and len(stripped) > 1:
        stripped = stripped[1:-1]
    else:
        stripped = line
    return [cell.strip() for cell in stripped.split("|")]


def tables_of(text: str) -> Iterator[tuple[list[Line], list[TableRow]]]:
    """The lines of a text, stretch by stretch, with the rows of those that are tables.

    Yields:
        Lines end to end, and the rows with figures in them; none for text that is no table.
    """
    for is_table, group in groupby(lines_of(text), key=lambda line: is_table_line(line.text)):
        lines = list(group)
        yield lines, list(table_rows(lines)) if is_table and len(lines) > 1 else []


def is_table_line(line: str) -> bool:
    """Whether a line may be a row of a table."""
    return "|" in line


def table_rows(lines: Sequence[Line]) -> Iterator[TableRow]:
    """The rows with figures of a table, in order; none where it has no figures.

    What stands above the first of them is its header. A line with one label and nothing else is
    the label of the rows below it, and one without a label changes periods or units.

    Args:
        lines: all of the table.
    """
    header: list[str] = []
    group = ""
    lead: int | None = None
    leads_header = leads_group = follows_figures = False
    for line in lines:
        cells = cells_of(line.text)
        filled = [cell for cell in cells if cell and not _RULE.fullmatch(cell)]
        lead = line.start if lead is None else lead
        if _has_figures(cells):
            joined = " | ".join(dict.fromkeys(header))
            yield TableRow(line.start, line.end, lead, joined, group, leads_header, leads_group)
            lead, leads_header, leads_group, follows_figures = None, False, False, True
            if cells[0].casefold().startswith("total"):
                group = ""  # what comes after its sum is no part of a group
        elif _is_label(cells, filled) and header:
            group, leads_group = filled[0], True
        elif filled:
            header = [*([] if follows_figures else header), *filled]
            group, leads_header, follows_figures = "", True, False


def _has_figures(cells: Sequence[str]) -> bool:
    """Whether a row holds figures, and not periods, units and names of columns."""
    if any(_DIGIT.search(_DATE.sub("", _FOOTNOTE.sub("", cell))) for cell in cells[1:]):
        return True
    return bool(cells[0]) and any(cell in _DASHES for cell in cells[1:])


def _is_label(cells: Sequence[str], filled: Sequence[str]) -> bool:
    """Whether a row is a label alone, of rows below it, and neither periods nor units."""
    if len(filled) != 1 or not cells[0]:
        return False
    label = _FOOTNOTE.sub("", filled[0])
    return not (_DATE.search(label) or _UNITS.search(label))
