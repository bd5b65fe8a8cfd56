"""Values of an input, of any type, as Python and as JSON have them."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Set
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic_core import to_jsonable_python

from metier.texts.checks import is_missing, valid_text


def python_value(value: Any) -> Any:
    """A value as Python has it: numbers, times and arrays of numpy as numbers, times and lists.

    None for one that is missing, such as NaN. Anything else is returned as it is. Python has no
    nanoseconds: times are cut at microseconds.
    """
    if isinstance(value, memoryview):
        return bytes(value)
    if hasattr(value, "tolist"):  # arrays and scalars of numpy, columns of pandas
        kind = getattr(getattr(value, "dtype", None), "kind", "")
        if kind in "mM":
            value = value.astype(f"{'datetime' if kind == 'M' else 'timedelta'}64[us]")
        value = value.tolist()
        if hasattr(value, "tolist"):  # a number longer than those of Python
            value = float(value)
    if is_missing(value) or (isinstance(value, Decimal) and value.is_nan()):
        return None
    return value


def plain_value(value: Any) -> Any:
    """A value as strict JSON has it, and everything in it.

    None for one that is missing, base64 for bytes, and strings for infinity, dates and such.
    Characters that are no valid Unicode are replaced.
    """
    value = python_value(value)
    if isinstance(value, Enum):
        return plain_value(value.value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return str(value) if math.isinf(value) else float(value)
    if isinstance(value, str):
        return valid_text(value)
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, Mapping):
        return {_plain_key(key): plain_value(content) for key, content in value.items()}
    if isinstance(value, list | tuple | Set):
        return [plain_value(element) for element in value]
    return to_jsonable_python(value, fallback=str, bytes_mode="base64", inf_nan_mode="strings")


def _plain_key(key: Any) -> str:
    return valid_text(key) if isinstance(key, str) else str(plain_value(key))
