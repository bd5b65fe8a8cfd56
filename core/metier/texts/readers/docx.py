"""Word documents: paragraphs and tables in their order, headings as Markdown."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from metier.errors import InputError, MissingExtraError
from metier.texts.checks import MAX_DOCUMENT_CHARACTERS
from metier.texts.reader import CONVERTED_FROM, Reader, Row, too_long

if TYPE_CHECKING:
    from docx.table import Table
    from docx.text.paragraph import Paragraph

_LARGEST = 100_000_000
"""Most bytes of unpacked XML, which take about twenty times as much memory while read."""
_LARGEST_WITH_PICTURES = 512_000_000
"""Most bytes of everything unpacked, all of which is read; Word opens no larger file."""
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_HEADING = re.compile(r"Heading ([1-9])")


def _document(path: Path) -> Row:
    try:
        import docx
    except ImportError:
        raise MissingExtraError("Reading .docx files", "documents", "python-docx") from None
    _refuse_others(path)
    try:
        document = docx.Document(str(path))
        # looking them up for each paragraph would take most of the time
        styles = {style.style_id: style.name or "" for style in document.styles}
        text = "\n\n".join(_blocks(document.iter_inner_content(), styles))
    except OSError:
        raise
    except Exception as error:
        # python-docx raises any exception for a broken file; only its code runs in this block
        reason = str(error).strip().splitlines()[:1]
        raise InputError(
            f"{path.name} is not a readable Word document "
            f"({': '.join([type(error).__name__, *reason])}).",
            fix="Open it in a word processor and save it again as .docx.",
        ) from None
    if not text:
        raise InputError(
            f"{path.name} holds no text.",
            why="Text inside of pictures and text boxes is not read.",
        )
    if len(text) > MAX_DOCUMENT_CHARACTERS:
        raise too_long(path.name, f"{len(text):,} characters")
    return {"id": path.name, "text": text, CONVERTED_FROM: "docx"}


def _refuse_others(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(4) == _OLD_OFFICE:
            raise InputError(
                f"{path.name} is a .doc file, or protected by a password.",
                fix="Open it in a word processor and save it as .docx without a password.",
            )
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts if _is_text(part.filename))
            whole = sum(part.file_size for part in parts)
            is_word = "[Content_Types].xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        is_word, size, whole = False, 0, 0
    if not is_word:
        raise InputError(
            f"{path.name} is not a Word document.",
            why="It is another kind of file, or it was not written to its end.",
            fix="Download or export it again.",
        )
    if size > _LARGEST or whole > _LARGEST_WITH_PICTURES:
        raise InputError(
            f"{path.name} is too long for one document: {size / 1e6:,.0f} MB once unpacked, "
            f"{whole / 1e6:,.0f} MB with its pictures.",
            why=f"The limit is {_LARGEST / 1e6:,.0f} MB, some thousands of pages, and "
            f"{_LARGEST_WITH_PICTURES / 1e6:,.0f} MB with pictures. More is nearly always an "
            "archive made to fill the memory.",
            fix="Divide it into files, or leave its pictures out.",
        )


def _is_text(name: str) -> bool:
    return name.endswith((".xml", ".rels"))


def _blocks(content: Iterator[Paragraph | Table], styles: Mapping[str, str]) -> Iterator[str]:
    """Paragraphs and tables as texts, without the empty ones; a row of a table is a line."""
    from docx.table import Table

    for block in content:
        text = (
            "\n".join(_rows(block, styles))
            if isinstance(block, Table)
            else _paragraph(block, styles)
        )
        if text:
            yield text


def _paragraph(paragraph: Paragraph, styles: Mapping[str, str]) -> str:
    text = paragraph.text.strip()
    style = styles.get(paragraph._p.style or "")
    if not text or not style:
        return text
    heading = _HEADING.fullmatch(style)
    level = 1 if style == "Title" else min(int(heading[1]), 6) if heading else 0
    return f"{'#' * level} {' '.join(text.split())}" if level else text


def _rows(table: Table, styles: Mapping[str, str]) -> Iterator[str]:
    """Each row as a line; a cell is repeated in all rows that it spans, but not in columns.

    `row.cells` and `cell.grid_offset` would look for the spans anew for every cell.
    """
    from docx.table import _Cell

    above: dict[int, str] = {}  # by the column that a cell begins in
    for row in table._tbl.tr_lst:
        cells: list[str] = []
        column = row.grid_before
        for cell in row.tc_lst:
            text = above.get(column, "")
            if cell.vMerge != "continue":
                content = _Cell(cell, table).iter_inner_content()
                text = " ".join(" ".join(_blocks(content, styles)).split())
            above[column] = text
            cells.append(text)
            column += cell.grid_span
        if any(cells):
            yield " | ".join(cells)


def _documents(path: Path) -> Iterator[Row]:
    yield _document(path)


DOCX = Reader("docx", (".docx",), _documents, _document)
