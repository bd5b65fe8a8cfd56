"""How large a run was asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of one run; the defaults are the full cases.

    Attributes:
        pairs: interleaved runs of each side.
        layers: layers of the 28 of the 0.6B shape.
        scale: share of the texts of a case.
        dtype: number format of both sides.
    """

    pairs: int = 5
    layers: int = 28
    scale: float = 1.0
    dtype: str = "bfloat16"

    def scaled(self, count: int) -> int:
        """`count` texts, fewer where the run was asked to be small."""
        return max(8, round(count * self.scale))
