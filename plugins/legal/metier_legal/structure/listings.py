"""Lines that begin with a number and no clause: entries of a table of contents, items of a list."""

from __future__ import annotations

import re

from metier_legal.structure.contract_lines import ContractLines
from metier_legal.structure.numbering import HEAD, Number, Outline, follows, numbers
from metier_legal.structure.titles import (
    CONTENTS,
    INCOMPLETE,
    LONGEST_ENTRY,
    PAGE_AT_END,
    is_contents_entry,
    is_title,
)

_DIGITS = re.compile(r"\d{1,3}")


def is_page_number(lines: ContractLines, outline: Outline, index: int) -> bool:
    """Whether a line is a number and that of a page, though it may be the one due."""
    text = lines.texts[index]
    return _DIGITS.fullmatch(text) is not None and (
        not outline.is_due(numbers(text))
        or lines.has_number_below(index, numbers(text))
        or not is_title(lines.texts[lines.below(index)])
    )


class ContentsTable:
    """A table of contents, which ends where an entry recurs or a paragraph begins."""

    def __init__(self) -> None:
        self._entries: set[str] | None = None

    @property
    def is_open(self) -> bool:
        """Whether the lines read last belong to a table of contents."""
        return self._entries is not None

    def begin(self) -> None:
        """Note the title of a table of contents."""
        self._entries = set()

    def holds(self, text: str, *, is_apart: bool) -> bool:
        """Whether a line belongs to the table; `is_apart` says that it begins a paragraph."""
        if self._entries is None:
            if not CONTENTS.fullmatch(text) or not is_apart:
                return False
            self.begin()
            return not text.isupper()
        match = HEAD.match(text)
        key = match.group().rstrip(".") if match else PAGE_AT_END.sub("", text).casefold()
        prose = len(text) > LONGEST_ENTRY and not is_contents_entry(text)
        if key in self._entries or prose:
            self._entries = None
            return False
        self._entries.add(key)
        return True


class IntroducedList:
    """A list that completes a sentence: "The Seller shall:"."""

    def __init__(self, lines: ContractLines, outline: Outline) -> None:
        self._lines = lines
        self._outline = outline
        self._last: Number | None = None

    def holds(self, index: int, match: re.Match[str], paragraph_before: str) -> bool:
        """Whether the number that a line begins with is that of an item."""
        number = numbers(match["number"])
        if len(number) > 1 or match["word"]:
            return False
        if number == ((1, ""),) and INCOMPLETE.search(paragraph_before):
            self._last = number
            return True
        if self._last is None or not follows(number, self._last):
            self._last = None
            return False
        if self._outline.is_due(number) and not self._lines.has_number_below(index, number):
            self._last = None
            return False
        self._last = number
        return True
