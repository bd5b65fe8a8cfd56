"""Sections of a text: by a splitter, by Markdown headings, or by numbered headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from metier.errors import PluginError
from metier.texts.checks import is_blank
from metier.texts.splitter import Section, Splitter

_LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n|$)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_MARKDOWN = re.compile(r" {0,3}(#{1,6})[ \t]+(\S.*)")
_CLOSING = re.compile(r"(?:^|[ \t])#+[ \t]*$")  # `C#` closes nothing
_UNDERLINE = re.compile(r" {0,3}(={3,}|-{3,})[ \t]*$")
_NUMBERED = re.compile(r"(\d{1,3}(?:\.\d{1,3}){0,4})\.?[ \t]+(?=[^\W\d_])(?![a-z])")
_LONGEST = 100
"""Characters of a heading; a longer line is a paragraph."""
_PROSE_ENDS = (".", ";", ",", ":", "!", "?", "\u3002", "\uff1b", "\uff0c", "\uff1a")


class _Line(NamedTuple):
    start: int
    text: str


class _Heading(NamedTuple):
    start: int
    end: int
    level: int
    title: str
    number: str | None = None


def sections_by_heading(text: str, name: str = "") -> list[Section]:
    """Sections from heading to heading, each under the headings above it; a `Splitter`.

    A heading without text of its own begins the section that follows. There are no sections where
    there are no headings. `name` is not used.
    """
    headings = list(_headings(text))
    sections: list[Section] = []
    above: list[_Heading] = []
    bare: int | None = None  # start of headings without text of their own
    for heading, following in pairwise([*headings, None]):
        assert heading is not None
        above = [outer for outer in above if _holds(outer, heading)]
        above.append(heading)
        start = heading.start if bare is None else bare
        end = following.start if following else len(text)
        if following and not text[heading.end : end].strip():
            bare = start
            continue
        bare = None
        sections.append(Section(start, end, tuple(outer.title for outer in above)))
    return sections


def _holds(outer: _Heading, inner: _Heading) -> bool:
    """Whether a heading stands under another: 5.1 under 5, and not under 4 where 5 is missing."""
    if outer.number and inner.number and not inner.number.startswith(f"{outer.number}."):
        return False
    return outer.level < inner.level


def _headings(text: str) -> Iterator[_Heading]:
    lines = [_Line(match.start(), match.group().rstrip()) for match in _LINE.finditer(text)]
    # in a text with Markdown headings, a number begins an entry of a list
    return iter(list(_markdown(lines)) or list(_numbered(lines)))


def _markdown(lines: list[_Line]) -> Iterator[_Heading]:
    fence: str | None = None
    before = ""
    for line, below in pairwise([*lines, _Line(0, "")]):
        marker = _FENCE.match(line.text)
        if fence is not None:
            if marker and marker[1].startswith(fence):
                fence = None
        elif marker:
            fence = marker[1]
        elif (match := _MARKDOWN.match(line.text)) is not None:
            title = _CLOSING.sub("", match[2]).strip() or match[2]
            yield _Heading(line.start, line.start + len(line.text), len(match[1]), title)
        elif line.text.strip() and not before and (under := _UNDERLINE.match(below.text)):
            title = line.text.strip()
            if len(title) <= _LONGEST and "|" not in title and not title.startswith(("-", "=")):
                level = 1 if under[1][0] == "=" else 2
                yield _Heading(line.start, below.start + len(below.text), level, title)
        before = line.text.strip()


def _numbered(lines: list[_Line]) -> Iterator[_Heading]:
    """Short lines with a number, after a blank line; not the entries of a list."""
    filled = [line for line in lines if line.text.strip()]
    blank_before = {
        line.start for above, line in pairwise([_Line(0, ""), *lines]) if not above.text.strip()
    }
    for line, below in pairwise([*filled, _Line(0, "")]):
        number = _number(line.text)
        if number is None or line.start not in blank_before:
            continue
        following = _number(below.text)
        if following is not None and following.count(".") <= number.count("."):
            continue  # the next entry of a list
        end = line.start + len(line.text)
        yield _Heading(line.start, end, number.count(".") + 1, line.text.strip(), number)


def _number(line: str) -> str | None:
    """The number a line begins with, if the line may be a heading."""
    title = line.strip()
    match = _NUMBERED.match(title) if len(title) <= _LONGEST else None
    return None if match is None or title.endswith(_PROSE_ENDS) else match[1]


def sections_of(text: str, name: str, splitter: Splitter) -> list[Section]:
    """Sections that cover a document; none where the splitter finds none.

    What lies between a splitter's sections is a section without heading. Where it holds no letter
    or digit, such as a closing brace, it belongs to the section before.

    Raises:
        PluginError: the sections are not in order, or not in the document.
    """
    sections: list[Section] = []
    end = 0
    for section in splitter(text, name):
        if not end <= section.start < section.end <= len(text):
            raise PluginError(
                f"A splitter gave the section {section.start}-{section.end} of {name!r}.",
                why=f"It is not between {end}, where the section before ends, and {len(text)}, "
                "where the document does.",
                fix="Report it to the authors of the plugin that brings the splitter.",
            )
        _fill(sections, text, end, section.start)
        sections.append(section)
        end = section.end
    if sections:
        _fill(sections, text, end, len(text))
    return sections


def in_context(title: str, section: Section) -> Section:
    """The section under the title of its document, its headings on one line each."""
    lines = (" ".join(heading.split()) for heading in (title, *section.headings))
    return replace(section, headings=tuple(_distinct(lines)))


def _fill(sections: list[Section], text: str, start: int, end: int) -> None:
    """Add the text between two offsets to the last section, or as a section of its own."""
    gap = text[start:end]
    if sections and not any(character.isalnum() for character in gap):
        sections[-1] = replace(sections[-1], end=end)
    elif not is_blank(gap):
        sections.append(Section(start, end))


def _distinct(headings: Iterator[str]) -> Iterator[str]:
    """Headings that are not empty, a repeated one once."""
    before = ""
    for heading in headings:
        if heading and heading != before:
            yield heading
            before = heading
