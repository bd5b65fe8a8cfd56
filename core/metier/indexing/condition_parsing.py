"""Parsing of conditions written as text: `year>=2020`, `court=Lyon`."""

from __future__ import annotations

import json
import re
from typing import TypeGuard

from metier.errors import UsageError
from metier.indexing.conditions import Condition, Field, field
from metier.indexing.field_values import TRUTHS

_CONDITION = re.compile(
    r"""\s*(?P<name>"(?:[^"\\]|\\.)*"|[^"<>=!\s](?:[^<>=!]*?[^<>=!\s])?)
        \s*(?P<operator>>=|<=|==|!=|=|<|>|\s+in\s+(?=\[))
        \s*(?P<value>(?![\s<>=]).*\S)\s*""",
    re.VERBOSE | re.DOTALL,
)
_FIRST_OPERATOR = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|[^"<>=!])*([<>=!]{2,})""")
_CORRECTIONS = {"=>": ">=", "=<": "<=", ">>": ">", "<<": "<", "<>": "!=", "===": "=="}
"""Operators of other languages and common typing errors, with the operators they stand for."""


def parse_condition(text: str) -> Condition:
    """Parse a condition: a field, an operator and a value.

    Operators are `=`, `!=`, `<`, `<=`, `>`, `>=`, and `in` before a list such as `["a", "b"]`. A
    value that is a number in JSON, or `true` or `false` in any case, is read as such; any other
    value is a string. Use double quotes for a string that looks like a number or starts with an
    operator, and for a field name that contains an operator.

    Raises:
        UsageError: the text is not a condition.
    """
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise _syntax_error(text)
    operator, operand = match["operator"].strip(), match["value"]
    left = field(_unquoted(match["name"]))
    if operator == "in":
        values = _json(operand)
        if not isinstance(values, list) or not all(map(_is_value, values)):
            raise _syntax_error(text)
        return left.is_in(values)
    value = TRUTHS.get(operand.lower(), _json(operand))
    return _comparison(left, operator, value if _is_value(value) else operand)


def _comparison(left: Field, operator: str, value: str | float) -> Condition:
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
        return json.loads(text)
    except ValueError:
        return None


def _is_value(value: object) -> TypeGuard[str | float]:
    finite = not isinstance(value, float) or abs(value) != float("inf")
    return isinstance(value, str | int | float) and finite and value == value


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
