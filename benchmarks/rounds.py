"""Interleaved timing: contestants run in turn, so that a busy machine slows all of them equally."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

Contestant = Callable[[list[str]], object]

_BEHIND = 1.15  # times the fastest variant: further back than a busy machine explains
_WARM_UP = 32  # texts: enough for every code path and for lazy set-up, little against a round


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and range of a figure over the rounds."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Median, least and greatest."""
        figures = list(values)
        return cls(statistics.median(figures), min(figures), max(figures))


@dataclass(frozen=True, slots=True)
class Rounds:
    """Measurements in the order of the rounds.

    Attributes:
        seconds: wall time of each contestant.
        readings: further figures, each taken once a round.
    """

    seconds: Mapping[str, tuple[float, ...]]
    readings: Mapping[str, tuple[float, ...]]

    def time(self, name: str) -> Spread:
        """Seconds of one contestant."""
        return Spread.of(self.seconds[name])

    def ratio(self, ours: str, peer: str) -> Spread:
        """Return peer time / our time of each round: how many times as fast ours is."""
        pairs = zip(self.seconds[ours], self.seconds[peer], strict=True)
        return Spread.of(theirs / mine for mine, theirs in pairs)

    def fastest(self, names: Iterable[str]) -> str:
        """The contestant with the least median time, of those that ran in every round."""
        ran = [name for name in names if name in self.seconds]
        return min(ran, key=lambda name: self.time(name).median)


def rounds(
    contestants: Mapping[str, Contestant],
    texts: list[str],
    count: int,
    *,
    case: str,
    variants: Collection[str] = (),
    kept: Collection[str] = (),
    read: Mapping[str, Callable[[], float]] | None = None,
) -> Rounds:
    """Time every contestant on the texts, one after the other, `count` times.

    A few texts warm each of them up. Each round starts with another contestant, so that none always
    runs after the same one. Lines on standard error show the progress.

    Args:
        contestants: functions to time, by name.
        texts: texts to call each of them with.
        count: number of rounds.
        case: name for the progress lines.
        variants: contestants of which only the fastest counts: one that is far behind after the
            first round is left out of further rounds and of the result.
        kept: variants that are never left out.
        read: further figures to take once a round.
    """
    names, read = list(contestants), read or {}
    _say(f"{case}: warming up")
    for name in names:
        contestants[name](texts[:_WARM_UP])
        _say(".")
    _say("\n")
    seconds: dict[str, list[float]] = {name: [] for name in names}
    readings: dict[str, list[float]] = {name: [] for name in read}
    for number in range(count):
        _say(f"{case}: round {number + 1} of {count}:")
        for name, take in read.items():
            readings[name].append(take())
        first = number % len(names)
        for name in names[first:] + names[:first]:
            seconds[name].append(_seconds(contestants[name], texts))
            _say(f"  {name} {seconds[name][-1]:.2f} s")
        _say("\n")
        if number == 0 and count > 1:
            behind = _behind({name: seconds[name][0] for name in variants})
            for name in (name for name in behind if name not in kept):
                names.remove(name)
                del seconds[name]
                _say(f"{case}: {name} is far behind and runs no more\n")
    return Rounds(
        {name: tuple(taken) for name, taken in seconds.items()},
        {name: tuple(taken) for name, taken in readings.items()},
    )


def repeated(
    read: Mapping[str, Callable[[], float]], count: int, *, case: str
) -> dict[str, Spread]:
    """Take figures other than wall time, one after the other, `count` times."""
    taken: dict[str, list[float]] = {name: [] for name in read}
    for number in range(count):
        _say(f"{case}: round {number + 1} of {count}\n")
        for name, take in read.items():
            taken[name].append(take())
    return {name: Spread.of(values) for name, values in taken.items()}


def _behind(times: Mapping[str, float]) -> list[str]:
    limit = _BEHIND * min(times.values(), default=0.0)
    return [name for name, taken in times.items() if taken > limit]


def _seconds(contestant: Contestant, texts: list[str]) -> float:
    # Contestants return arrays in main memory, so on a GPU its work is over when they return.
    start = time.perf_counter()
    contestant(texts)
    return time.perf_counter() - start


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
