"""Conditions as people write them on a command line: `year>=2020`, `court=Lyon`."""

from __future__ import annotations

import json
import re
from typing import TypeGuard

from metier.errors import UsageError
from metier.indexing.conditions import Condition, Field, field
from metier.indexing.field_values import TRUTHS

_PART = re.compile(
    r"""\s*(?P<name>"(?:[^"\\]|\\.)*"|[^"<>=!\s](?:[^<>=!]*?[^<>=!\s])?)
        \s*(?P<sign>>=|<=|==|!=|=|<|>|\s+in\s+(?=\[))
        \s*(?P<value>(?![\s<>=]).*\S)\s*""",
    re.VERBOSE | re.DOTALL,
)
_SIGNS = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|[^"<>=!])*([<>=!]{2,})""")
_MEANT = {"=>": ">=", "=<": "<=", ">>": ">", "<<": "<", "<>": "!=", "===": "=="}
"""What other languages and quick fingers write for a sign."""


def parse_condition(text: str) -> Condition:
    """The condition that a text states: a field, a sign and a value.

    Signs are `=`, `!=`, `<`, `<=`, `>`, `>=`, and `in` before a list such as `["a", "b"]`. What is
    a number in JSON, or `true` or `false` in any case, is that, and anything else a text; double
    quotes make a text of what looks like a number or begins with a sign, and hold a name with a
    sign in it.

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
    value = TRUTHS.get(given.lower(), _json(given))
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
    signs = _SIGNS.match(text)
    meant = None if signs is None else _MEANT.get(signs[1])
    why = "A condition is a field, one of = != < <= > >=, and a value."
    if signs is not None and meant is not None:
        why += f" {signs[1]} is none of them: write {meant}, or quotes round a text with a sign."
    return UsageError(
        f"{text!r} is no condition.",
        why=why,
        fix="Write --where 'year>=2020', --where court=Lyon or --where 'kind in [\"a\", \"b\"]'; "
        "several are all to be met.",
    )
