"""Headings inside a line that lost its breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from metier_legal.structure.heading import Heading
from metier_legal.structure.numbered_titles import is_heading, title_of
from metier_legal.structure.numbering import (
    HEAD,
    HEAD_START,
    MARK,
    Number,
    Outline,
    follows,
    numbers,
)
from metier_legal.structure.titles import (
    ABBREVIATION,
    REFERENCE,
    SENTENCE_END,
    leading_title,
    run_in_title,
)

LONGEST_LINE = 1800
"""Characters of a line beyond which headings without a title are looked for inside it, too."""

_NUMBER_INSIDE = re.compile(r"\s(?:\(?\d{1,3}[.)]|\(?[A-Z]{1,6}[.)]\s|[A-Z][A-Za-z.]+\s+[\dIVXLC])")
_PAGE = re.compile(r"\s*(?<!\w)[-\u2013]\s?\d{1,3}\s?[-\u2013]$")
_OPENING = " \"'(\u201c\u2018-\u2013"


def headings_inside(
    contract: str, start: int, line: str, outline: Outline, headed: bool
) -> Iterator[Heading]:
    """Headings after the first character of a line; only a number that is due is believed.

    In a line of usual length each has a title or is a sub-clause, and two are needed where the line
    does not begin with a heading.

    Args:
        contract: the whole of it.
        start: offset of the line.
        line: its text.
        outline: numbers read so far; those found are noted in it.
        headed: whether the line begins with a heading.
    """
    if len(line) <= LONGEST_LINE and not _NUMBER_INSIDE.search(line):
        return
    inside = _numbered(contract, start, start + len(line), outline.last, headed)
    is_long = len(line) > LONGEST_LINE
    is_sure = is_long or headed or len(inside) > 1 or any(title for *_, title in inside)
    for position, number, label, title in inside if is_sure else ():
        if number is None:
            level = outline.enter_part(label.split()[0], attached=_is_attached(label))
        else:
            level = outline.enter_decimal(number)
        yield Heading(position, level, f"{label} {title}".strip(), number=number)
    if headed and not inside and outline.last_style not in ("decimal", None):
        yield from _marked(start, line, outline)


def _is_attached(label: str) -> bool:
    match = HEAD.match(label)
    return match is not None and bool(match["attached"])


def _numbered(
    contract: str, start: int, end: int, last: Number, headed: bool
) -> list[tuple[int, Number | None, str, str]]:
    """Offset, number (None of a part), label without title, and title of each heading."""
    inside: list[tuple[int, Number | None, str, str]] = []
    is_long = end - start > LONGEST_LINE
    head = HEAD.match(contract, start) if headed else None
    opened = head.end() if head else -1  # where the text of the last heading begins
    for match in _heads(contract, start, end):
        rest = contract[match.end() : min(end, match.end() + 160)].lstrip(_OPENING)
        if not rest[:1].isupper():
            continue
        window = contract[max(start, match.start() - 24) : match.start()]
        before = _PAGE.sub("", window.rstrip())
        ended = bool(SENTENCE_END.search(before)) and not ABBREVIATION.search(before)
        if match["part"]:
            title = leading_title(rest)
            if ended and (is_long or title.isupper()):
                inside.append((match.start(), None, match["part"], title))
                opened, last = match.end(), ()
            continue
        number = numbers(match["number"])
        title = title_of(rest, number)
        first = number == (*last, (1, "")) or (not last and number[-1] == (1, ""))
        opens = first and not REFERENCE.search(before)
        opens = opens and (
            is_long or (opened >= 0 and is_heading(contract[opened : match.start()]))
        )
        has_mark = "." in match.group() or match["closed"] or match["open"] or opens
        is_due = follows(number, last) or opens or (title and _skips(number, last))
        if not ((ended or opens) and has_mark and is_due):
            continue
        is_led = title if match["open"] or match["closed"] or match["word"] else True
        if is_led and (is_long or title or len(number) > 1 or (headed and ended)):
            last = number
            inside.append((match.start(), number, match.group(), title))
            opened = match.end()
    return inside


def _heads(contract: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Parts and numbers after whitespace in a line, none inside another."""
    read = start
    for space in HEAD_START.finditer(contract, start, end):
        if space.end() >= read and (match := HEAD.match(contract, space.end(), end)):
            read = match.end()
            yield match


def _skips(number: Number, last: Number) -> bool:
    """Whether a number is that of a clause after one or two whose numbers were not read."""
    return len(number) == 1 and bool(last) and 1 < number[0][0] - last[0][0] <= 3


def _marked(start: int, line: str, outline: Outline) -> Iterator[Heading]:
    """Numerals, letters and ordinals that are due, each with a title."""
    for match in MARK.finditer(line, 1):
        before = line[max(0, match.start() - 24) : match.start()]
        text = line[match.start() : match.end() + 80]
        ended = before[-1:].isspace() and SENTENCE_END.search(before.rstrip())
        for mark in outline.marks(text) if ended else ():
            title = run_in_title(text[mark.end :].strip())
            if title:
                label = f"{text[: mark.end]} {title}"
                yield Heading(start + match.start(), outline.enter(mark), label)
                break
