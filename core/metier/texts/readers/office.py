"""Slides, rich text and spreadsheets."""

from __future__ import annotations

import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

from metier.errors import InputError, MetierError, MissingExtraError
from metier.texts.checks import MAX_DOCUMENT_CHARACTERS
from metier.texts.reader import (
    CONVERTED_FROM,
    DATA_SHEETS,
    Reader,
    Row,
    SheetRow,
    read_document_bytes,
    too_long,
)
from metier.texts.readers.rtf_source import shown_source
from metier.texts.readers.tables import named_cells, refuse_repeated_columns

_LARGEST = 100_000_000
"""Most bytes of unpacked XML."""
_LARGEST_WITH_PICTURES = 512_000_000
"""Most bytes of everything unpacked."""
_MOST_CELLS = 20_000_000
"""Most cells of a sheet, empty ones included; the library takes 32 bytes for each."""
_POSITION = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,3})(\d{1,7})["']""")
"""The position of a row or a cell, in the XML of a sheet."""
_TEXTS = (".xml", ".rels", ".vml", ".bin")
_LARGEST_WHOLE = 2**63
_PROPERTIES = "docProps/custom.xml"
_DATA_SHEETS = re.compile(rf'name="{DATA_SHEETS}"[^>]*>\s*<vt:lpwstr>([^<]*)</vt:lpwstr>')


def _document(
    path: Path, kind: str, about: str, read: Callable[[Path], tuple[str, str | None]]
) -> Row:
    """A file as one document.

    Args:
        path: of the file.
        kind: of the file, for `converted_from`.
        about: what it is, for messages.
        read: gives its text, and its title if it has one; may raise anything for a broken file.
    """
    try:
        text, title = read(path)
    except (MetierError, OSError):
        raise
    except Exception as error:  # the libraries raise any; only their code runs in this block
        raise _broken(path, about, error) from None
    if not text.strip():
        raise InputError(f"{path.name} holds no text.", why="Text inside of pictures is not read.")
    if len(text) > MAX_DOCUMENT_CHARACTERS:
        raise too_long(path.name, f"{len(text):,} characters")
    row = {"id": path.name, "text": text, CONVERTED_FROM: kind}
    return row if title is None else {**row, "title": title}


def _broken(path: Path, about: str, error: Exception) -> InputError:
    reason = str(error).strip().splitlines()[:1]
    return InputError(
        f"{path.name} is not {about} that can be read "
        f"({': '.join([type(error).__name__, *reason])}).",
        why="It is another kind of file, damaged, or protected by a password.",
        fix="Open it in the program it was made with, and save it again.",
    )


def _refuse_large(path: Path) -> None:
    """Refuse archives made to fill the memory; other files are left to their library."""
    with path.open("rb") as file:
        if not file.read(2).startswith(b"PK"):
            return
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    size = sum(part.file_size for part in parts if part.filename.lower().endswith(_TEXTS))
    whole = sum(part.file_size for part in parts)
    if size > _LARGEST or whole > _LARGEST_WITH_PICTURES:
        raise InputError(
            f"{path.name} is too large: {size / 1e6:,.0f} MB once unpacked, "
            f"{whole / 1e6:,.0f} MB with its pictures.",
            why=f"The limit is {_LARGEST / 1e6:,.0f} MB, and with pictures "
            f"{_LARGEST_WITH_PICTURES / 1e6:,.0f} MB.",
            fix="Divide it into files, or write it as .csv.",
        )


def _slides(path: Path) -> tuple[str, str | None]:
    """The slides in their order, the title of each as a heading, and the notes below it."""
    try:
        from pptx import Presentation
    except ImportError:
        raise MissingExtraError("Reading .pptx files", "documents", "python-pptx") from None
    _refuse_large(path)
    presentation = Presentation(str(path))
    parts: list[str] = []
    for slide in presentation.slides:
        if slide._element.get("show") == "0":
            continue  # a hidden slide is not shown
        title = slide.shapes.title
        for shape in slide.shapes:
            is_title = title is not None and shape.shape_id == title.shape_id
            parts += _shape(shape, mark="# " if is_title else "")
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            parts.append(slide.notes_slide.notes_text_frame.text)
    text = "\n\n".join(part.strip() for part in parts if part.strip())
    return text.replace("\x0b", "\n"), (presentation.core_properties.title or "").strip() or None


def _shape(shape: Any, *, mark: str = "") -> Iterator[str]:
    """The texts of a shape: its paragraphs, the rows of its table, or the shapes of a group."""
    if hasattr(shape, "shapes"):
        for inner in shape.shapes:
            yield from _shape(inner)
    elif getattr(shape, "has_table", False):
        yield "\n".join(" | ".join(cells) for cells in _cells(shape.table) if any(cells))
    elif shape.has_text_frame and shape.text_frame.text.strip():
        text = shape.text_frame.text
        yield mark + " ".join(text.split()) if mark else text


def _cells(table: Any) -> Iterator[list[str]]:
    """The texts of each row; a cell is repeated in all rows that it spans, but not in columns."""
    spanning: dict[tuple[int, int], str | None] = {}
    for row, cells in enumerate(table.rows):
        texts: list[str | None] = []
        for column, cell in enumerate(cells.cells):
            text = spanning.pop((row, column), None)
            if not cell.is_spanned:
                text = " ".join(cell.text.split())
            if cell.is_merge_origin:
                below = range(row + 1, row + cell.span_height)
                spanning |= {(other, column): text for other in below}
            texts.append(text)
        yield [text for text in texts if text is not None]


