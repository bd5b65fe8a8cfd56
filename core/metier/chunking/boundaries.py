"""Divide a stretch of a text: into paragraphs, into sentences, into equal parts."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import NamedTuple

from metier.texts.checks import is_blank
from metier.texts.sentences import sentences

_PARAGRAPH_END = re.compile(r"(?>\r\n|\r|\n)[ \t]*+(?>\r\n|\r|\n)\s*+")
_JOINER = "\u200d"


class Stretch(NamedTuple):
    """Characters of a text from `start` to before `end`, without whitespace at the ends."""

    start: int
    end: int


def stripped(text: str, start: int, end: int) -> Stretch | None:
    """A stretch without the whitespace at its ends; None where nothing in it is visible."""
    piece = text[start:end]
    inner = piece.strip()
    if is_blank(inner):
        return None
    first = start + len(piece) - len(piece.lstrip())
    return Stretch(first, first + len(inner))


def paragraphs(text: str, stretch: Stretch) -> list[Stretch]:
    """Stretches with blank lines between them."""
    ends = [match.end() for match in _PARAGRAPH_END.finditer(text, *stretch)]
    return _between(text, [stretch.start, *ends, stretch.end])


def sentences_of(text: str, stretch: Stretch) -> list[Stretch]:
    """The sentences of a stretch."""
    return [
        Stretch(stretch.start + sentence.start, stretch.start + sentence.end)
        for sentence in sentences(text[stretch.start : stretch.end])
    ]


def parts(text: str, stretch: Stretch, count: int) -> list[Stretch]:
    """About `count` parts of equal length, at least two of a stretch of several characters.

    They are cut at an end of a line if one is near, else between words, else between characters.
    """
    length = stretch.end - stretch.start
    count = min(max(count, 2), length)
    cuts = [stretch.start]
    for number in range(1, count):
        ideal = stretch.start + length * number // count
        lowest = max(cuts[-1] + 1, ideal - length // (3 * count))
        if lowest <= ideal:
            cuts.append(_cut_near(text, lowest, ideal))
    return _between(text, [*cuts, stretch.end])


def _cut_near(text: str, lowest: int, ideal: int) -> int:
    line = text.rfind("\n", lowest, ideal)
    if line >= 0:
        return line + 1
    for cut in range(ideal, lowest - 1, -1):
        if text[cut - 1].isspace():
            return cut
    for cut in range(ideal, lowest - 1, -1):
        if not _is_inside_character(text, cut):
            return cut
    return ideal


def _is_inside_character(text: str, cut: int) -> bool:
    """Whether a cut would divide what is displayed as one character, in the common cases."""
    following = text[cut]
    return (
        following == _JOINER
        or text[cut - 1] == _JOINER
        or unicodedata.category(following) in ("Mn", "Me", "Mc")
        or "\U0001f3fb" <= following <= "\U0001f3ff"  # skin tones
    )


def _between(text: str, cuts: list[int]) -> list[Stretch]:
    stretches = (stripped(text, start, end) for start, end in pairwise(cuts))
    return [stretch for stretch in stretches if stretch is not None]
