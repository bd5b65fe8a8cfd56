"""Values: what a field of a document may be, and what a condition may compare it with."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any

Value = str | int | float | bool

MOST_EXACT = 2**53
"""Whole numbers up to here are exact in every store; larger ones are kept as text."""

TRUTHS: Mapping[str, bool] = {"true": True, "false": False}
"""How texts spell true and false, in lower case; tables and people write them in any."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,16})?")
_LONGEST_TRUTH = max(map(len, TRUTHS))


def value_of(given: Any) -> Value | None:
    """A value as an index keeps it; None for what is missing (None, NaN).

    Dates and times become ISO 8601, which sorts as they do; lists and records become JSON.
    """
    if hasattr(given, "item") and not isinstance(given, str | bytes):
        given = given.item()  # a number of numpy
    if given is None or isinstance(given, str | bool):
        return given
    if isinstance(given, int):
        return given if abs(given) <= MOST_EXACT else str(given)
    if isinstance(given, float):
        return given if math.isfinite(given) else None
    if isinstance(given, date | time):
        return given.isoformat()
    if isinstance(given, dict | list | tuple):
        return json.dumps(given, ensure_ascii=False, default=str)
    return str(given)


def fields_of(given: Mapping[str, Any]) -> dict[str, Value]:
    """The fields of a document as an index keeps them; what is missing is left out."""
    kept = {str(name): value_of(value) for name, value in given.items()}
    return {name: value for name, value in kept.items() if value is not None}


def as_number(value: Value) -> int | float | None:
    """The number that a value is, or that a text spells; None for any other text.

    Tables such as CSV files hold their numbers as texts, and true and false, which are 1 and 0.
    A number with leading zeros is a code, not a number, and so is one too large to be exact.
    """
    if not isinstance(value, str):
        return value
    if len(value) <= _LONGEST_TRUTH and value.lower() in TRUTHS:
        return TRUTHS[value.lower()]
    if _NUMBER.fullmatch(value) is None:
        return None
    number = float(value)
    return number if abs(number) <= MOST_EXACT else None


def content_id(content: object) -> str:
    """16 hex characters that differ where the content does."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