def _rich_text(path: Path) -> tuple[str, str | None]:
    try:
        from striprtf.striprtf import rtf_to_text
    except ImportError:
        raise MissingExtraError("Reading .rtf files", "documents", "striprtf") from None
    raw = read_document_bytes(path)
    if not raw.lstrip().startswith(b"{\\rtf"):
        raise InputError(
            f"{path.name} is not a rich text file.",
            fix="If it is plain text, let its name end in .txt.",
        )
    source = shown_source(raw.decode("cp1252", "replace"))
    text = str(rtf_to_text(source, errors="replace"))  # type: ignore[no-untyped-call]
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # pairs are emoji
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()), None


def _sheet_rows(path: Path) -> Iterator[SheetRow]:
    """Rows of the sheets that are not hidden, named by the first row of each that is not blank."""
    try:
        from python_calamine import CalamineWorkbook, SheetVisibleEnum
    except ImportError:
        raise MissingExtraError("Reading spreadsheets", "tables", "python-calamine") from None
    try:
        _refuse_large(path)
        _refuse_far_cells(path)
        own = _data_sheets(path)
        with CalamineWorkbook.from_path(str(path)) as workbook:
            if own.isdisjoint(workbook.sheet_names):
                own = frozenset(workbook.sheet_names)
            for about in workbook.sheets_metadata:
                if about.visible == SheetVisibleEnum.Visible:
                    sheet = workbook.get_sheet_by_name(about.name)
                    for number, cells in _named_rows(sheet, f"{path.name}, sheet {about.name}"):
                        yield SheetRow(about.name, number, cells, about.name in own)
    except (MetierError, OSError):
        raise
    except Exception as error:  # python-calamine and zipfile have errors of many kinds
        raise _broken(path, "a spreadsheet", error) from None


def _data_sheets(path: Path) -> frozenset[str]:
    """The sheets with the texts, of a workbook that metier wrote; empty for any other."""
    if not zipfile.is_zipfile(path):
        return frozenset()
    with zipfile.ZipFile(path) as archive:
        if _PROPERTIES not in archive.namelist():
            return frozenset()
        content = archive.read(_PROPERTIES).decode("utf-8", "replace")
    match = _DATA_SHEETS.search(content)
    try:
        names = json.loads(unescape(match[1])) if match is not None else []
    except ValueError:
        names = []
    is_list = isinstance(names, list)
    return frozenset(name for name in names if isinstance(name, str)) if is_list else frozenset()


def _refuse_far_cells(path: Path) -> None:
    """Refuse sheets of Excel whose cells are too far apart for a table of them.

    The library makes all of the table at once, and ends the process where that fails. In other
    formats it has a limit of its own.
    """
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        for part in archive.namelist():
            content = archive.read(part) if part.lower().endswith(".xml") else b""
            size = _cells_of(content) if b"sheetData" in content else 0
            if size > _MOST_CELLS:
                raise InputError(
                    f"{path.name} has cells far apart: a table of them has {size:,} cells.",
                    why=f"The limit is {_MOST_CELLS:,}, empty ones included.",
                    fix="Delete what stands far from the table, or write the table as .csv.",
                )


def _cells_of(sheet: bytes) -> int:
    """The number of cells up to the last row and the last column of a sheet."""
    columns, last_row = {b"A"}, 1
    for match in _POSITION.finditer(sheet):
        columns.add(match[1])
        last_row = max(last_row, int(match[2]))
    return last_row * max(map(_column_number, columns))


def _column_number(letters: bytes) -> int:
    """The number of a column, from 1: 28 for AB."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - ord("A") + 1
    return number


def _named_rows(sheet: Any, name: str) -> Iterator[tuple[int, Row]]:
    """The rows below the header with their numbers, counted from 1 at the top of the sheet.

    A cell is repeated in all rows that it spans, but not in columns, as in other tables.
    """
    _, left = sheet.start or (0, 0)  # the library counts the cells of a row from there
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)  # by the row they begin in
    for (first, column), (last, _) in sheet.merged_cell_ranges or ():
        if last > first:
            spans[first].append((column - left, last))
    above: dict[int, tuple[int, Any]] = {}  # by column: the last row of a cell, and what it holds
    header: list[str] | None = None
    for number, row in enumerate(sheet.iter_rows()):
        cells = [_cell(cell) for cell in row]
        above = {column: span for column, span in above.items() if span[0] >= number}
        for column, (_, cell) in above.items():
            cells[column] = cell
        if all(cell is None for cell in cells):
            continue
        if header is None:
            header = ["" if cell is None else str(cell).strip() for cell in cells]
            refuse_repeated_columns(header, name)
            continue
        for column, last in spans.get(number, ()):
            if 0 <= column < len(cells):
                above[column] = (last, cells[column])
        yield number + 1, named_cells(header, cells)


def _cell(cell: Any) -> Any:
    """A cell of a sheet: None for an empty one; a whole number as such, though sheets have none."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _LARGEST_WHOLE:
        return int(cell)
    return None if cell == "" else cell


def _presentation(path: Path) -> Row:
    return _document(path, "pptx", "a presentation", _slides)


def _letter(path: Path) -> Row:
    return _document(path, "rtf", "a rich text file", _rich_text)


PPTX = Reader("pptx", (".pptx",), lambda path: iter([_presentation(path)]), _presentation)
RTF = Reader("rtf", (".rtf",), lambda path: iter([_letter(path)]), _letter)
SPREADSHEET = Reader("spreadsheet", (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), _sheet_rows)
