"""Sheets of workbooks: which of them are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from metier.close_names import did_you_mean, known_names
from metier.errors import UsageError
from metier.texts.reader import SheetRow

_MARK = "#"


def split_sheet(path: str | Path) -> tuple[str | Path, str]:
    """The path of a workbook and the sheet that is named after it: `book.xlsx#North`.

    The sheet is empty where the path names none, as where there is a file of the whole name.
    """
    file, mark, sheet = str(path).rpartition(_MARK)
    if not (mark and file and sheet):
        return path, ""
    try:
        is_sheet = Path(file).expanduser().is_file() and not Path(path).expanduser().exists()
    except (OSError, RuntimeError, ValueError):  # a text given as a path is no possible name
        return path, ""
    return (file, sheet) if is_sheet else (path, "")


def choose_rows(rows: Iterable[object], sheet: str, name: str) -> Iterator[object]:
    """The rows of a sheet of a workbook.

    Args:
        rows: of all sheets.
        sheet: that is read; empty for all that hold texts. Of a workbook that metier wrote these
            are the sheets of its texts, each of which is there once.
        name: of the file, for messages.

    Raises:
        UsageError: it has no such sheet, or this has no rows.
    """
    known: dict[str, None] = {}
    for row in rows:
        if isinstance(row, SheetRow):
            known[row.sheet] = None
            if row.sheet == sheet or (not sheet and row.is_data):
                yield row
        elif not sheet:
            yield row
    if sheet and sheet not in known:
        raise UsageError(
            f"{name} has no sheet {sheet!r} with rows."
            if known
            else f"{name} has no sheets, so none can be {sheet!r}.",
            why=did_you_mean(sheet, known) or (known_names(known) if known else None),
            fix="Name a sheet that it has, or give the file alone.",
        )
