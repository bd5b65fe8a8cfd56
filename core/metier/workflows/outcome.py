"""What came out of a run: of each field of a result a hash, and how its numbers lie. No texts."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic_core import to_jsonable_python


class Numbers(BaseModel):
    """The decimal numbers of a field, as far as two runs are compared by them.

    Attributes:
        form: hash of everything else in the field, and of where the numbers stand. NaN and
            infinity belong to the form.
        count: how many there are, at least 1.
        mean: of all.
        low: the smallest.
        high: the largest.
    """

    model_config = ConfigDict(frozen=True)

    form: str
    count: int
    mean: float
    low: float
    high: float


class FieldUse(BaseModel):
    """One field of a result, over all places where it stands.

    Attributes:
        digest: hash of everything in it, in order, to the last bit.
        numbers: None where there are no decimal numbers.
    """

    model_config = ConfigDict(frozen=True)

    digest: str
    numbers: Numbers | None = None


def outcome_of(result: BaseModel) -> dict[str, FieldUse]:
    """Describe a result by its fields, such as `hits[].score`, without holding any text of it.

    Keys of mappings may be texts: they are hashed, and `facts{}` stands for all values of one. The
    run record in a result is left out.
    """
    found: dict[str, _Field] = defaultdict(_Field)
    for name in type(result).model_fields:
        if name != "record":
            for path, value in _leaves(name, getattr(result, name)):
                found[path].add(value)
    return {path: one.used() for path, one in found.items()}


@dataclass(slots=True)
class _Field:
    digest: Any = field(default_factory=hashlib.sha256)
    form: Any = field(default_factory=hashlib.sha256)
    count: int = 0
    total: float = 0.0
    low: float = math.inf
    high: float = -math.inf

    def add(self, value: str | float) -> None:
        exact = float.__repr__(value) if isinstance(value, float) else value
        loose = exact
        if isinstance(value, float) and math.isfinite(value):
            loose = "number"
            self.count += 1
            self.total += value
            self.low, self.high = min(self.low, value), max(self.high, value)
        for digest, text in ((self.digest, exact), (self.form, loose)):
            raw = text.encode("utf-8", "surrogatepass")
            digest.update(len(raw).to_bytes(8, "big") + raw)

    def used(self) -> FieldUse:
        digest = self.digest.hexdigest()[:16]
        if self.count == 0:
            return FieldUse(digest=digest)
        numbers = Numbers(
            form=self.form.hexdigest()[:16],
            count=self.count,
            mean=self.total / self.count,
            low=self.low,
            high=self.high,
        )
        return FieldUse(digest=digest, numbers=numbers)


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str | float]]:
    """Every value with its path: decimal numbers as they are, anything else as a string."""
    if isinstance(value, Enum):
        yield path, value.name
    elif isinstance(value, float):
        yield path, value
    elif isinstance(value, str):
        yield path, f"text {value}"
    elif value is None or isinstance(value, int | date | Decimal | Path):
        yield path, f"{type(value).__name__} {value}"
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _leaves(f"{path}.{name}", getattr(value, name))
    elif dataclasses.is_dataclass(value):
        for one in dataclasses.fields(value):
            yield from _leaves(f"{path}.{one.name}", getattr(value, one.name))
    elif isinstance(value, Mapping):
        yield path, f"{len(value)} keys"
        for key, one in value.items():
            yield path, f"key {key}"
            yield from _leaves(f"{path}{{}}", one)
    elif isinstance(value, list | tuple):
        yield path, f"{len(value)} items"
        for one in value:
            yield from _leaves(f"{path}[]", one)
    elif isinstance(value, set | frozenset):
        yield from _leaves(path, sorted(value, key=repr))
    else:
        plain = to_jsonable_python(value, fallback=lambda unknown: type(unknown).__name__)
        yield from _leaves(path, plain)
