"""Documents beside tables as data for the script of a page: texts, headings, pages and marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from metier.results.document_marks import (
    DocumentMark,
    document_marks,
    position_columns,
)
from metier.results.page_cells import utf16_length
from metier.results.result_document import ResultDocument, heading_lines, shown_text
from metier.results.table import Table

_BESIDE = 2
"""A table with more columns of positions, such as a matrix, stands above the documents."""


class TableOrder(NamedTuple):
    """Indices of the tables of a section, by where they stand on a page.

    Attributes:
        above: the documents.
        beside: them, in the list of findings.
        below: them.
    """

    above: list[int]
    beside: list[int]
    below: list[int]


def order_of_tables(tables: Sequence[Table]) -> TableOrder:
    """Where tables stand: beside the documents those that lead there, or else the first one.

    Above them stand what comes before these, and tables with many columns that lead there.
    """
    columns = [len(position_columns(table)) for table in tables]
    beside = [index for index, count in enumerate(columns) if 0 < count <= _BESIDE]
    if not any(columns):
        beside = [0] if tables else []
    first = min(beside, default=0)
    above = [index for index, count in enumerate(columns) if index < first or count > _BESIDE]
    below = [index for index in range(len(tables)) if index not in (*above, *beside)]
    return TableOrder(above, beside, below)


def documents_data(
    tables: Sequence[Table], documents: Sequence[ResultDocument]
) -> list[dict[str, Any]]:
    """The documents as plain data, which `assets/review.js` shows; offsets count UTF-16 units."""
    marks: dict[str, list[DocumentMark]] = {document.id: [] for document in documents}
    for mark in document_marks(tables, documents):
        marks[mark.position.document].append(mark)
    return [_document_data(document, marks[document.id]) for document in documents]


def _document_data(document: ResultDocument, marks: Sequence[DocumentMark]) -> dict[str, Any]:
    headings = [
        (heading.start, _end_of_title(document.text, heading.start, heading.title), heading)
        for heading in document.headings
        if 0 <= heading.start < len(document.text)
    ]
    lines = heading_lines(document.text)
    edges = {*document.page_starts}
    edges |= {edge for line in lines for edge in (line.start, line.title_start, line.end)}
    edges |= {edge for start, end, _ in headings for edge in (start, end)}
    for mark in marks:
        parts = mark.position.parts
        edges |= {
            mark.position.start,
            mark.position.end,
            *(edge for part in parts for edge in part),
        }
    offsets = utf16_offsets(document.text, edges)
    return {
        "name": document.name,
        "text": shown_text(document.text),
        "pages": [offsets[start] for start in document.page_starts],
        "headings": [
            [offsets[start], offsets[end], heading.level, " ".join(heading.title.split())]
            for start, end, heading in headings
        ],
        "lines": [
            [offsets[line.start], offsets[line.title_start], offsets[line.end], line.level]
            for line in lines
        ],
        "marks": [_mark_data(mark, offsets) for mark in marks],
    }


def _end_of_title(text: str, start: int, title: str) -> int:
    """Where a heading ends that stands in the text as its title has it; else its start."""
    return start + len(title) if text.startswith(title, start) else start


def _mark_data(mark: DocumentMark, offsets: Mapping[int, int]) -> dict[str, Any]:
    position = mark.position
    return {
        "start": offsets[position.start],
        "end": offsets[position.end],
        "parts": [[offsets[start], offsets[end]] for start, end in position.parts],
        "tone": position.tone,
        "label": position.label,
        "number": mark.number,
        "table": mark.table,
        "row": mark.row,
        "column": mark.column,
    }


def utf16_offsets(text: str, offsets: Iterable[int]) -> dict[int, int]:
    """Offsets in a text, by the offset in Python, as JavaScript counts them."""
    ordered = sorted(offsets)
    if text.isascii() or max(text, default="") <= "\uffff":
        return {offset: offset for offset in ordered}
    counted, last, length = {}, 0, 0
    for offset in ordered:
        length += utf16_length(text[last:offset])
        counted[offset], last = length, offset
    return counted
