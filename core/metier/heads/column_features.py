"""Columns of a table as features: numbers, dates and categories, any of which may be missing."""

from __future__ import annotations

import math
import numbers
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Self

import numpy as np

from metier.heads.features import Arrays, NoFeaturesError
from metier.heads.inputs import Floats, HeadInputs
from metier.texts.checks import is_missing
from metier.texts.rows import id_as_string

ColumnKind = Literal["number", "date", "category"]

_READABLE = 0.95
"""Share of the values that have to be numbers, or dates, for a column of numbers, or dates."""

_QUANTILES = 21
"""Quantiles that a number is placed between, so that its rank counts and no extreme value."""

_BINS = 5
"""Bins of equal rank that say whether a number is in them, for what is not monotonic."""

_RARE = 5
"""Texts that a category has to occur in; rarer ones count as one."""

_MOST = 50
"""Categories of a column, the most frequent ones."""

_DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y", "%d.%m.%Y", "%b-%Y", "%b-%y", "%B %Y", "%Y-%m")
"""Ways to write a date beside those of ISO 8601."""


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    """One column.

    A number or a date gives its rank in [-1, 1], `_BINS` bins, and whether it is missing; a
    category gives one feature a known category, one for others, and whether it is missing.
    """

    name: str
    kind: ColumnKind
    quantiles: Floats
    categories: tuple[str, ...]

    @property
    def size(self) -> int:
        return 2 + (len(self.categories) if self.kind == "category" else _BINS)

    def transform(self, cells: Sequence[object]) -> Floats:
        features = np.zeros((len(cells), self.size))
        if self.kind == "category":
            index = {category: position for position, category in enumerate(self.categories)}
            for row, cell in enumerate(cells):
                value = _category(cell)
                column = -1 if value is None else index.get(value, len(self.categories))
                features[row, column] = 1.0
            return features
        values = np.array([_READERS[self.kind](cell) for cell in cells], dtype=np.float64)
        missing = np.isnan(values)
        ranks = np.interp(values, self.quantiles, np.linspace(0.0, 1.0, len(self.quantiles)))
        ranks[missing] = 0.5
        features[:, 0] = 2.0 * ranks - 1.0
        bins = np.minimum((ranks * _BINS).astype(int), _BINS - 1)
        features[np.arange(len(cells)), 1 + bins] = np.where(missing, 0.0, 1.0)
        features[missing, -1] = 1.0
        return features


@dataclass(frozen=True, slots=True, eq=False)
class ColumnFeatures:
    """The features of named columns, side by side."""

    columns: tuple[_Column, ...]

    @classmethod
    def fit(cls, inputs: HeadInputs) -> Self:
        """Learn the kind, the quantiles and the categories of each column.

        Raises:
            NoFeaturesError: no column has a value.
        """
        columns = [_fitted(name, inputs.column(name)) for name in inputs.columns or {}]
        used = tuple(column for column in columns if column is not None)
        if not used:
            raise NoFeaturesError("no column has a value")
        return cls(used)

    @property
    def size(self) -> int:
        return sum(column.size for column in self.columns)

    def transform(self, inputs: HeadInputs) -> Floats:
        blocks = [column.transform(inputs.column(column.name)) for column in self.columns]
        return np.hstack(blocks)

    def unread(self, inputs: HeadInputs) -> dict[str, int]:
        """Return how many values of a column are no numbers, or dates, as those learned from.

        They count as missing. Columns that have none are left out.
        """
        counts = {
            column.name: sum(
                _category(cell) is not None and math.isnan(_READERS[column.kind](cell))
                for cell in inputs.column(column.name)
            )
            for column in self.columns
            if column.kind != "category"
        }
        return {name: count for name, count in counts.items() if count}

    def arrays(self) -> Arrays:
        return {
            f"quantiles.{position}": column.quantiles
            for position, column in enumerate(self.columns)
            if column.kind != "category"
        }

    def settings(self) -> dict[str, Any]:
        return {
            "columns": [
                {"name": column.name, "kind": column.kind, "categories": list(column.categories)}
                for column in self.columns
            ]
        }

    @classmethod
    def restore(cls, arrays: Arrays, settings: dict[str, Any]) -> Self:
        none = np.empty(0)
        return cls(
            tuple(
                _Column(
                    column["name"],
                    column["kind"],
                    arrays.get(f"quantiles.{position}", none),
                    tuple(column["categories"]),
                )
                for position, column in enumerate(settings["columns"])
            )
        )


def read_numbers(cells: Sequence[object]) -> Floats | None:
    """Return n values as numbers, NaN where one is missing; None for a column of something else."""
    return _read("number", cells)


def _read(kind: ColumnKind, cells: Sequence[object]) -> Floats | None:
    """The values as numbers, as `read_numbers`; None where too few of them are of that kind."""
    values = np.array([_READERS[kind](cell) for cell in cells], dtype=np.float64)
    present = sum(_category(cell) is not None for cell in cells)
    is_kind = present > 0 and np.count_nonzero(~np.isnan(values)) >= _READABLE * present
    return values if is_kind else None


def _fitted(name: str, cells: Sequence[object]) -> _Column | None:
    """A column by its values; None where all are missing."""
    present = [cell for cell in cells if _category(cell) is not None]
    if not present:
        return None
    for kind in _READERS:
        if (values := _read(kind, present)) is not None:
            readable = values[~np.isnan(values)]
            shares = np.linspace(0.0, 1.0, _QUANTILES)
            return _Column(name, kind, np.unique(np.quantile(readable, shares)), ())
    counts = Counter(_category(cell) for cell in present)
    frequent = [
        value
        for value, count in sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
        if count >= _RARE and value is not None
    ]
    return _Column(name, "category", np.empty(0), tuple(sorted(frequent[:_MOST])))


def _category(cell: object) -> str | None:
    """A value as a category, the same of 1, 1.0 and `1`; None where it is missing."""
    return (id_as_string(cell) or "").strip() or None


def _number(cell: object) -> float:
    """A value as a number, NaN if it is none: `$12,000`, `36 %` and `(5.00)` are numbers."""
    if isinstance(cell, bool):
        return math.nan  # a category: files of texts have it as a word
    if isinstance(cell, numbers.Real):
        return _finite(cell)
    text = (_category(cell) or "").strip("$€£ %").replace(",", "").replace(" ", "")
    negative = text.startswith("(") and text.endswith(")")
    value = _finite(text[1:-1] if negative else text)
    return -value if negative else value


def _finite(cell: Any) -> float:
    try:
        value = float(cell)
    except (ValueError, OverflowError):
        return math.nan
    return value if math.isfinite(value) else math.nan


def _days(cell: object) -> float:
    """A date as days since the year 1, NaN if it is none."""
    if is_missing(cell):  # NaT is a date
        return math.nan
    if isinstance(cell, date):  # also a datetime
        return float(cell.toordinal())
    text = _category(cell) or ""
    readings: list[Callable[[str], datetime]] = [datetime.fromisoformat]
    readings += [lambda text, form=form: datetime.strptime(text, form) for form in _DATE_FORMATS]  # type: ignore[misc]
    for read in readings:
        try:
            return float(read(text).toordinal())
        except ValueError:
            continue
    return math.nan


_READERS: dict[ColumnKind, Callable[[object], float]] = {"number": _number, "date": _days}
"""How the values of a column become numbers, in the order in which they are tried."""
