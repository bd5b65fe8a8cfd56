"""Targets of measured values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A limit, and on which side of it a value should be."""

    limit: float
    at_most: bool = False

    def met(self, value: float) -> bool:
        """Whether the value reaches it."""
        return value <= self.limit if self.at_most else value >= self.limit

    def __str__(self) -> str:
        return f"{'<=' if self.at_most else '>='} {self.limit:g}"


def at_least(cpu: float, *, cuda: float | None = None, device: str = "cpu") -> Target | None:
    """The limit for a device; None where none is set for it."""
    limit = cuda if device.startswith("cuda") else cpu
    return None if limit is None else Target(limit)


def at_most(limit: float) -> Target:
    """A limit that a value should not pass."""
    return Target(limit, at_most=True)
