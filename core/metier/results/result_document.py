"""The documents that rows of a result point into: their texts, headings and pages."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from metier.texts.reader import page_starts
from metier.texts.rows import Item


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
