"""A result as an Excel workbook: a sheet for each table, and one that says what it is."""

from __future__ import annotations

import io
import itertools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from metier.errors import MissingExtraError, UsageError
from metier.results.document_marks import with_offsets
from metier.results.document_position import MarkTone, positions_of
from metier.results.file_position import FilePosition
from metier.results.page import PageSection
from metier.results.plain_values import plain_value, python_value
from metier.results.table import Column, Excerpt, ScoredPassage, Table, is_empty, shown
from metier.results.text_columns import TextForm, form_of
from metier.texts.reader import DATA_SHEETS

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MAX_CELL = 32_767
"""Characters of a cell in Excel."""

MAX_ROWS = 1_048_575
"""Rows of a sheet below its heading."""

_SHEET_NAME = 31
_EXACT = 10**15
"""Whole numbers from here on lose digits in Excel, and stay texts."""

MAX_COLUMNS = 16_384
"""Columns of a sheet."""

_WIDE, _NARROW = 60, 9
_TONES: Mapping[MarkTone, str] = {
    "good": "#BFE6CD", "warning": "#FFE28A", "bad": "#F7C6C2", "neutral": "#E8EDF4",
}  # fmt: skip
"""Colors of cells by what their labels say, as on a page."""

_CUT = " … (cut: a cell of Excel holds 32,767 characters)"


def workbook_of(section: PageSection) -> bytes:
    """The tables of a result as an .xlsx file.

    Every sheet has filters, a heading that stays in view, and colors for scores and counts. Texts
    are stored as texts, so none of them becomes a formula or a link. A text longer than a cell can
    hold is cut and says so.

    Args:
        section: of the result.

    Raises:
        MissingExtraError: XlsxWriter is not installed.
        UsageError: a table has more rows or columns than a sheet.
    """
    try:
        from xlsxwriter import Workbook
    except ImportError:
        raise MissingExtraError("An .xlsx file", "tables", "XlsxWriter") from None
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, options) as book:
        tables = [with_offsets(table, section.documents) for table in section.tables]
        tables.sort(key=lambda table: not table.main)
        names = _sheet_names([table.title or "Results" for table in tables])
        forms = _forms(tables)
        for name, table in zip(names, tables, strict=True):
            _write_table(book, name, table, forms)
        data = [name for name, table in zip(names, tables, strict=True) if table.main]
        _write_about(book, section, _remarks(forms))
        book.set_custom_property(DATA_SHEETS, json.dumps(data or names[:1]), "text")
    return file.getvalue()


Forms = Mapping[tuple[str, bool], TextForm | None]
"""What the texts of columns are, by name and whether they are of the input."""


def _forms(tables: Iterable[Table]) -> Forms:
    """What the texts of each column are: the same in all tables."""
    columns: dict[tuple[str, bool], list[object]] = {}
    for table in tables:
        for position, column in enumerate(table.fields):
            cells = columns.setdefault((column.name, column.own), [])
            cells += (row[position] for row in table.rows)
    return {column: form_of(cells, own=column[1]) for column, cells in columns.items()}


def _remarks(forms: Forms) -> list[tuple[str, str]]:
    return [
        ("Note", f"Column {name!r}: {form.about}.")
        for (name, _), form in forms.items()
        if form is not None and form.about
    ]


def _require_size(table: Table) -> None:
    title = table.title or "The table"
    sizes = {"rows": (len(table.rows), MAX_ROWS), "columns": (len(table.columns), MAX_COLUMNS)}
    for noun, (count, most) in sizes.items():
        if count > most:
            raise UsageError(
                f"{title} has {count:,} {noun}; a sheet of Excel holds {most:,}.",
                fix="Save as .parquet or .csv.",
            )


def _write_table(book: Workbook, name: str, table: Table, forms: Forms) -> None:
    _require_size(table)
    sheet = book.add_worksheet(name)
    heading = book.add_format({"bold": True, "bg_color": "#E7EDF5", "text_wrap": True})
    styles = _styles(book)
    tones = {tone: book.add_format({"bg_color": color}) for tone, color in _TONES.items()}
    columns = table.fields
    for position, column in enumerate(columns):
        sheet.write_string(0, position, column.name, heading)
        cells: Sequence[object] = [row[position] for row in table.rows]
        form = forms[column.name, column.own]
        own = {**styles, "decimal": styles["number"]} if column.own else styles
        if form is not None:
            cells = [None if is_empty(cell) else form.convert(str(cell)) for cell in cells]
            if form.format:
                style = book.add_format({"valign": "top", "num_format": form.format})
                own = {**own, **dict.fromkeys(("number", "decimal", "date"), style)}
        for number, cell in enumerate(cells, start=1):
            _write_cell(sheet, number, position, cell, own)
        sheet.set_column(position, position, _width(column, cells))
        if cells:
            _color(sheet, column, position, len(cells), tones)
    sheet.freeze_panes(1, 1)
    if columns:
        sheet.autofilter(0, 0, max(len(table.rows), 1), len(columns) - 1)


