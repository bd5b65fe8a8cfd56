"""Conditions as people write them on a command line: `year>=2020`, `court=Lyon`."""

from __future__ import annotations

import json
import re
from typing import TypeGuard

from metier.errors import UsageError
from metier.indexing.conditions import Condition, Field, field

_PART = re.compile(
    r"""\s*(?P<name>"(?:[^"\\]|\\.)*"|[^"<>=!\s](?:[^<>=!]*?[^<>=!\s])?)
        \s*(?P<sign>>=|<=|==|!=|=|<|>|\s+in\s+(?=\[))
        \s*(?P<value>(?!=).*\S)\s*""",
    re.VERBOSE | re.DOTALL,
)


def parse_condition(text: str) -> Condition:
    """The condition that a text states: a field, a sign and a value.

    Signs are `=`, `!=`, `<`, `<=`, `>`, `>=`, and `in` before a list such as `["a", "b"]`. What is
    a number, `true` or `false` in JSON is that, and anything else a text; double quotes make a
    text of what looks like a number, and hold a name with a sign in it.

    Raises:
        UsageError: the text states no condition.
    """
    found = _PART.fullmatch(text)
    if found is None:
        raise _unreadable(text)
    sign, given = found["sign"].strip(), found["value"]
    one = field(_unquoted(found["name"]))
    if sign == "in":
        values = _json(given)
        if not isinstance(values, list) or not all(map(_is_value, values)):
            raise _unreadable(text)
        return one.is_in(values)
    value = _json(given)
    return _compared(one, sign, value if _is_value(value) else given)


def _compared(one: Field, sign: str, value: str | float) -> Condition:
    match sign:
        case "=" | "==":
            return one == value
        case "!=":
            return one != value
        case "<":
            return one < value
        case "<=":
            return one <= value
        case ">":
            return one > value
    return one >= value


def _unquoted(name: str) -> str:
    known = _json(name) if name.startswith('"') else None
    return known if isinstance(known, str) and known else name


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _is_value(value: object) -> TypeGuard[str | float]:
    finite = not isinstance(value, float) or abs(value) != float("inf")
    return isinstance(value, str | int | float) and finite and value == value


def _unreadable(text: str) -> UsageError:
    return UsageError(
        f"{text!r} is no condition.",
        why="A condition is a field, one of = != < <= > >=, and a value.",
        fix="Write --where 'year>=2020', --where court=Lyon or --where 'kind in [\"a\", \"b\"]'; "
        "several are all to be met.",
    )
