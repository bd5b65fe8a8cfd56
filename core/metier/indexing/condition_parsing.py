"""Parsing of conditions written as text: `year>=2020`, `court=Lyon`."""

from __future__ import annotations

import json
import re
from decimal import Decimal

from metier.errors import UsageError
from metier.indexing.comparable_values import (
    TRUTHS,
    Operand,
    duration_of,
    moment_of,
    number_of,
    time_of,
)
from metier.indexing.conditions import Condition, Field, field, operand_of

_CONDITION = re.compile(
    r"""\s*(?P<name>"(?:[^"\\]|\\.)*"|[^"<>=!\s](?:[^<>=!]*?[^<>=!\s])?)
        \s*(?P<operator>>=|<=|==|!=|=|<|>|\s+in\s+(?=\[))
        \s*(?P<value>(?![\s<>=]).*\S)\s*""",
    re.VERBOSE | re.DOTALL,
)
_ITEM = re.compile(
    r"""\s*(?P<value>"(?:[^"\\]|\\.)*"|[^",\[\]{}]*[^",\[\]{}\s])\s*(?P<comma>,|$)"""
)
_FIRST_OPERATOR = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|[^"<>=!])*([<>=!]{2,})""")
_CORRECTIONS = {"=>": ">=", "=<": "<=", ">>": ">", "<<": "<", "<>": "!=", "===": "=="}
"""Operators of other languages and common typing errors, with the operators they stand for."""


def parse_condition(text: str) -> Condition:
    """Parse a condition: a field, an operator and a value.

    Operators are `=`, `!=`, `<`, `<=`, `>`, `>=`, and `in` before a list such as `["a", 2]`. A
    value that is a number in JSON, `true` or `false` in any case, or a date, a time or a duration
    in ISO 8601 (`2024-03-01T10:30+02:00`, `P1DT2H`) is read as such; any other value is a string.
    Use double quotes for a string that looks like another kind or starts with an operator, for
    strings in lists, and for a field name that contains an operator.

    Raises:
        UsageError: the text is not a condition.
    """
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise _syntax_error(text)
    operator, operand = match["operator"].strip(), match["value"]
    left = field(_unquoted(match["name"]))
    if operator == "in":
        values = _list(operand)
        if values is None:
            raise _syntax_error(text)
        return left.is_in(values)
    value = _value(operand)
    return _comparison(left, operator, operand if value is None else value)


def _list(text: str) -> list[Operand] | None:
    """Return the values of a list; None where the text is no list of values."""
    if not text.endswith("]"):
        return None
    inside = text[1:-1]
    values: list[Operand] = []
    position = 0
    while inside.strip():
        match = _ITEM.match(inside, position)
        value = None if match is None else _value(match["value"])
        if match is None or value is None:
            return None
        values.append(value)
        if (position := match.end()) == len(inside) and not match["comma"]:
            break
    return values


def _value(text: str) -> Operand | None:
    """Return the number, boolean, string, date, time or duration that a text is in a condition."""
    value: object = TRUTHS.get(text.lower())
    if value is None:
        value = _json(text)
    if isinstance(value, str):
        return operand_of(value)
    if isinstance(value, int | Decimal):
        return number_of(value)
    return moment_of(text) or time_of(text) or (duration_of(text) if "P" in text else None)


def _comparison(left: Field, operator: str, value: Operand) -> Condition:
    match operator:
        case "=" | "==":
            return left == value
        case "!=":
            return left != value
        case "<":
            return left < value
        case "<=":
            return left <= value
        case ">":
            return left > value
    return left >= value


def _unquoted(name: str) -> str:
    content = _json(name) if name.startswith('"') else None
    return content if isinstance(content, str) and content else name


def _json(text: str) -> object:
    try:
        return json.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        return None


def _syntax_error(text: str) -> UsageError:
    operators = _FIRST_OPERATOR.match(text)
    correction = None if operators is None else _CORRECTIONS.get(operators[1])
    why = "A condition is a field, one of = != < <= > >=, and a value."
    if operators is not None and correction is not None:
        why += (
            f" {operators[1]} is not an operator: write {correction}, or put a text that contains "
            "one in quotes."
        )
    return UsageError(
        f"{text!r} is not a condition.",
        why=why,
        fix="Write a condition such as $where; several are all to be met.",
        parameters={"where": ["year>=2020", "court=Lyon", 'kind in ["a", "b"]']},
    )
