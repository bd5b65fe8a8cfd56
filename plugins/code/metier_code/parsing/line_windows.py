"""Windows of lines: how a source that is not understood is divided."""

from __future__ import annotations

import re
from collections.abc import Iterator

LINES = 36
"""Lines of a window, where no blank line is near."""
_FEWEST = 24
_MOST_CHARACTERS = 4000
_WORD = re.compile(r"\w")


def line_windows(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Offsets of stretches of about 36 lines and at most 4,000 characters, without blank ends.

    A stretch ends at a blank line where one is near; those without any letter or digit are left
    out.
    """
    end = len(text) if end is None else end
    lines: list[tuple[int, int]] = []
    for line in _lines(text, start, end):
        size = line[1] - lines[0][0] if lines else 0
        if lines and (len(lines) >= LINES or size > _MOST_CHARACTERS):
            yield from _trimmed(text, lines[: (cut := _cut(text, lines))])
            lines = lines[cut:]
        lines.append(line)
    yield from _trimmed(text, lines)


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Lines with their newlines; those longer than a window in pieces."""
    while start < end:
        newline = text.find("\n", start, min(end, start + _MOST_CHARACTERS))
        after = newline + 1 if newline >= 0 else min(end, start + _MOST_CHARACTERS)
        yield start, after
        start = after


def _cut(text: str, lines: list[tuple[int, int]]) -> int:
    """How many lines a window keeps: up to its last blank line, if that is not too far up."""
    for count in range(len(lines), _FEWEST, -1):
        if not text[slice(*lines[count - 1])].strip():
            return count
    return len(lines)


def _trimmed(text: str, lines: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The stretch of lines without blank lines at its ends, if it has a letter or digit."""
    if not lines:
        return
    start, end = lines[0][0], lines[-1][1]
    whole = text[start:end]
    if _WORD.search(whole) is None:
        return
    first = len(whole) - len(whole.lstrip())
    start += whole.rfind("\n", 0, first) + 1  # what indents its first line belongs to it
    yield start, end - (len(whole) - len(whole.rstrip()))
