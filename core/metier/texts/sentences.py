"""Sentences of a text with their exact character offsets."""

from __future__ import annotations

import re
from typing import NamedTuple

from metier.texts.checks import is_blank

# A sentence ends at . ! ? before whitespace and at CJK full stops, each with the quotes or brackets
# that close it, and at line breaks that end a paragraph or start a list entry. Dots are matched
# from the first of a run and all at once, or a page of them would take a minute.
_END = re.compile(
    r"""(?<![.!?])[.!?]++["')\]\u201d\u2019]*+(?=\s)
      | [\u3002\uff01\uff1f]++[\u300d\u300f\uff09\u201d\u2019]*+
      | \n\s*\n
      | \n(?=\s*[-*\u2022\d])""",
    re.VERBOSE,
)
_ABBREVIATION = re.compile(
    r"""(?: (?i:\b(?:mr|mrs|ms|dr|prof|st|inc|ltd|co|corp|vs|etc|approx|dept|est|pt|pts|hx|dx|rx|
                    (?:[a-z]\.){1,4}[a-z]))  # e.g., b.i.d., U.S.
      | \b[A-Z]  # an initial
      | ^\s*\d+(?:\.\d+)*  # the number of a list entry
    )\.$""",
    re.VERBOSE,
)
_BEFORE_NUMBERS = re.compile(r"\b(?:no|nos|fig|figs|art|sec|cl)\.$", re.IGNORECASE)
"""Abbreviations that are words of their own: "no. 7", but "The answer is no."."""

_CLOSING = re.compile(
    r"(?:(?i:\b(?:etc|inc|ltd|co|corp|a\.m|p\.m))"
    r"|(?<![A-Za-z.])(?!e\.g|i\.e)(?:[a-z]\.){1,4}[a-z])\.$"  # not "U.S."
)
"""Abbreviations that often end a sentence."""


class Span(NamedTuple):
    """A stretch of a text: `text == whole[start:end]`."""

    start: int
    end: int
    text: str


def sentences(text: str) -> list[Span]:
    """Split a text into sentences; nothing that is visible lies between them."""
    spans: list[Span] = []
    start = 0
    for match in _END.finditer(text):
        end = match.end()
        if text[match.start()] == "." and _is_abbreviation(text, start, end):
            continue
        _append(spans, text, start, end)
        start = end
    _append(spans, text, start, len(text))
    return spans


def _is_abbreviation(text: str, start: int, end: int) -> bool:
    before = text[max(start, end - 12) : end]
    following = text[end : end + 40].lstrip()[:1]
    if _BEFORE_NUMBERS.search(before):
        return following.isdigit()
    if not _ABBREVIATION.search(before):
        return False
    # "approx. 5" goes on; "etc. The" and "at 5 p.m. He" do not
    return not (_CLOSING.search(before) is not None and following.isupper())


def _append(spans: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    stripped = piece.strip()
    if not is_blank(stripped):
        first = start + len(piece) - len(piece.lstrip())
        spans.append(Span(first, first + len(stripped), stripped))
