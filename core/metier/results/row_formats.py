"""Rows of a result as files for programs: CSV, JSON lines and Parquet."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from metier.errors import MissingExtraError
from metier.results.own_columns import own_names, plain_value
from metier.texts.checks import printable_json

if TYPE_CHECKING:
    import pyarrow

Rows = Sequence[Mapping[str, Any]]

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def csv_of(rows: Rows) -> str:
    """Rows as CSV under the names of all their fields, which may differ from row to row.

    Texts that a spreadsheet would run as a formula, which begin with `=`, `+`, `-`, `@`, a tab or a
    carriage return, get an apostrophe before them.
    """
    if not rows:
        return ""
    fields = own_names(rows)
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow([_no_formula(field) for field in fields])
    writer.writerows([_csv_cell(row.get(field)) for field in fields] for row in rows)
    return table.getvalue()


def jsonl_of(rows: Rows) -> str:
    """One JSON object a line, each with all fields; a number that JSON lacks is a string."""
    fields = own_names(rows)
    lines = (
        json.dumps({field: _json_cell(row.get(field)) for field in fields}, ensure_ascii=False)
        for row in rows
    )
    return "".join(f"{printable_json(line)}\n" for line in lines)


def parquet_of(rows: Rows) -> bytes:
    """Rows as a Parquet file; a column whose values have no type in common holds strings.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise MissingExtraError("A .parquet file", "tables", "pyarrow") from None
    columns = {field: _arrow_column([row.get(field) for row in rows]) for field in own_names(rows)}
    file = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), file)
    return file.getvalue()


def _arrow_column(values: Sequence[Any]) -> pyarrow.Array:
    import pyarrow

    plain = [_arrow_cell(value) for value in values]
    try:
        return pyarrow.array(plain)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError, pyarrow.ArrowNotImplementedError):
        strings = [
            value
            if value is None or isinstance(value, str)
            else json.dumps(plain_value(value), ensure_ascii=False)
            for value in plain
        ]
        return pyarrow.array(strings, pyarrow.string())


def _arrow_cell(value: Any) -> Any:
    """A value that Arrow has a type for; others as in JSON."""
    if isinstance(value, datetime | date | time | bytes) or type(value).__name__ == "Decimal":
        return None if value != value else value  # NaT and NaN differ from themselves
    return plain_value(value)


def _json_cell(value: Any) -> Any:
    plain = plain_value(value)
    if isinstance(plain, float) and not math.isfinite(plain):
        return str(plain)
    return plain


def _csv_cell(value: Any) -> Any:
    plain = plain_value(value)
    if isinstance(plain, list | dict):
        plain = json.dumps(plain, ensure_ascii=False)
    return _no_formula(plain)


def _no_formula(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(_FORMULA_SIGNS):
        return f"'{cell}"
    return cell
