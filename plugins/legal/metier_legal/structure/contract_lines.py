"""The lines of a contract, and what stands above and below each."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

from metier_legal.structure.numbering import HEAD, Number, Outline, Style, numbers, successors
from metier_legal.structure.titles import PAGE_AT_END, is_page_line, is_title, without_emphasis

_NEAR = 8
"""Lines in which the next one with a text is looked for."""


class ContractLines:
    """Lines without the whitespace at their ends, with their offsets."""

    def __init__(self, contract: str) -> None:
        self.starts: list[int] = []
        self.texts: list[str] = []
        offset = 0
        for line in contract.splitlines(keepends=True):
            text = line.lstrip()
            if text.startswith(">"):
                text = text.lstrip("> ")  # a quotation in Markdown
            self.starts.append(offset + len(line) - len(text))
            self.texts.append(text.rstrip())
            offset += len(line)
        self.first = next((text for text in self.texts if text), "")
        self._repeated = Counter(text for text in self.texts if text.isupper())
        self._last_numbered: dict[Number, int] = {}
        self._last_marks: dict[tuple[Style, int], int] = {}
        unread = Outline()
        for index, text in enumerate(self.texts):
            for mark in unread.marks(text, anywhere=True):
                self._last_marks[mark.style, mark.value] = index
            match = HEAD.match(text)
            if match and match["number"] and match.end() < len(text):
                self._last_numbered[numbers(match["number"])] = index

    @cached_property
    def _last(self) -> dict[str, int]:
        """Index of the last line with each text."""
        return {text.rstrip(" .:").casefold(): index for index, text in enumerate(self.texts)}

    def __len__(self) -> int:
        return len(self.texts)

    def after(self, index: int) -> str:
        """The line right below; empty at the end."""
        return self.texts[index + 1] if index + 1 < len(self.texts) else ""

    def below(self, index: int) -> int:
        """Index of the next line with a text; that of the line itself, if there is none near."""
        for below in range(index + 1, min(index + _NEAR, len(self.texts))):
            text = self.texts[below]
            if text and not is_page_line(text):
                return below
        return index

    def text_below(self, index: int) -> str:
        """The next line with a text, without emphasis; empty if there is none near."""
        below = self.below(index)
        return without_emphasis(self.texts[below])[0] if below > index else ""

    def has_number_below(self, index: int, number: Number) -> bool:
        """Whether a line further below begins with a number and a word."""
        return self._last_numbered.get(number, -1) > index

    def has_mark_below(self, index: int, style: Style, value: int) -> bool:
        """Whether a line further below begins with a numeral, letter or ordinal."""
        return self._last_marks.get((style, value), -1) > index

    def goes_on_below(self, index: int, number: Number) -> bool:
        """Whether a line further below begins with a number that is due after another."""
        return any(self.has_number_below(index, later) for later in successors(number))

    def recurs(self, index: int) -> bool:
        """Whether a line is a title with the number of its page, and stands alone further below."""
        text = self.texts[index]
        page = PAGE_AT_END.search(text) if text[-1:].isdecimal() else None
        if page is None or page.start() < 4 or not text[page.start()].isspace():
            return False
        return self._last.get(text[: page.start()].rstrip(" .").casefold(), -1) > index

    def is_furniture(self, index: int, end: int, *, numbered: bool) -> bool:
        """Whether lines in capitals are the header or footer of pages: they recur.

        Args:
            index: of the first of them.
            end: of the line after them.
            numbered: whether a number was read above.
        """
        count = self._repeated[self.texts[index]]
        if count < 2 or (count > 2 and numbered):
            return count > 2
        near = self.texts[max(0, index - 2) : index] + self.texts[end : end + 2]
        is_title_again = self.first == self.texts[index] and any(self.texts[:index])
        return is_title_again or any(is_page_line(text) or text.isdigit() for text in near)

    def underlined(self, index: int) -> int:
        """1 or 2 for a title above a line of equals signs or dashes, as Markdown has it; else 0."""
        below = self.after(index)
        if len(below) < 3 or below.strip(below[0]) or not is_title(self.texts[index]):
            return 0
        return "=-".find(below[0]) + 1
