"""Documents of a result in Word: their texts, with the marks highlighted and numbered."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from metier.results.document_marks import DocumentMark, document_marks
from metier.results.document_position import MarkTone
from metier.results.result_document import INVISIBLE, ResultDocument, heading_lines, shown_text
from metier.results.table import Table

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

_HIGHLIGHTS: dict[MarkTone, str] = {
    "good": "BRIGHT_GREEN",
    "warning": "YELLOW",
    "bad": "PINK",
    "neutral": "GRAY_25",
}
"""Colors of highlighters in Word."""


def add_documents(
    word: Document, tables: Sequence[Table], documents: Sequence[ResultDocument]
) -> None:
    """Append documents, each from a page of its own, upright.

    Args:
        word: the document that gets them.
        tables: whose rows lead into them.
        documents: in order.
    """
    from docx.enum.section import WD_ORIENT

    marks = document_marks(tables, documents)
    for index, document in enumerate(documents):
        page = word.add_section()  # as the one before
        if index == 0:
            page.orientation = WD_ORIENT.PORTRAIT
            page.page_width, page.page_height = page.page_height, page.page_width
        word.add_heading(printed_text(document.name), level=1)
        own = [mark for mark in marks if mark.position.document == document.id]
        _add_text(word, document, sorted(own, key=lambda mark: mark.position.start))


def _add_text(word: Document, document: ResultDocument, marks: Sequence[DocumentMark]) -> None:
    """A paragraph for each line of a text that is not blank; a line with a sign is a heading."""
    titles = sorted((entry.start, entry.start + len(entry.title)) for entry in document.headings)
    lines = {line.start: line for line in heading_lines(document.text)}
    text = shown_text(document.text)
    start = 0
    for line in text.splitlines(keepends=True):
        end = start + len(line.rstrip())
        if start < end:
            inside = [
                mark for mark in marks if mark.position.start < end and mark.position.end > start
            ]
            heading = lines.get(start)
            if heading is not None:
                paragraph = word.add_heading(level=min(heading.level + 1, 9))
                _add_runs(paragraph, text, (heading.title_start, end), inside, ())
            else:
                bold = titles[bisect_left(titles, (start, 0)) : bisect_left(titles, (end, 0))]
                _add_runs(word.add_paragraph(), text, (start, end), inside, bold)
        start += len(line)


def _add_runs(
    paragraph: Paragraph,
    text: str,
    line: tuple[int, int],
    marks: Sequence[DocumentMark],
    headings: Iterable[tuple[int, int]],
) -> None:
    """A line of a text in runs: each ends where a mark, a part of one or a heading does."""
    from docx.enum.text import WD_COLOR_INDEX

    spans = [*headings, *((mark.position.start, mark.position.end) for mark in marks)]
    parts = [part for mark in marks for part in mark.position.parts]
    edges = {*line, *(edge for span in (*spans, *parts) for edge in span)}
    for start, end in pairwise(sorted(edge for edge in edges if line[0] <= edge <= line[1])):
        begun = dict.fromkeys(mark.number for mark in marks if _begins(mark, text, line[0], start))
        if begun:
            paragraph.add_run("".join(f"[{number}] " for number in begun)).bold = True
        run = paragraph.add_run(printed_text(text[start:end]).replace(INVISIBLE, ""))
        covering = [
            mark.position
            for mark in marks
            if mark.position.start <= start and end <= mark.position.end
        ]
        if any(first <= start and end <= last for first, last in (*headings, *parts)):
            run.bold = True
        if covering:
            shortest = min(covering, key=lambda position: position.end - position.start)
            color = getattr(WD_COLOR_INDEX, _HIGHLIGHTS[shortest.tone])
            run.font.highlight_color = color


def _begins(mark: DocumentMark, text: str, line: int, start: int) -> bool:
    """Whether a mark begins with a run: at its start, or at the sign before its heading."""
    if mark.position.start == start:
        return True
    sign = text.rfind("\n", 0, line) + 1
    return start == line and sign <= mark.position.start < line


def printed_text(text: str) -> str:
    """A text without the characters that XML forbids."""
    return re.sub(
        r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]",
        "\N{REPLACEMENT CHARACTER}",
        text,
    )
