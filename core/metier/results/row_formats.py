"""Rows of a result as files for programs: CSV, JSON lines and Parquet."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from metier.errors import MissingExtraError
from metier.results.own_columns import own_names
from metier.results.plain_values import plain_value, python_value
from metier.texts.checks import printable_json

if TYPE_CHECKING:
    import pyarrow

Rows = Sequence[Mapping[str, Any]]

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*(?:[eE][+-]?[0-9]+)?(?: ?%)?")
"""A text that no spreadsheet reads as anything but a number."""


def csv_of(rows: Rows) -> str:
    """Rows as CSV under the names of all their fields, which may differ from row to row.

    Texts that a spreadsheet would run as a formula, which begin with `=`, `+`, `-`, `@`, a tab or a
    carriage return, get an apostrophe before them, unless they are a number such as `-5.20`.
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
        json.dumps(plain_value({field: row.get(field) for field in fields}), ensure_ascii=False)
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
    table = pyarrow.table(columns)
    parquet.write_table(table.replace_schema_metadata(_pandas_types(table.schema)), file)
    return file.getvalue()


def _arrow_column(values: Sequence[Any]) -> pyarrow.Array:
    import pyarrow

    plain = [_arrow_cell(value) for value in values]
    try:
        if any(isinstance(value, int) and value >= 2**63 for value in plain):
            return pyarrow.array(plain, pyarrow.uint64())
        return pyarrow.array(plain)
    except (pyarrow.ArrowException, OverflowError, TypeError, ValueError):
        return pyarrow.array([_arrow_string(value) for value in plain], pyarrow.string())


def _arrow_cell(value: Any) -> Any:
    """A value that Arrow has a type for; others as in JSON."""
    if str(getattr(value, "dtype", "")) == "datetime64[ns]" and value == value:
        return value  # Python has no nanoseconds; what is no time differs from itself
    value = python_value(value)
    if isinstance(value, datetime | date | time | bytes | Decimal):
        return value
    return plain_value(value)


def _arrow_string(value: Any) -> str | None:
    plain = plain_value(value)
    if plain is None or isinstance(plain, str):
        return plain
    return json.dumps(plain, ensure_ascii=False)


def _pandas_types(schema: pyarrow.Schema) -> dict[str, str]:
    """What makes pandas read columns of whole numbers as such where cells are empty."""
    import pyarrow

    columns = [
        {
            **dict.fromkeys(("name", "field_name"), field.name),
            "pandas_type": str(field.type),
            "numpy_type": f"{'U' if 'u' in str(field.type) else ''}Int64",
            "metadata": None,
        }
        for field in schema
        if pyarrow.types.is_integer(field.type)
    ]
    about = {"index_columns": [], "column_indexes": [], "columns": columns, "pandas_version": "2"}
    return {"pandas": json.dumps(about)}


def _csv_cell(value: Any) -> Any:
    plain = plain_value(value)
    if isinstance(plain, list | dict):
        plain = json.dumps(plain, ensure_ascii=False)
    if isinstance(plain, str):
        plain = plain.replace("\x00", "\N{REPLACEMENT CHARACTER}")  # as of a binary file
    return _no_formula(plain)


def _no_formula(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(_FORMULA_SIGNS) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