def _write_about(book: Workbook, section: PageSection, remarks: Iterable[tuple[str, str]]) -> None:
    sheet = book.add_worksheet(_sheet_names(["About"], book.sheetnames)[0])
    label = book.add_format({"bold": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    facts = [
        ("Result", section.title),
        ("In short", section.headline),
        *section.about,
        *(("Note", note) for note in section.notes),
        *remarks,
        ("Made by", section.origin),
    ]
    for row, (name, text) in enumerate((name, text) for name, text in facts if text):
        sheet.write_string(row, 0, name, label)
        sheet.write_string(row, 1, _fitting(text), wrapped)
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 100)


def _styles(book: Workbook) -> dict[str, Format]:
    top = {"valign": "top"}
    return {
        "text": book.add_format({**top, "text_wrap": True}),
        "number": book.add_format(top),
        "decimal": book.add_format({**top, "num_format": "0.000"}),
        "date": book.add_format({**top, "num_format": "yyyy-mm-dd"}),
        "datetime": book.add_format({**top, "num_format": "yyyy-mm-dd hh:mm:ss"}),
        "time": book.add_format({**top, "num_format": "hh:mm:ss"}),
        "mark": book.add_format({"bold": True}),
        "plain": book.add_format({}),
    }


def _write_cell(
    sheet: Worksheet, row: int, column: int, cell: object, styles: dict[str, Format]
) -> None:
    cell = python_value(cell)
    if isinstance(cell, FilePosition) or positions_of(cell):
        cell = shown(cell)
    if isinstance(cell, Excerpt):
        _write_excerpt(sheet, row, column, cell, styles)
    elif isinstance(cell, datetime) and cell.tzinfo is None and cell.year >= 1900:
        sheet.write_datetime(row, column, cell, styles["datetime"])
    elif isinstance(cell, date) and not isinstance(cell, datetime) and cell.year >= 1900:
        sheet.write_datetime(row, column, cell, styles["date"])
    elif isinstance(cell, time) and cell.tzinfo is None:
        sheet.write_datetime(row, column, cell, styles["time"])
    else:
        if isinstance(cell, ScoredPassage):
            cell = cell.score
        if isinstance(cell, Decimal) and abs(cell) < _EXACT:
            cell = float(cell)
        _write_plain(sheet, row, column, plain_value(cell), styles)


def _write_plain(
    sheet: Worksheet, row: int, column: int, cell: Any, styles: dict[str, Format]
) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell, styles["number"])
    elif isinstance(cell, float):  # a finite one: infinity is a text by now
        sheet.write_number(row, column, cell, styles["decimal"])
    elif isinstance(cell, int) and abs(cell) < _EXACT:
        sheet.write_number(row, column, cell, styles["number"])
    else:
        sheet.write_string(row, column, _fitting(shown(cell)), styles["text"])


def _write_excerpt(
    sheet: Worksheet, row: int, column: int, cell: Excerpt, styles: dict[str, Format]
) -> None:
    text = _fitting(cell.text)
    edges = [0, *(edge for mark in cell.marks for edge in mark if edge <= len(text)), len(text)]
    pieces = [
        (text[start:end], position % 2 == 1)
        for position, (start, end) in enumerate(itertools.pairwise(edges))
        if start < end
    ]
    if len(pieces) < 2:  # rich strings have two parts or more
        sheet.write_string(row, column, text, styles["text"])
        return
    parts = [
        part
        for piece, is_marked in pieces
        for part in (styles["mark" if is_marked else "plain"], piece)
    ]
    if sheet.write_rich_string(row, column, *parts, styles["text"]) != 0:
        sheet.write_string(row, column, text, styles["text"])


def _color(
    sheet: Worksheet, column: Column, position: int, rows: int, tones: Mapping[MarkTone, Format]
) -> None:
    area = (1, position, rows, position)
    if column.kind == "score":
        sheet.conditional_format(
            *area,
            {
                "type": "3_color_scale",
                "min_type": "num", "min_value": 0, "min_color": "#FFFFFF",
                "mid_type": "num", "mid_value": 0.5, "mid_color": "#FFF0B8",
                "max_type": "num", "max_value": 1, "max_color": "#F4A582",
            },
        )  # fmt: skip
    elif column.kind == "count":
        bars = {"type": "data_bar", "bar_color": "#8FB4E3", "min_type": "num", "min_value": 0}
        sheet.conditional_format(*area, bars)
    for label, tone in column.tones.items() if column.kind == "label" else ():
        rule = {"type": "cell", "criteria": "==", "value": f'"{label}"', "format": tones[tone]}
        sheet.conditional_format(*area, rule)


def _width(column: Column, cells: Sequence[object]) -> float:
    longest = max((len(shown(cell)) for cell in cells), default=0)
    return min(max(longest, len(column.name) + 3, _NARROW), _WIDE)


def _fitting(text: str) -> str:
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - len(_CUT)] + _CUT


def _sheet_names(titles: Sequence[str], others: Sequence[str] = ()) -> list[str]:
    """Names that Excel takes: short, without `[]:*?/\\`, and different whatever their case."""
    used = {name.lower() for name in others}
    names = []
    for title in titles:
        clean = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title).strip().strip("'")
        base = _short_name(clean) or "Results"
        name, number = base, 2
        while name.lower() in used or name.lower() == "history":
            suffix = f" ({number})"
            name, number = _short_name(base, _SHEET_NAME - len(suffix)) + suffix, number + 1
        used.add(name.lower())
        names.append(name)
    return names


def _short_name(name: str, most: int = _SHEET_NAME) -> str:
    """A name of at most `most` characters, cut after a word where that leaves most of it."""
    short = name[:most]
    if len(name) > most and not name[most].isspace() and " " in short[most // 2 :]:
        short = short.rpartition(" ")[0]
    return short.strip().rstrip(",;:-").strip("' ")
