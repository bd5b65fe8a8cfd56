"""`PlainText`: a text as rules of identifiers read it, with the offsets of what was written."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from metier.texts.stemming import INVISIBLE

_MONTH = r"(?<![a-z])(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_BREAK = r"[ \t]{0,3}\r?\n[ \t]{0,20}"
_PIECE = re.compile(
    rf"(?P<invisible>(?:{INVISIBLE.pattern})+)"
    r"|(?P<entity>&(?:\#\d{2,7}|\#x[0-9a-f]{2,6}|[a-z]{2,8}\d{0,2});)"
    rf"|(?P<break>(?<=[\w,)/.-]){_BREAK}(?=[\w(]))"
    r"|(?P<letter>[^\x00-\x7f]|[A-Za-z](?=[\u0300-\u036f]))(?P<marks>[\u0300-\u036f]{0,8}+)",
    re.IGNORECASE,
)
_LETTERS = str.maketrans("ŁłØøĐđıĦħŦŧ\u2044\u2215\u2010", "LlOoDdiHhTt//-")
"""Letters that Unicode does not divide into a letter and a mark, slashes of numbers, and the
hyphen that is not on keyboards."""

_KEPT = ("<super>", "<sub>", "<fraction>")
"""What stays as it is: m\u00b2 is no m2, and a half is no one and two."""

_INSIDE_NUMBER = re.compile(r"\d[-/]$")
_AREA_CODE = re.compile(r"\(\d{3}\)$")
_DAY_OR_MONTH = re.compile(rf"(?:{_MONTH}|{_MONTH}[ ]?\d{{1,2}}(?:st|nd|rd|th)?,?)$", re.IGNORECASE)
_DAY = re.compile(r"(?<!\d)\d{1,2}(?:st|nd|rd|th)?(?: of)?$", re.IGNORECASE)
_STARTS_WITH_MONTH = re.compile(rf"{_MONTH}(?![a-z])", re.IGNORECASE)
_TITLED = re.compile(r"(?<![A-Za-z])(?:Mr|Mrs|Ms|Dr|Miss|Prof)\b\.?(?: [A-Z][a-z]{1,24})?$")
_SURNAME = re.compile(r"[A-Z][a-z]{1,24}(?:[ ,]{1,2}[a-z]|[.,]|['\u2019]s)")
_WRAPPED = 40
"""Characters of a line that may have been broken because of its length."""


@dataclass(frozen=True, slots=True)
class PlainText:
    """A text without what hides an identifier from a rule and not from a reader.

    Characters that are not seen are left out; references of HTML, letters with accents, wide
    letters and unusual spaces are replaced by what they look like; and a number, a date or a name
    that was broken at the end of a line is in one piece.

    Attributes:
        text: what rules read.
        starts: for each of its characters, where that begins in the original.
        ends: for each of its characters, where that ends in the original.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, text: str) -> PlainText:
        """The text as rules read it."""
        parts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        position = 0
        for match in _PIECE.finditer(text):
            start, end = match.span()
            plain = _plain(match, text)
            if plain == match[0]:
                continue
            parts += (text[position:start], plain)
            starts += (*range(position, start), *[start] * len(plain))
            ends += (*range(position + 1, start + 1), *[end] * len(plain))
            position = end
        if not position:
            return cls(text, range(len(text)), range(1, len(text) + 1))
        starts += range(position, len(text))
        ends += range(position + 1, len(text) + 1)
        return cls("".join((*parts, text[position:])), starts, ends)

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Where a part of the plain text is in the original; it has at least one character."""
        return self.starts[start], self.ends[end - 1]


def _plain(match: re.Match[str], text: str) -> str:
    if match["invisible"]:
        return ""
    if match["entity"]:
        character = html.unescape(match[0])
        if character == match[0] or INVISIBLE.fullmatch(character):
            return "" if character != match[0] else character
        return "".join(map(_without_marks, character))
    if match["break"]:
        return _joined(text, *match.span())
    return _without_marks(match["letter"])


def _without_marks(letter: str) -> str:
    if unicodedata.decomposition(letter).startswith(_KEPT):
        return letter
    letters = unicodedata.normalize("NFKD", letter).translate(_LETTERS)
    return "".join(c for c in letters if not unicodedata.combining(c)) or letter


def _joined(text: str, start: int, end: int) -> str:
    """What stands for a line break: a space or nothing where a value goes on behind it."""
    before, after = text[max(0, start - 32) : start], text[end : end + 32]
    if after[:1].isdigit():
        if _INSIDE_NUMBER.search(before):
            return ""
        if _AREA_CODE.search(before) or _DAY_OR_MONTH.search(before):
            return " "
    elif _DAY.search(before) and _STARTS_WITH_MONTH.match(after):
        return " "
    line = start - (text.rfind("\n", max(0, start - _WRAPPED), start) + 1)
    if line >= _WRAPPED and _TITLED.search(before) and _SURNAME.match(after):
        return " "
    return text[start:end]
