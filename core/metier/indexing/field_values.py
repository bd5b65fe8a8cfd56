"""Values of document fields, as indexes keep them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

from metier.indexing.comparable_values import DAY, MAX_EXACT_INTEGER, SECOND, Duration
from metier.texts.checks import is_missing

Value = str | int | float | bool

_NESTED = (Mapping, list, tuple, set, frozenset)

_MAX_DEPTH = 100
"""Levels of lists and dicts in a field."""

_MAX_DIGITS = 100
"""Length up to which a decimal is written without an exponent."""


def value_of(raw: Any) -> Value | None:
    """Convert a value to what an index stores; None for missing values (None, NaN, NaT, infinity).

    Integers beyond 2**53 and decimals become strings that spell them. Dates, times and durations
    become strings in ISO 8601, with up to nine digits for parts of a second. A member of an Enum is
    its value. Lists, tuples, arrays, columns, sets (sorted) and dicts become JSON.

    Raises:
        TypeError: there is no plain way to keep it, such as bytes or a table.
    """
    if isinstance(raw, Enum):
        raw = raw.value
    if isinstance(raw, str):  # numpy.str_, too
        return str(raw)
    if type(raw).__name__ in ("datetime64", "timedelta64"):
        raw = _numpy_time(raw)
    else:
        raw = _unwrapped(raw)
    if is_missing(raw) or isinstance(raw, str | bool):
        return None if is_missing(raw) else raw
    if isinstance(raw, int):
        return raw if abs(raw) <= MAX_EXACT_INTEGER else str(raw)
    if isinstance(raw, float):
        return raw if math.isfinite(raw) else None
    if isinstance(raw, Decimal):
        return _decimal(raw)
    if isinstance(raw, timedelta):
        return str(_duration(raw))
    if isinstance(raw, date | time):
        return raw.isoformat()
    if isinstance(raw, _NESTED):
        return json.dumps(_plain(raw), ensure_ascii=False)
    if isinstance(raw, UUID | PurePath) or _prints_as_data(raw):
        return str(raw)
    raise TypeError(f"It is of type {type(raw).__name__}.")


def fields_of(record: Mapping[str, Any]) -> dict[str, Value]:
    """Convert the fields of a document to what an index stores, without missing values."""
    values = {str(name): value_of(value) for name, value in record.items()}
    return {name: value for name, value in values.items() if value is not None}


def _plain(nested: Any, depth: int = 0) -> Any:
    """Return nested lists and dicts of what JSON has.

    Raises:
        TypeError: see `value_of`.
    """
    if depth > _MAX_DEPTH:
        raise TypeError(f"It holds lists or dicts nested more than {_MAX_DEPTH} deep.")
    if isinstance(nested, Enum):
        nested = nested.value
    if getattr(nested, "ndim", 1):  # a scalar may be a time, which value_of knows
        nested = _unwrapped(nested)
    if isinstance(nested, Mapping):
        return {_key(key): _plain(value, depth + 1) for key, value in nested.items()}
    if isinstance(nested, list | tuple):
        return [_plain(value, depth + 1) for value in nested]
    if isinstance(nested, set | frozenset):
        plain = [_plain(value, depth + 1) for value in nested]
        return sorted(plain, key=lambda value: (type(value).__name__, str(value)))
    return value_of(nested)


def _unwrapped(raw: Any) -> Any:
    """Return the list in an array or a column, and the value in a scalar of another library."""
    if isinstance(raw, bytes | bytearray | memoryview) or hasattr(raw, "columns"):
        return raw
    for method in ("tolist", "to_list", "to_pylist", "as_py"):
        if callable(getattr(raw, method, None)) and not isinstance(raw, type):
            return getattr(raw, method)()
    return raw


def _key(key: object) -> str:
    if isinstance(key, list | tuple | bytes):
        raise TypeError(f"It has a key of type {type(key).__name__}.")
    return str(key.value if isinstance(key, Enum) else key)


def _prints_as_data(raw: object) -> bool:
    """Return whether a value of pandas or a database prints as what it is, such as a Period."""
    return type(raw).__name__ in ("Period", "Interval", "ObjectId", "IPv4Address", "IPv6Address")


def _decimal(number: Decimal) -> str | None:
    if not number.is_finite():
        return None
    plain = format(number, "f") if abs(number.adjusted()) < _MAX_DIGITS else str(number)
    return plain if len(plain) <= _MAX_DIGITS else str(number)


def _duration(elapsed: timedelta) -> Duration:
    seconds = elapsed.seconds * SECOND + elapsed.microseconds * 1000
    nanoseconds: int = getattr(elapsed, "nanoseconds", 0)  # of pandas
    return Duration(elapsed.days * DAY + seconds + nanoseconds)


def _numpy_time(raw: Any) -> Any:
    """Convert a numpy.datetime64 or timedelta64 to a date, a time difference or a string."""
    plain = raw.item()  # an integer where a type of Python cannot hold it
    if not isinstance(plain, int):
        return plain
    if raw.dtype.str.startswith(("<m", ">m")) and raw.dtype.str.endswith(("Y]", "M]")):
        return str(raw)  # years and months have no fixed length
    nanoseconds = raw.astype(f"{type(raw).__name__}[ns]")
    if nanoseconds.astype(raw.dtype) != raw:
        return str(raw)  # out of range, or finer than nanoseconds
    if type(raw).__name__ == "timedelta64":
        return str(Duration(int(nanoseconds.item())))
    return str(nanoseconds).removesuffix(".000000000")


def content_id(content: object) -> str:
    """Return 16 hexadecimal characters of the SHA-256 hash of the content as JSON."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
