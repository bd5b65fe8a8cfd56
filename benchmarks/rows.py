"""What a case gives."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    case: str
    measured: str
    value: float
    detail: str = ""
