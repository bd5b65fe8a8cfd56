"""A result as a document for readers: Markdown and Word."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from metier.errors import MissingExtraError
from metier.results.document_marks import numbered_tables
from metier.results.page import PageSection
from metier.results.table import NUMERIC, Excerpt, Table, counted, is_empty, whole
from metier.results.word_appendix import add_documents, printed_text

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

_COLUMNS_OF_PAGE = 8
"""Columns of numbers that a landscape page has room for, beside what they are set against."""

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def markdown_of(section: PageSection) -> str:
    """The result in Markdown: its printed tables, every row; no text is read as markup."""
    parts = [f"# {_escaped(section.title)}", _escaped(section.headline)]
    parts += [f"**{_escaped(label)}:** {_escaped(text)}" for label, text in section.about]
    for table in _printed_tables(section):
        if table.title:
            parts.append(f"## {_escaped(table.title)}")
        parts.append(_markdown_listing(table) if table.is_listing else _markdown_table(table))
        if table.note:
            parts.append(_escaped(table.note))
    parts += [_escaped(note) for note in _notes(section)]
    if section.origin:
        parts.append(f"---\n\n{_escaped(section.origin)}")
    return "\n\n".join(parts) + "\n"


def _printed_tables(section: PageSection, most_columns: int | None = None) -> list[Table]:
    """The tables that a document has, a matrix in parts that fit on a page."""
    tables = [table for table in section.tables if table.printed]
    if most_columns is None:
        return tables
    return [block for table in tables for block in table.blocks(most_columns)]


def _notes(section: PageSection) -> list[str]:
    """The notes, and where the tables are that a document does not have."""
    left_out = [
        f"{table.title} ({counted(len(table.rows), 'row')}): saved as .xlsx, .html or .csv."
        for table in section.tables
        if not table.printed
    ]
    return [*left_out, *section.notes]


def _markdown_table(table: Table) -> str:
    columns = table.fields
    rule = ["---:" if column.kind in NUMERIC else "---" for column in columns]
    lines = [[_escaped(column.name) for column in columns], rule]
    lines += [
        [_escaped(whole(cell, exact=column.own)) for column, cell in zip(columns, row, strict=True)]
        for row in table.rows
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _markdown_listing(table: Table) -> str:
    """Source code in blocks, each below a line with the other cells of its row."""
    parts = []
    for row in table.rows:
        cells = list(zip(table.fields, row, strict=True))
        code = [cell for cell in row if isinstance(cell, Excerpt) and cell.first_line]
        others = [
            _escaped(whole(cell, exact=column.own))
            for column, cell in cells
            if cell not in code and not column.hidden and not is_empty(cell)
        ]
        parts.append(" · ".join(others))
        parts += [_fenced(excerpt) for excerpt in code]
    return "\n\n".join(parts)


def _fenced(excerpt: Excerpt) -> str:
    """Source code as it stands, in a block that nothing in it ends."""
    longest = max(map(len, re.findall("`+", excerpt.text)), default=0)
    fence = "`" * max(3, longest + 1)
    language = re.sub(r"[^a-z0-9+#-]", "", excerpt.language.lower())
    return f"{fence}{language}\n{excerpt.text}\n{fence}"


def _escaped(text: str) -> str:
    """A text on one line in which Markdown finds no markup."""
    line = _MARKUP.sub(r"\\\1", " ".join(text.split()))
    return re.sub(r"^([-+=])|^(\d+)([.)])(?=\s|$)", _escaped_start, line)


def _escaped_start(match: re.Match[str]) -> str:
    """The sign of a list or heading, or the number of a list entry, as plain text."""
    return f"\\{match[1]}" if match[1] else f"{match[2]}\\{match[3]}"


def word_of(section: PageSection) -> bytes:
    """The result as a Word document: its printed tables, every row; marks are highlighted.

    The documents that the rows lead into follow, with their marks numbered as the rows are.

    Raises:
        MissingExtraError: python-docx is not installed.
    """
    try:
        from docx import Document
    except ImportError:
        raise MissingExtraError("A .docx file", "documents", "python-docx") from None
    section = replace(section, tables=numbered_tables(section.tables, section.documents))
    document = Document()
    _landscape(document)
    document.add_heading(printed_text(section.title), level=0)
    document.add_paragraph(printed_text(section.headline))
    for label, text in section.about:
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{printed_text(label)}: ").bold = True
        paragraph.add_run(printed_text(text))
    for table in _printed_tables(section, most_columns=_COLUMNS_OF_PAGE):
        if table.title:
            document.add_heading(printed_text(table.title), level=1)
        _add_table(document, table)
        if table.note:
            document.add_paragraph(printed_text(table.note))
    for note in _notes(section):
        document.add_paragraph(printed_text(note))
    if section.origin:
        document.add_paragraph(printed_text(section.origin), style="Caption")
    add_documents(document, section.tables, section.documents)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _landscape(document: Document) -> None:
    from docx.enum.section import WD_ORIENT

    page = document.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = page.page_height, page.page_width


def _add_table(document: Document, table: Table) -> None:
    from docx.oxml import OxmlElement

    columns = table.fields
    grid = document.add_table(rows=1 + len(table.rows), cols=len(columns), style="Table Grid")
    lines = [tuple(column.name for column in columns), *table.rows]
    for row, cells in zip(grid.rows, lines, strict=True):
        for target, column, cell in zip(row.cells, columns, cells, strict=True):
            _fill(target.paragraphs[0], cell, exact=column.own)
    heading = grid.rows[0]
    for cell in heading.cells:
        for run in cell.paragraphs[0].runs:
            run.bold = True
    repeated = OxmlElement("w:tblHeader")  # the heading is repeated on every page
    heading._tr.get_or_add_trPr().append(repeated)
    document.add_paragraph()


def _fill(paragraph: Paragraph, cell: object, *, exact: bool) -> None:
    from docx.enum.text import WD_COLOR_INDEX
    from docx.shared import Pt

    if not isinstance(cell, Excerpt):
        paragraph.add_run(printed_text(whole(cell, exact=exact)))
        return
    end = 0
    for start, stop in cell.marks:
        paragraph.add_run(printed_text(cell.text[end:start]))
        paragraph.add_run(
            printed_text(cell.text[start:stop])
        ).font.highlight_color = WD_COLOR_INDEX.YELLOW
        end = stop
    paragraph.add_run(printed_text(cell.text[end:]))
    if cell.first_line:
        for run in paragraph.runs:
            run.font.name, run.font.size = "Courier New", Pt(8)
