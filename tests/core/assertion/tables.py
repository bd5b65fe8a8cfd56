"""Tables of sentences: the target in brackets, and behind a bar the statuses with their words."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from metier.assertion.assertion import Assertion


class Case(NamedTuple):
    """A sentence, where its target is, and what is expected of it, in no order."""

    sentence: str
    start: int
    end: int
    expected: frozenset[tuple[str, str]]


def read_table(path: Path) -> list[Case]:
    """The cases of a file; lines that begin with `#` are remarks."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_case(line) for line in lines if line.strip() and not line.startswith("#")]


def _case(line: str) -> Case:
    marked, _, expected = line.rpartition(" |")
    before, _, rest = marked.partition("[")
    target, _, after = rest.partition("]")
    pairs = [entry.split(": ", 1) for entry in expected.strip().split("; ") if entry]
    return Case(
        before + target + after,
        len(before),
        len(before) + len(target),
        frozenset((status, words) for status, words in pairs),
    )


def pairs(assertion: Assertion) -> frozenset[tuple[str, str]]:
    """Statuses of an assertion with the words that decided, in no order."""
    return frozenset((modifier.status, modifier.text) for modifier in assertion.modifiers)
