"""The documents that rows of a result point into: their texts, headings and pages."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Self

from metier.texts.reader import page_starts
from metier.texts.rows import Item

_UNSHOWN = re.compile("[\ud800-\udfff]")
_COLUMNS = re.compile(r"^[\s#]|\t| {3}")
"""What a line in columns or a heading with a sign has, which ends there."""

_ENTRY = re.compile(r"[(\[\d\u2022*-]|\w{1,4}[.)]")
"""The beginning of an entry of a list, or of a numbered clause."""

_BOLD = re.compile(r"(?<![\w*])\*\*(?=[^\s*])(?P<words>[^*\n]{1,300}?)(?<=\S)\*\*(?![\w*])")
"""Words between Markdown's marks of bold type."""

INVISIBLE = "\N{WORD JOINER}"
"""What stands for a mark that is not shown, so that offsets stay those of the text."""

_LINE_ENDS = re.compile("\r(?!\n)|[\x0b\x0c]")
_HEADING_LINE = re.compile(
    r"(?:\A|(?<=\n\n)|(?<=\n\r\n))(?P<sign>#{1,6}[ \t]+)(?=[^\s#])[^\r\n]{1,300}(?=\r?$)",
    re.MULTILINE,
)


class HeadingLine(NamedTuple):
    """A line of a text that is a heading with Markdown's sign, as readers of Word files give it.

    Attributes:
        start: offset of the sign.
        title_start: offset of the first character after the sign and its space.
        end: offset after the last character of the line.
        level: 1 for the outermost.
    """

    start: int
    title_start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class DocumentHeading:
    """A heading of a document, for its outline.

    Attributes:
        title: as people know it, such as `7.2 Fees`.
        start: offset of its first character in the text.
        level: 1 for the outermost.
    """

    title: str
    start: int
    level: int = 1


@dataclass(frozen=True, slots=True)
class ResultDocument:
    """A document that cells of `DocumentPosition` lead into; a page shows it beside the tables.

    Attributes:
        id: that the positions name.
        text: the whole of it.
        title: for people; the id where it is empty.
        headings: in order.
        page_starts: offset at which each page begins; empty for a text without pages.
    """

    id: str
    text: str
    title: str = ""
    headings: tuple[DocumentHeading, ...] = ()
    page_starts: tuple[int, ...] = ()

    @classmethod
    def of(cls, item: Item, headings: Iterable[DocumentHeading] = ()) -> Self:
        """The document of an item of `Documents`, with its title and its pages.

        Args:
            item: as it was read.
            headings: in order, for the outline.
        """
        starts = tuple(page_starts(item.fields))
        return cls(item.id, item.text, item.title or "", tuple(headings), starts)

    @property
    def name(self) -> str:
        """What people know it by."""
        return self.title or self.id

    def page_at(self, offset: int) -> int | None:
        """The page of a character, counted from 1; None where there are no pages."""
        return max(1, bisect_right(self.page_starts, offset)) if self.page_starts else None


def heading_lines(text: str) -> list[HeadingLine]:
    """The headings with a sign that begin a paragraph of a text, in order."""
    return [
        HeadingLine(match.start(), match.end("sign"), match.end(), len(match["sign"].rstrip()))
        for match in _HEADING_LINE.finditer(text)
    ]


def shown_text(text: str) -> str:
    """A text for people, as long as it was: paragraphs that were broken into lines are whole.

    Lone surrogates are replaced, each kind of line end is a line feed, and marks of bold type are
    invisible.
    """
    text = _BOLD.sub(rf"{2 * INVISIBLE}\g<words>{2 * INVISIBLE}", text)
    text = _LINE_ENDS.sub("\n", _UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", text))
    lines = text.split("\n")
    ends = [" " if _goes_on(*pair) else "\n" for pair in pairwise(lines)]
    return "".join(part for pair in zip(lines, [*ends, ""], strict=True) for part in pair)


def _goes_on(line: str, following: str) -> bool:
    """Whether a sentence of a line that is as long as a line of text goes on in the next."""
    line = line.removesuffix("\r")
    if not 60 <= len(line) <= 120 or _COLUMNS.search(line) or not following[:1].strip():
        return False
    return not (line[-1] in ".;:!?" or _ENTRY.match(following))
