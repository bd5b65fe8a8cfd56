"""The groups of a column: its values, and of numbers quarters of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from metier.heads.column_features import read_numbers
from metier.texts.rows import id_as_string

QUARTERS = (0.25, 0.5, 0.75)
"""Shares of the texts at which a column of numbers is cut."""

MOST_VALUES = 5
"""Different numbers up to which each is a group of its own."""

_FIRST_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


def column_groups(cells: Sequence[object]) -> list[str | None]:
    """Return the group of each value; None where it is missing.

    A column with more than five different numbers is cut into quarters, such as `20 to 35`: above
    20, and up to 35. Equal numbers are in one group, so there are fewer where many are equal.
    """
    values = read_numbers(cells)
    if values is None or len(np.unique(values[~np.isnan(values)])) <= MOST_VALUES:
        return [(id_as_string(cell) or "").strip() or None for cell in cells]
    present = values[~np.isnan(values)]
    cuts = np.unique(np.quantile(present, QUARTERS, method="inverted_cdf"))
    cuts = cuts[cuts < present.max()]
    shown = [_shown(cut) for cut in cuts]
    between = [f"{low} to {high}" for low, high in pairwise(shown)]
    names = [f"{shown[0]} or less", *between, f"more than {shown[-1]}"]
    return [
        None if np.isnan(value) else names[int(np.searchsorted(cuts, value))] for value in values
    ]


def group_order(group: str | None) -> tuple[bool, float, str]:
    """A key that sorts groups by the first number in their names, then by name, None last."""
    number = _FIRST_NUMBER.search(group or "")
    first = float(number[0].replace(",", "")) if number is not None else float("inf")
    return group is None, first, group or ""


def _shown(number: float) -> str:
    if abs(number) < 1:
        return f"{number:.3g}"
    return f"{number:,.2f}".rstrip("0").rstrip(".")
