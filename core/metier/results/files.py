"""Files of a result: the format by the ending of the name, or a folder with several."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from metier.errors import UsageError, did_you_mean
from metier.folders import expand_home, not_written, write_atomically
from metier.results.documents import markdown_of, word_of
from metier.results.excel import workbook_of
from metier.results.page import render_page
from metier.results.row_formats import csv_of, jsonl_of, parquet_of
from metier.texts.checks import printable_json

if TYPE_CHECKING:
    from metier.results.result import Result


def _html_of(result: Result) -> str:
    section = result.section()
    return render_page(section.title, [section])


FORMATS: dict[str, Callable[[Result], str | bytes]] = {
    ".xlsx": lambda result: workbook_of(result.section()),
    ".html": _html_of,
    ".csv": lambda result: csv_of(result.rows()),
    ".parquet": lambda result: parquet_of(result.rows()),
    ".jsonl": lambda result: jsonl_of(result.rows()),
    ".json": lambda result: result.to_json(indent=2),
    ".md": lambda result: markdown_of(result.section()),
    ".docx": lambda result: word_of(result.section()),
}
"""What a result is written as, by the ending of the file."""


def save_result(result: Result, path: str | Path) -> list[Path]:
    """Write a result into a file, or several into a folder; see `Result.save`."""
    target = expand_home(path)
    write = format_of(target)
    if write is not None:
        return write_files(target.parent, {target.name: write(result)})
    files: dict[str, str | bytes] = {
        "result.json": FORMATS[".json"](result),
        "rows.csv": FORMATS[".csv"](result),
        "report.html": FORMATS[".html"](result),
    }
    if result.record is not None:
        files["run.json"] = printable_json(result.record.model_dump_json(indent=2))
    return write_files(target, files)


def format_of(path: Path) -> Callable[[Result], str | bytes] | None:
    """What writes a result into a file with this name; None for the name of a folder.

    Raises:
        UsageError: the ending is that of no format, and there is no such folder.
    """
    suffix = path.suffix.lower()
    if path.is_dir() or not suffix:
        return None
    if suffix not in FORMATS:
        hint = did_you_mean(suffix, FORMATS)
        raise UsageError(
            f"A result cannot be written as {suffix!r}: {str(path)!r}.",
            why=f"{f'{hint} ' if hint else ''}Formats: {', '.join(FORMATS)}.",
            fix="Choose one of them, or the name of a folder without a dot.",
        )
    return FORMATS[suffix]


def write_files(folder: str | Path, files: Mapping[str, str | bytes]) -> list[Path]:
    """Write into a folder: each file whole or not at all, and none unless all can be written.

    Raises:
        UsageError: the folder cannot be made or written.
        InputError: the disk is full.
    """
    try:
        return write_atomically(expand_home(folder), files)
    except OSError as error:
        raise not_written(folder, error) from None
