"""Rows of whatever holds texts: strings, records, items, frames. What is in them is not checked."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Set
from typing import Any

from metier.errors import InputError
from metier.texts.checks import is_missing
from metier.texts.item import Item

Given = str | Mapping[Any, Any] | Item | None
"""A row as it is given; None where it is missing."""

_READ = "To read a file or a folder, use metier.Texts.read(path) or metier.Documents.read(path)."


def rows_of(rows: object, source: str) -> Iterator[Given]:
    """Each row as it is, None where it is missing.

    Args:
        rows: strings, mappings or items; a pandas or polars frame or column, or an Arrow table.
        source: named in messages.

    Raises:
        InputError: it holds no rows, or something that is no row.
    """
    for number, row in enumerate(_iterable(rows, source), start=1):
        yield row_of(row, number, source)


def row_of(row: object, number: int, source: str) -> Given:
    """A row as it is, None where it is missing.

    Raises:
        InputError: it is something that is no row.
    """
    if is_missing(row):
        return None
    if isinstance(row, str | Mapping | Item):
        return row
    raise InputError(
        f"Row {number} of {source} is of type {type(row).__name__}, not a string or a record.",
        fix="Pass strings, or mappings with a text field.",
    )


def _iterable(rows: Any, source: str) -> Any:
    if isinstance(rows, str | bytes):
        raise InputError(
            f"What {source} holds is one {type(rows).__name__}, not a list of texts.",
            fix=f"Put it in a list: [text]. {_READ}",
        )
    if isinstance(rows, os.PathLike):
        raise InputError(f"What {source} holds is a path, not a list of texts.", fix=_READ)
    for method in ("to_dicts", "to_pylist"):  # polars frame, Arrow table or column
        if hasattr(rows, method):
            return getattr(rows, method)()
    if hasattr(rows, "to_dict") and hasattr(rows, "columns"):  # pandas frame
        # its gaps are NaN, NaT or NA, depending on the column
        return rows.astype(object).where(rows.notna(), None).to_dict("records")
    if isinstance(rows, Mapping | Set) or not hasattr(rows, "__iter__"):
        raise InputError(
            f"What {source} holds is of type {type(rows).__name__}, not a list of texts.",
            why="A set has no order." if isinstance(rows, Set) else None,
            fix="Pass a list of strings, a list of records or a data frame.",
        )
    return rows
