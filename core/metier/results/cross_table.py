"""Groups of a result set against a column of the input: how many texts are in both."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from metier.close_names import did_you_mean
from metier.errors import ParameterError
from metier.results.own_columns import own_names
from metier.results.plain_values import python_value
from metier.results.table import Column, Table, counted, is_empty, result_name, shorten, shown

MOST_VALUES = 40
"""Most values of a column that get a column of their own, the most frequent ones."""

_MISSING = "(empty)"
_GROUP, _ALL = "group", "all"
_LONGEST = 60
"""Characters of a value in a heading."""

_PERIOD = re.compile(r"\d{4}(?:-(?:\d{2}(?:-\d{2})?|Q[1-4]))?")


def cross_table(groups: Mapping[str, Sequence[Mapping[str, Any]]], column: str) -> Table:
    """How many texts of each group have each value of a column of the input.

    A row for each group, a column for each value, the most frequent first, and a row and a column
    of totals. Of more than 40 values those after the first 40 are counted together. Long values
    are told apart as wholes, and shortened in the headings. Dates and periods (`2024-03`,
    `2024-Q1`) are in their order.

    Args:
        groups: for the name of each group the fields of its texts, in the order of the rows.
        column: of the input.

    Raises:
        ParameterError: there are no groups, or the input has no such column.
    """
    require_column(groups, column)
    counts = {
        group: Counter(_value(fields.get(column)) for fields in texts)
        for group, texts in groups.items()
    }
    totals: Counter[str] = Counter()
    for of_group in counts.values():
        totals.update(of_group)
    frequent = [value for value, _ in sorted(totals.items(), key=lambda item: -item[1])]
    values, others = _ordered(frequent[:MOST_VALUES]), frequent[MOST_VALUES:]
    rows = [
        (
            group,
            *(of_group[value] for value in values),
            *([sum(of_group[value] for value in others)] if others else []),
            of_group.total(),
        )
        for group, of_group in [*counts.items(), (_total_name(counts), totals)]
    ]
    headings = [_GROUP, *values, *([f"{counted(len(others), 'other value')}"] if others else [])]
    names = _distinct([*headings, _ALL])
    columns = (Column(names[0], "text"), *(Column(name, "number") for name in names[1:]))
    return Table(
        f"Groups by {column}",
        columns,
        rows,
        note=f"Number of texts of each group with each value of {column}.",
        head=len(rows),
    )


def _total_name(groups: Iterable[str]) -> str:
    """The name of the row of totals, which no group has."""
    return result_name(_ALL, groups)


def _distinct(headings: Sequence[str]) -> list[str]:
    """Headings of columns, the first and last of them our own, short and each different."""
    own = {headings[0], headings[-1]}
    names: list[str] = []
    for position, heading in enumerate(headings):
        is_value = 0 < position < len(headings) - 1
        short = shorten(heading, _LONGEST)
        name = f"{short} (value)" if is_value and short in own else short
        number = 1
        while name in names:
            number += 1
            name = f"{short} ({number})"
        names.append(name)
    return names


def require_column(groups: Mapping[str, Iterable[Mapping[str, Any]]], column: str) -> None:
    """Refuse a column that groups cannot be set against.

    Raises:
        ParameterError: there are no groups, or the input has no such column.
    """
    if not groups:
        raise no_groups("this result", column)
    require_known(column, own_names(fields for texts in groups.values() for fields in texts))


def require_known(column: str, known: Sequence[str], parameter: str = "cross") -> None:
    """Refuse a column that the input does not have.

    Args:
        column: its name.
        known: names of the columns that the input has.
        parameter: that names the column.

    Raises:
        ParameterError: it is none of the known ones.
    """
    if column not in known:
        raise ParameterError(
            f"${parameter}: the input has no column {column!r}.",
            why=did_you_mean(column, known)
            or f"Its columns, besides text and id: {', '.join(known) or 'none'}.",
            parameters={parameter: ...},
        )


def no_groups(result: str, column: str) -> ParameterError:
    """The error for a column that there are no groups to set against.

    Args:
        result: what has no groups, for people.
        column: of the input.
    """
    return ParameterError(
        f"$cross: {result} has no groups that {column!r} could be set against.",
        fix="Cluster, classify or flag the texts.",
        parameters={"cross": ...},
    )


def _ordered(values: list[str]) -> list[str]:
    """Dates and periods in their order, the missing ones last; any others as they are."""
    periods = [value for value in values if value != _MISSING]
    if not all(_PERIOD.fullmatch(value) for value in periods):
        return values
    return [*sorted(periods), *(value for value in values if value == _MISSING)]


def _value(value: Any) -> str:
    value = python_value(value)
    return _MISSING if is_empty(value) else shown(value, exact=True)
