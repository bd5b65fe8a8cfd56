"""The names that an input has for its ids and texts, in place of `id` and `text` in tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from metier.results.table import Column, Table, result_name
from metier.texts.texts import Texts

ID, TEXT = "id", "text"


def input_names(
    rows: Sequence[Mapping[str, Any]], texts: Texts, own: Iterable[str]
) -> dict[str, str]:
    """The names that texts have for the columns `id` and `text` of rows, if these are theirs.

    Rows of a search in parts of documents have ids and texts of their own, which keep their names.

    Args:
        rows: of a result.
        texts: that it was made of.
        own: names of the columns of the input in the rows.
    """
    own = list(own)
    known = {ID: (texts.keys.id, {item.id for item in texts})}
    known[TEXT] = (texts.keys.text, {item.text for item in texts})
    names = {}
    for column, (name, values) in known.items():
        source = result_name(column, own)
        taken = {key for row in rows for key in row if key != source}
        if name in (None, column) or name in taken or not rows:
            continue
        if all(row.get(source) in values for row in rows):
            names[column] = str(name)
    return names


def rename_rows(
    rows: Iterable[Mapping[str, Any]], names: Mapping[str, str], own: Iterable[str]
) -> list[dict[str, Any]]:
    """Rows under the names that the input has for the columns `id` and `text`."""
    own = list(own)
    renamed = {result_name(column, own): name for column, name in names.items()}
    return [{renamed.get(key, key): value for key, value in row.items()} for row in rows]


def rename_columns(tables: Sequence[Table], names: Mapping[str, str]) -> list[Table]:
    """Tables whose columns `id` and `text` have the names of the input.

    They are those with the texts, and those whose ids are all among theirs.
    """
    ids = {cell for table in tables if table.main for cell in _ids(table)}
    return [
        replace(table, columns=tuple(_renamed(column, names) for column in table.columns))
        if names and (cells := _ids(table)) and ids.issuperset(cells)
        else table
        for table in tables
    ]


def _ids(table: Table) -> list[object]:
    positions = [n for n, column in enumerate(table.columns) if _name(column) == ID]
    return [row[position] for position in positions for row in table.rows]


def _name(column: str | Column) -> str | None:
    """The name of a column of the result; None for a column of the input."""
    if isinstance(column, str):
        return column
    return None if column.own else column.name


def _renamed(column: str | Column, names: Mapping[str, str]) -> str | Column:
    name = names.get(_name(column) or "")
    if name is None:
        return column
    if isinstance(column, str):
        return Column(name)
    return replace(column, name=name)
