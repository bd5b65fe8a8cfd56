"""Sentences of a clause, and items of lists, as duties are read from them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from metier.plugin import Span, sentences
from metier_legal.structure import Clause

_ITEM = re.compile(r"\s*(?:\(?(?:[a-z]{1,4}|\d{1,2})[.)]|[-*\u2022\u2013])\s+", re.IGNORECASE)
_MARKER = re.compile(r"\((?P<mark>[a-z]{1,4}|\d{1,2})\)\s*")
_BEFORE_MARKER = re.compile(r"(?:\A|[:;,]|\b(?:and|or))\s*\Z")
_NUMBER = re.compile(
    r"\s*(?:(?:ARTICLE|Section|Clause|\u00a7)\s*)?"
    r"\(?(?:\d+(?:\.\d+)*|[A-Z]|[a-z]{1,4}|[IVX]+)[.)](?:\d+[.)]?)*\s+"
)
_INTRODUCES = re.compile(r":\s*\Z")
_BEFORE_LIST = re.compile(r"[\s:,]*(?:[^():;.]{0,60}[:,]\s*)?")
_EDGE = " ;,:"
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv")


class Passage(NamedTuple):
    """A sentence of a clause, or an item of a list: `contract[start:start + len(text)]`.

    Attributes:
        text: on one line, as long as in the contract.
        start: offset in the contract.
        is_item: whether it is an item of a list that an earlier sentence introduces.
    """

    text: str
    start: int
    is_item: bool

    @property
    def introduces(self) -> bool:
        """Whether a list follows."""
        return _INTRODUCES.search(self.text) is not None


def passages_of(clause: Clause) -> Iterator[Passage]:
    """The sentences and items of a clause, without its heading and their numbers."""
    is_list = False
    for span in sentences(clause.text):
        text = re.sub(r"\s", " ", span.text)
        is_item = is_list and _ITEM.match(text) is not None
        start = 0
        for _ in range(3):
            number = (_ITEM if is_item else _NUMBER).match(text, start)
            if number is None or number.end() >= len(text):
                break
            start = number.end()
        if span.start == 0 and clause.title:
            heading = text.find(clause.title)
            if 0 <= heading <= start + 1:
                start = heading + len(clause.title)
                start += len(text[start:]) - len(text[start:].lstrip(" .:-\u2013\u2014"))
        if start < len(text):
            yield Passage(text[start:], clause.start + span.start + start, is_item)
        is_list = _INTRODUCES.search(text) is not None or is_item


def items_within(text: str) -> list[Span]:
    """The items of a list inside of a sentence: "(a) pay and (b) report".

    Args:
        text: what follows the words that the items carry on, on one line.

    Returns:
        The items without their marks; none where no list begins there.
    """
    first = _MARKER.search(text)
    if first is None or not _BEFORE_LIST.fullmatch(text, 0, first.start()):
        return []
    expected = _following(first["mark"].lower())
    marks = [first]
    for match in _MARKER.finditer(text, first.end()):
        is_next = len(marks) <= len(expected) and match["mark"].lower() == expected[len(marks) - 1]
        if is_next and _BEFORE_MARKER.search(text, max(0, match.start() - 20), match.start()):
            marks.append(match)
    if len(marks) < 2:
        return []
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    items = []
    for mark, end in zip(marks, ends, strict=True):
        words = text[mark.end() : end].rstrip(_EDGE)
        for joint in (" and/or", " and", " or"):
            words = words.removesuffix(joint).rstrip(_EDGE)
        items.append(Span(mark.end(), mark.end() + len(words), words))
    return items


def _following(mark: str) -> list[str]:
    """The marks that come after the first of a list."""
    if mark == "i":
        return list(_ROMAN[1:])
    if mark.isdigit():
        return [str(number) for number in range(int(mark) + 1, int(mark) + 30)]
    return [chr(code) for code in range(ord(mark[0]) + 1, ord("z") + 1)] if len(mark) == 1 else []


def carries_on(rest: str) -> bool:
    """Whether items complete a sentence whose words after the modal verb are these: "shall:"."""
    words = rest.rstrip(" :")
    return len(words.split()) <= 1 or (
        len(words.split()) <= 14
        and re.match(r"\s*(?:,|at\b|in\b|during\b|for\b|throughout\b|upon\b|within\b|on\b)", rest)
        is not None
    )
