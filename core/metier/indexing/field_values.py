"""Values of document fields, as indexes keep them and conditions compare them."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any

Value = str | int | float | bool

MAX_EXACT_INTEGER = 2**53
"""Largest integer that every store keeps exactly; larger ones are kept as strings."""

TRUTHS: Mapping[str, bool] = {"true": True, "false": False}
"""Strings that spell a boolean, in lower case; compare without regard to case."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,16})?")
_LONGEST_TRUTH = max(map(len, TRUTHS))


def value_of(raw: Any) -> Value | None:
    """Convert a value to what an index stores; None for missing values (None, NaN, infinity).

    Dates and times become ISO 8601 strings, which sort in order of time; lists, tuples and dicts
    become JSON.
    """
    if hasattr(raw, "item") and not isinstance(raw, str | bytes):
        raw = raw.item()  # a numpy scalar
    if raw is None or isinstance(raw, str | bool):
        return raw
    if isinstance(raw, int):
        return raw if abs(raw) <= MAX_EXACT_INTEGER else str(raw)
    if isinstance(raw, float):
        return raw if math.isfinite(raw) else None
    if isinstance(raw, date | time):
        return raw.isoformat()
    if isinstance(raw, dict | list | tuple):
        return json.dumps(raw, ensure_ascii=False, default=str)
    return str(raw)


def fields_of(record: Mapping[str, Any]) -> dict[str, Value]:
    """Convert the fields of a document to what an index stores, without missing values."""
    values = {str(name): value_of(value) for name, value in record.items()}
    return {name: value for name, value in values.items() if value is not None}


def as_number(value: Value) -> int | float | None:
    """Return the number that a value is or that a string spells; None for other strings.

    Strings that spell a boolean are 1 and 0. A number with leading zeros is taken for a code, and
    one that is too large to be exact for a string.
    """
    if not isinstance(value, str):
        return value
    if len(value) <= _LONGEST_TRUTH and value.lower() in TRUTHS:
        return TRUTHS[value.lower()]
    if _NUMBER.fullmatch(value) is None:
        return None
    number = float(value)
    return number if abs(number) <= MAX_EXACT_INTEGER else None


def content_id(content: object) -> str:
    """Return 16 hexadecimal characters of the SHA-256 hash of the content as JSON."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
