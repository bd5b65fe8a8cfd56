"""Conditions in the SQL that LanceDB filters by. The only place where SQL is made of values."""

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
"""What the columns of fields begin with."""

_PLAIN = re.compile(r"[^a-z0-9]")
_CODED = re.compile(r"_([0-9a-f]+)_")


def column_of(name: str, value: Value) -> str:
    """The column that holds a field where its value is of this kind.

    A field that is a number in one document and a text in another has two columns. Whatever a
    name holds, its column is made of lower-case letters, digits and underscores.
    """
    kind = TEXT if isinstance(value, str) else NUMBER
    return kind + _PLAIN.sub(lambda found: f"_{ord(found[0]):x}_", name)


def columns_of(fields: Mapping[str, Value]) -> dict[str, str | float]:
    """What the columns of a row's fields hold; a text that spells a number is in two of them."""
    found: dict[str, str | float] = {}
    for name, value in fields.items():
        number = as_number(value)
        if isinstance(value, str):
            found[column_of(name, value)] = value
        if number is not None:
            found[column_of(name, number)] = float(number)
    return found


def fields_in(columns: Iterable[str]) -> set[str]:
    """The fields that columns hold; what `column_of` made of their names is undone."""
    kinds = [one.removeprefix(kind) for one in columns for kind in KINDS if one.startswith(kind)]
    return {_CODED.sub(lambda found: chr(int(found[1], 16)), one) for one in kinds}


def to_sql(condition: Condition, columns: Collection[str]) -> str:
    """The condition for a table with these columns.

    It is true or false and never unknown, so that a negation means what `Condition.holds` means.
    """
    match condition:
        case Comparison(name, operator, value):
            column = column_of(name, value)
            sign = "=" if operator == "==" else operator
            return _of(column, f"{column} {sign} {literal(value)}", columns)
        case OneOf(name, values):
            by_column: dict[str, list[Value]] = {}
            for value in values:
                by_column.setdefault(column_of(name, value), []).append(value)
            parts = [_of(one, among(one, found), columns) for one, found in by_column.items()]
            return _joined(parts, "OR") if parts else "false"
        case FieldPresence(name):
            kinds = {column_of(name, ""), column_of(name, 0)}
            return _joined([_of(one, "", columns) for one in sorted(kinds)], "OR")
        case AllOf(parts=found):
            return _joined([to_sql(one, columns) for one in found], "AND")
        case AnyOf(parts=found):
            return _joined([to_sql(one, columns) for one in found], "OR")
        case Not(one):
            return _negated(one, columns)
    raise ParameterError(f"{condition!r} is a condition of a kind that is not known.")


def among(column: str, values: Iterable[Value]) -> str:
    """A column is one of some values of its kind, at least one."""
    return f"{column} IN ({', '.join(literal(value) for value in values)})"


def literal(value: Value) -> str:
    """A value as SQL; quotes in a text are doubled, and nothing else in it means anything."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(float(value))


def _negated(condition: Condition, columns: Collection[str]) -> str:
    """The negation, brought to the single conditions: `NOT` before parentheses nests twice."""
    match condition:
        case AllOf(parts=found):
            return _joined([to_sql(~one, columns) for one in found], "OR")
        case AnyOf(parts=found):
            return _joined([to_sql(~one, columns) for one in found], "AND")
    return f"(NOT {to_sql(condition, columns)})"


def _of(column: str, comparison: str, columns: Collection[str]) -> str:
    if column not in columns:
        return "false"
    there = f"{column} IS NOT NULL"
    return f"({there} AND {comparison})" if comparison else f"({there})"


def _joined(parts: Iterable[str], word: str) -> str:
    return "(" + f" {word} ".join(parts) + ")"
