"""Conditions as SQL filters for LanceDB. All SQL with values in it is made here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from metier.errors import InputError, ParameterError
from metier.indexing.comparable_values import (
    MAX_EXACT_INTEGER,
    Duration,
    Moment,
    Number,
    Operand,
    TimeOfDay,
    duration_of,
    moment_of,
    number_of,
    order,
    time_of,
)
from metier.indexing.conditions import (
    COMPARE,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    FieldPresence,
    Not,
    OneOf,
)

if TYPE_CHECKING:
    from metier.indexing.conditions import Operator
    from metier.indexing.field_values import Value

NUMBER = "number_"
TEXT = "text_"
EXACT = "exact_"
DAY = "day_"
INSTANT = "instant_"
TIME = "time_"
DURATION = "duration_"

KINDS = (NUMBER, TEXT, EXACT, DAY, INSTANT, TIME, DURATION)
"""Prefixes of the columns for fields. Every field has a column of one of the first two kinds. The
others hold sort keys: `exact_` those of numbers that no float is printed as."""

_KEYED = 2
"""The first schema of an index whose rows have sort keys."""

_PLAIN = re.compile(r"[^a-z0-9]")
_CODED = re.compile(r"_([0-9a-f]+)_")


def column_of(name: str, kind: str) -> str:
    """Return the column of a field for values of a kind, which is one of `KINDS`.

    A field that is a number in one document and a string in another has two columns. Names of
    columns consist of lower-case letters, digits and underscores, whatever the field is called.
    """
    return kind + _PLAIN.sub(lambda match: f"_{ord(match[0]):x}_", name)


def columns_of(fields: Mapping[str, Value]) -> dict[str, str | float]:
    """Return the values of a row's fields by column.

    A string that spells a number, a date, a time or a duration is in the columns for these, too.
    """
    columns: dict[str, str | float] = {}
    for name, value in fields.items():
        columns.update((column_of(name, kind), key) for kind, key in _keys(value))
    return columns


def fields_in(columns: Iterable[str]) -> set[str]:
    """Return the names of the fields in columns; the reverse of `column_of`."""
    encoded = [
        column.removeprefix(kind)
        for column in columns
        for kind in (NUMBER, TEXT)
        if column.startswith(kind)
    ]
    return {_CODED.sub(lambda match: chr(int(match[1], 16)), name) for name in encoded}


def require_keys(condition: Condition, schema: int, path: str) -> None:
    """Require that an index of a schema can compare what a condition compares.

    Raises:
        InputError: the condition compares sort keys, which the index lacks.
    """
    if schema < _KEYED and _needs_keys(condition):
        raise InputError(
            f"The index at {path} cannot compare dates, times or exact numbers.",
            why="A former version of metier made it, which did not keep what that needs.",
            fix="Build the index again with $rebuild.",
            code="index-mismatch",
            parameters={"rebuild": True},
        )


def to_sql(condition: Condition, columns: Collection[str]) -> str:
    """Convert a condition to SQL for a table with these columns.

    The SQL is true or false and never NULL, so that its negation agrees with `Condition.holds`.
    """
    match condition:
        case Comparison(name, operator, value):
            return _comparison(name, operator, value, columns)
        case OneOf(name, values):
            return _membership(name, values, columns)
        case FieldPresence(name):
            plain = [column_of(name, kind) for kind in (NUMBER, TEXT)]
            return _joined([_if_present(column, "", columns) for column in plain], "OR")
        case AllOf(parts=parts):
            return _joined([to_sql(part, columns) for part in parts], "AND")
        case AnyOf(parts=parts):
            return _joined([to_sql(part, columns) for part in parts], "OR")
        case Not(condition=negated):
            return _negation(negated, columns)
    raise ParameterError(f"{condition!r} is a condition of an unknown type.")


def among(column: str, values: Iterable[str | float]) -> str:
    """Return SQL that a column equals one of some values of its type, at least one."""
    return f"{column} IN ({', '.join(map(literal, values))})"


def literal(value: str | float) -> str:
    """Return a value as a SQL literal; only quotes need escaping in a string."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(float(value))


