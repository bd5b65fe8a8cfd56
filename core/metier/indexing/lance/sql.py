"""Conditions as SQL filters for LanceDB. All SQL with values in it is made here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from metier.errors import ParameterError
from metier.indexing.conditions import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    FieldPresence,
    Not,
    OneOf,
)
from metier.indexing.field_values import Value, as_number

NUMBER = "number_"
TEXT = "text_"

KINDS = (NUMBER, TEXT)
"""Prefixes of the columns for fields."""

_PLAIN = re.compile(r"[^a-z0-9]")
_CODED = re.compile(r"_([0-9a-f]+)_")


def column_of(name: str, value: Value) -> str:
    """Return the column of a field for values of the type of `value`.

    A field that is a number in one document and a string in another has two columns. Names of
    columns consist of lower-case letters, digits and underscores, whatever the field is called.
    """
    kind = TEXT if isinstance(value, str) else NUMBER
    return kind + _PLAIN.sub(lambda match: f"_{ord(match[0]):x}_", name)


def columns_of(fields: Mapping[str, Value]) -> dict[str, str | float]:
    """Return the values of a row's fields by column.

    A string that spells a number is in two columns.
    """
    columns: dict[str, str | float] = {}
    for name, value in fields.items():
        number = as_number(value)
        if isinstance(value, str):
            columns[column_of(name, value)] = value
        if number is not None:
            columns[column_of(name, number)] = float(number)
    return columns


def fields_in(columns: Iterable[str]) -> set[str]:
    """Return the names of the fields in columns; the reverse of `column_of`."""
    encoded = [
        column.removeprefix(kind) for column in columns for kind in KINDS if column.startswith(kind)
    ]
    return {_CODED.sub(lambda match: chr(int(match[1], 16)), name) for name in encoded}


def to_sql(condition: Condition, columns: Collection[str]) -> str:
    """Convert a condition to SQL for a table with these columns.

    The SQL is true or false and never NULL, so that its negation agrees with `Condition.holds`.
    """
    match condition:
        case Comparison(name, operator, value):
            column = column_of(name, value)
            sign = "=" if operator == "==" else operator
            return _if_present(column, f"{column} {sign} {literal(value)}", columns)
        case OneOf(name, values):
            by_column: dict[str, list[Value]] = {}
            for value in values:
                by_column.setdefault(column_of(name, value), []).append(value)
            parts = [
                _if_present(column, among(column, group), columns)
                for column, group in by_column.items()
            ]
            return _joined(parts, "OR") if parts else "false"
        case FieldPresence(name):
            kinds = {column_of(name, ""), column_of(name, 0)}
            return _joined([_if_present(column, "", columns) for column in sorted(kinds)], "OR")
        case AllOf(parts=parts):
            return _joined([to_sql(part, columns) for part in parts], "AND")
        case AnyOf(parts=parts):
            return _joined([to_sql(part, columns) for part in parts], "OR")
        case Not(condition=negated):
            return _negation(negated, columns)
    raise ParameterError(f"{condition!r} is a condition of an unknown type.")


def among(column: str, values: Iterable[Value]) -> str:
    """Return SQL that a column equals one of some values of its type, at least one."""
    return f"{column} IN ({', '.join(literal(value) for value in values)})"


def literal(value: Value) -> str:
    """Return a value as a SQL literal; only quotes need escaping in a string."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(float(value))


def _negation(condition: Condition, columns: Collection[str]) -> str:
    """Negate a condition by negating its parts: `NOT` before parentheses adds two levels."""
    match condition:
        case AllOf(parts=parts):
            return _joined([to_sql(~part, columns) for part in parts], "OR")
        case AnyOf(parts=parts):
            return _joined([to_sql(~part, columns) for part in parts], "AND")
    return f"(NOT {to_sql(condition, columns)})"


def _if_present(column: str, comparison: str, columns: Collection[str]) -> str:
    if column not in columns:
        return "false"
    present = f"{column} IS NOT NULL"
    return f"({present} AND {comparison})" if comparison else f"({present})"


def _joined(parts: Iterable[str], word: str) -> str:
    return "(" + f" {word} ".join(parts) + ")"
