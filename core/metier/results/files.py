"""Files of a result: the format by the ending of the name, or a folder with several."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from metier.close_names import did_you_mean
from metier.errors import MissingExtraError, UsageError
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
    ".csv": lambda result: csv_of(result.named_rows()),
    ".parquet": lambda result: parquet_of(result.named_rows()),
    ".jsonl": lambda result: jsonl_of(result.named_rows()),
    ".json": lambda result: result.to_json(indent=2),
    ".md": lambda result: markdown_of(result.section()),
    ".docx": lambda result: word_of(result.section()),
}
"""What a result is written as, by the ending of the file."""


IN_FOLDER = ("result.json", "rows.csv", "report.html", "run.json")
"""Files that a folder gets; `run.json` only where there is a run record."""


_PACKAGES = {
    ".xlsx": ("An .xlsx file", "tables", "XlsxWriter", "xlsxwriter"),
    ".parquet": ("A .parquet file", "tables", "pyarrow", "pyarrow"),
    ".docx": ("A .docx file", "documents", "python-docx", "docx"),
}
"""What writes the formats that the core has no writer for: feature, extra, package and module."""


def require_writer(path: str | Path) -> None:
    """Refuse a name whose format cannot be written here, before the work begins.

    Raises:
        MissingExtraError: a package that writes it is not installed.
    """
    package = _PACKAGES.get(Path(path).suffix.lower())
    if package is not None and format_of(path) is not None:
        *names, module = package
        if importlib.util.find_spec(module) is None:
            raise MissingExtraError(*names)


def save_result(result: Result, path: str | Path) -> list[Path]:
    """Write a result into a file, or several into a folder; see `Result.save`."""
    write = format_of(path)
    target = expand_home(path)
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


def output_files(path: str | Path) -> list[Path]:
    """The files that a result may be written into.

    Args:
        path: as of `Result.save`.

    Raises:
        UsageError: as of `format_of`.
    """
    target = expand_home(path)
    if format_of(path) is not None:
        return [target]
    return [target / name for name in IN_FOLDER]


def format_of(path: str | Path) -> Callable[[Result], str | bytes] | None:
    """What writes a result into a file with this name; None for the name of a folder.

    A name that ends in a slash is that of a folder.

    Raises:
        UsageError: there is no name, the ending is that of no format and there is no such folder,
            or there is a file or a device of a name without an ending.
    """
    if not str(path):
        raise UsageError(
            "The path of the result is empty.", fix="Name a file, or a folder; . is this one."
        )
    target = expand_home(path)
    suffix = target.suffix.lower()
    is_folder = str(path).endswith(("/", os.sep)) or target.is_dir()
    if not is_folder and target.name.lower() in FORMATS:
        raise UsageError(
            f"{str(path)!r} is an ending without a name.",
            fix=f"Write a name before it, such as result{target.name}",
        )
    if is_folder or not suffix:
        if target.exists() and not target.is_dir():
            what = "a file" if target.is_file() else "a pipe or a device"
            raise UsageError(
                f"A result cannot be written to {str(path)!r}: it is {what}, and its name has no "
                "ending that says a format.",
                fix=f"End the name of a file in {', '.join(FORMATS)}, or name a folder.",
            )
        return None
    if suffix not in FORMATS:
        hint = did_you_mean(suffix, FORMATS)
        raise UsageError(
            f"A result cannot be written as {suffix!r}: {str(path)!r}.",
            why=f"{f'{hint} ' if hint else ''}Formats: {', '.join(FORMATS)}.",
            fix="Choose one of them; the name of a folder has no dot, or ends in a slash.",
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