def _keys(value: Value) -> Iterator[tuple[str, str | float]]:
    """Yield the kinds of columns that a value is in, each with what the column holds."""
    number = number_of(value)
    if number is not None:
        yield NUMBER, number.nearest
        if number.exact is not None:
            yield EXACT, number.sort_key
    if not isinstance(value, str):
        return
    yield TEXT, value
    moment = moment_of(value)
    if moment is not None:
        yield DAY, moment.day_key
        if moment.instant_key is not None:
            yield INSTANT, moment.instant_key
    for kind, reading in ((TIME, time_of(value)), (DURATION, duration_of(value))):
        if reading is not None:
            yield kind, reading.sort_key


def _needs_keys(condition: Condition) -> bool:
    match condition:
        case Comparison(value=value):
            return _needs_key(value)
        case OneOf(values=values):
            return any(map(_needs_key, values))
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return any(map(_needs_keys, parts))
        case Not(condition=negated):
            return _needs_keys(negated)
    return False


def _needs_key(operand: Operand) -> bool:
    return not isinstance(operand, str) and (
        not isinstance(operand, Number)
        or operand.exact is not None
        or abs(operand.nearest) > MAX_EXACT_INTEGER
    )


def _comparison(name: str, operator: Operator, value: Operand, columns: Collection[str]) -> str:
    if isinstance(value, Number):
        return _any_of(_number_comparison(name, operator, value, columns))
    if isinstance(value, Moment):
        return _any_of(_moment_comparison(name, operator, value, columns))
    kind, key = _key_of(value)
    column = column_of(name, kind)
    return _if_present(column, f"{column} {_sign(operator)} {literal(key)}", columns)


def _number_comparison(
    name: str, operator: Operator, value: Number, columns: Collection[str]
) -> Iterator[str]:
    """Compare floats and, where they are equal, the sort keys of what they stand for."""
    column, exact = column_of(name, NUMBER), column_of(name, EXACT)
    if column not in columns:
        return
    operand, sign = literal(value.nearest), _sign(operator)
    if exact not in columns and value.exact is None:
        yield f"{column} IS NOT NULL AND {column} {sign} {operand}"
        return
    if operator != "==":
        yield f"{column} IS NOT NULL AND {column} {operator[0]} {operand}"
    is_equal = f"{column} IS NOT NULL AND {column} = {operand}"
    if COMPARE[operator](order(value.nearest, value) or 0, 0):
        yield f"{is_equal} AND {exact} IS NULL" if exact in columns else is_equal
    if exact in columns:
        yield f"{is_equal} AND {exact} IS NOT NULL AND {exact} {sign} {literal(value.sort_key)}"


def _moment_comparison(
    name: str, operator: Operator, value: Moment, columns: Collection[str]
) -> Iterator[str]:
    """Compare instants, and days where one of the two is a date."""
    day, instant, sign = column_of(name, DAY), column_of(name, INSTANT), _sign(operator)
    if day not in columns:
        return
    by_day = f"{day} IS NOT NULL AND {day} {sign} {literal(value.day_key)}"
    if value.instant_key is None or instant not in columns:
        yield by_day
        return
    yield f"{instant} IS NOT NULL AND {instant} {sign} {literal(value.instant_key)}"
    yield f"{instant} IS NULL AND {by_day}"


def _membership(name: str, values: Iterable[Operand], columns: Collection[str]) -> str:
    """Return SQL that a field equals one of some values."""
    keys: dict[str, list[str | float]] = {}
    parts = []
    has_exact = column_of(name, EXACT) in columns
    for value in values:
        match value:
            case Number(exact=exact) if exact is not None or has_exact:
                parts.append(_comparison(name, "==", value, columns))
            case Moment(instant=int()):
                parts.append(_comparison(name, "==", value, columns))
            case _:
                kind, key = _key_of(value)
                keys.setdefault(kind, []).append(key)
    for kind, of_kind in keys.items():
        column = column_of(name, kind)
        parts.append(_if_present(column, among(column, of_kind), columns))
    return _any_of(parts)


def _key_of(operand: Operand) -> tuple[str, str | float]:
    """Return the kind of column that is compared with an operand, and what it is compared with."""
    match operand:
        case Number(nearest=nearest):
            return NUMBER, nearest
        case Moment(day_key=day):
            return DAY, day
        case TimeOfDay(sort_key=key):
            return TIME, key
        case Duration(sort_key=key):
            return DURATION, key
    return TEXT, operand


def _any_of(parts: Iterable[str]) -> str:
    alternatives = list(parts)
    return _joined(alternatives, "OR") if alternatives else "false"


def _sign(operator: Operator) -> str:
    return "=" if operator == "==" else operator


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
