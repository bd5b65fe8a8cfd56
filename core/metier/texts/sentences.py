"""Sentences of a text with their exact character offsets."""

from __future__ import annotations

import re
from typing import NamedTuple

# A sentence ends at . ! ? (with closing quotes or brackets) before whitespace, at CJK full stops,
# and at line breaks that end a paragraph or start a list entry.
_END = re.compile(r"[.!?]+[\"')\]\u201d\u2019]*(?=\s)|[\u3002\uff01\uff1f]|\n\s*\n|\n(?=\s*[-*\u2022\d])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|st|inc|ltd|co|corp|no|nos|vs|etc|approx|dept|est|fig|art|sec|cl|"
    r"e\.g|i\.e|u\.s|u\.k|a\.m|p\.m|pt|pts|hx|dx|rx)|\b[A-Z]|^\s*\d+(?:\.\d+)*)\.$",
    re.IGNORECASE,
)


class Span(NamedTuple):
    """A stretch of a text: `text == whole[start:end]`."""

    start: int
    end: int
    text: str


def sentences(text: str) -> list[Span]:
    """Split a text into sentences; nothing but whitespace lies between them."""
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
    if not _ABBREVIATION.search(before):
        return False
    following = text[end : end + 40].lstrip()
    # "approx. 5" goes on; "etc. The" and "at 5 p.m. He" do not
    tail = before.rstrip(".").lower()
    closes = tail.endswith(("etc", "inc", "ltd", "co", "corp", "a.m", "p.m"))
    return not (closes and following[:1].isupper())


def _append(spans: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        first = start + len(piece) - len(piece.lstrip())
        spans.append(Span(first, first + len(stripped), stripped))
