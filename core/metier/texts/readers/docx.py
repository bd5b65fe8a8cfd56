"""Word documents: paragraphs and tables in their order, headings as Markdown."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from metier.errors import InputError, MissingExtraError
from metier.texts.checks import MAX_DOCUMENT_CHARACTERS
from metier.texts.origin import CONVERTED_FROM
from metier.texts.reader import Reader, Row, refuse_length

if TYPE_CHECKING:
    from docx.table import Table
    from docx.text.paragraph import Paragraph

_LARGEST = 20 * MAX_DOCUMENT_CHARACTERS
"""Bytes of unpacked XML; what an archive made to fill the memory claims is more."""
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_HEADING = re.compile(r"Heading ([1-9])")


def _document(path: Path) -> Row:
    try:
        import docx
    except ImportError:
        raise MissingExtraError("Reading .docx files", "documents", "python-docx") from None
    _refuse_others(path)
    try:
        text = "\n\n".join(_blocks(docx.Document(str(path)).iter_inner_content()))
    except OSError:
        raise
    except Exception as error:
        # python-docx raises whatever a broken file leads it to; nothing but its reading is here
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
        raise refuse_length(path.name, f"{len(text):,} characters")
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
            size = sum(part.file_size for part in archive.infolist() if _is_text(part.filename))
            is_word = "[Content_Types].xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        is_word, size = False, 0
    if not is_word:
        raise InputError(
            f"{path.name} is not a Word document.",
            why="It is another kind of file, or it was not written to its end.",
            fix="Download or export it again.",
        )
    if size > _LARGEST:
        raise refuse_length(path.name, f"{size / 1e6:,.0f} MB once unpacked")


def _is_text(name: str) -> bool:
    return name.endswith((".xml", ".rels"))


def _blocks(content: Iterator[Paragraph | Table]) -> Iterator[str]:
    """Paragraphs and tables as texts, without the empty ones; a row of a table is a line."""
    from docx.table import Table

    for block in content:
        text = "\n".join(_rows(block)) if isinstance(block, Table) else _paragraph(block)
        if text:
            yield text


def _paragraph(paragraph: Paragraph) -> str:
    text = paragraph.text.strip()
    style = paragraph.style.name if paragraph.style is not None else None
    if not text or not style:
        return text
    heading = _HEADING.fullmatch(style)
    level = 1 if style == "Title" else min(int(heading[1]), 6) if heading else 0
    return f"{'#' * level} {' '.join(text.split())}" if level else text


def _rows(table: Table) -> Iterator[str]:
    for row in table.rows:
        cells: list[str] = []
        before = None
        for cell in row.cells:
            if cell._tc is before:  # one that spans columns is given once for each
                continue
            before = cell._tc
            cells.append(" ".join(" ".join(_blocks(cell.iter_inner_content())).split()))
        if any(cells):
            yield " | ".join(cells)


def _documents(path: Path) -> Iterator[Row]:
    yield _document(path)


DOCX = Reader("docx", (".docx",), _documents, _document)
