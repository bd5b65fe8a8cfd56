"""Options of a run: its size, number format, threads and device."""

from __future__ import annotations

from dataclasses import dataclass

FULL_ROUNDS = 5
FULL_LAYERS = 28


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of one run; the defaults are the full cases.

    Attributes:
        rounds: times each contestant runs, in turn with the others.
        layers: layers of the 28 of the 0.6B shape.
        scale: share of the texts of a case.
        dtype: number format of both sides, where a case does not name its own.
        threads: threads of torch, for both sides.
        device: `cpu` or `cuda`, for both sides.
        folders: test collections for a case that reads them, as named on the command line.
    """

    rounds: int = FULL_ROUNDS
    layers: int = FULL_LAYERS
    scale: float = 1.0
    dtype: str = "bfloat16"
    threads: int = 2
    device: str = "cpu"
    folders: tuple[str, ...] = ()

    def scaled(self, count: int) -> int:
        """Return the share `scale` of a number of texts, at least 8."""
        return max(8, round(count * self.scale))

    @property
    def small(self) -> str:
        """What is less than in a full run; empty for a full run."""
        less = []
        if self.layers < FULL_LAYERS:
            less.append(f"{self.layers} of {FULL_LAYERS} layers")
        if self.scale < 1:
            less.append(f"{self.scale:.0%} of the texts")
        if self.rounds < FULL_ROUNDS:
            less.append(f"{self.rounds} of {FULL_ROUNDS} rounds")
        return ", ".join(less)
