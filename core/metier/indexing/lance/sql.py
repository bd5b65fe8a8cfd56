"""Conditions in the SQL that LanceDB filters by. The only place where SQL is made of values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from metier.errors import ParameterError
from metier.indexing.conditions import Both, Comparison, Condition, Either, Not, OneOf, Present
from metier.indexing.values import Value, as_number

NUMBER = "number_"
TEXT = "text_"

_PLAIN = re.compile(r"[^a-z0-9]")


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
            parts = [to_sql(Comparison(name, "==", value), columns) for value in values]
            return _joined(parts, "OR") if parts else "false"
        case Present(name):
            kinds = {column_of(name, ""), column_of(name, 0)}
            return _joined([_of(one, "", columns) for one in sorted(kinds)], "OR")
        case Both(one, other):
            return _joined([to_sql(one, columns), to_sql(other, columns)], "AND")
        case Either(one, other):
            return _joined([to_sql(one, columns), to_sql(other, columns)], "OR")
        case Not(one):
            return f"(NOT {to_sql(one, columns)})"
    raise ParameterError(f"{condition!r} is a condition of a kind that is not known.")


def among(column: str, values: Iterable[str]) -> str:
    """A column is one of some texts, at least one."""
    return f"{column} IN ({', '.join(literal(value) for value in values)})"


def literal(value: Value) -> str:
    """A value as SQL; quotes in a text are doubled, and nothing else in it means anything."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(float(value))


def _of(column: str, comparison: str, columns: Collection[str]) -> str:
    if column not in columns:
        return "false"
    there = f"{column} IS NOT NULL"
    return f"({there} AND {comparison})" if comparison else f"({there})"


def _joined(parts: Iterable[str], word: str) -> str:
    return "(" + f" {word} ".join(parts) + ")"
