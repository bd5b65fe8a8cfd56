"""Interleaved timing: ours and the peer in turn, so a busy machine slows both alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pairs:
    """Seconds of each run, in the order they were made."""

    ours: tuple[float, ...]
    peer: tuple[float, ...]

    @property
    def speedup(self) -> float:
        """Median over the pairs of peer time / our time."""
        return statistics.median(
            peer / ours for ours, peer in zip(self.ours, self.peer, strict=True)
        )


def interleave(ours: Callable[[], object], peer: Callable[[], object], pairs: int) -> Pairs:
    """Time both, one after the other, `pairs` times; one run of each before warms up."""
    ours()
    peer()
    measured = [(seconds(ours), seconds(peer)) for _ in range(pairs)]
    return Pairs(tuple(mine for mine, _ in measured), tuple(theirs for _, theirs in measured))


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
