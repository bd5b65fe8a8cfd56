"""Sections of a filing: its paragraphs under their headings, and each row of its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from metier.plugin import Section
from metier_finance.filing_tables import Line, tables_of

_MARKDOWN = re.compile(r"(#{1,6})\s+(\S.*?)\s*#*\s*")
_NAMED = re.compile(
    r"(?:part|item|note|schedule|appendix)\s+(?:\d{1,2}[a-z]?|[ivx]{1,5}|[a-z])\b"
    r"(?:[.:]?\s*$|\s*[.:\u2013\u2014-]\s*\S.*)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+[^\W\d_].*")
_SENTENCE_END = re.compile(r"[.;:,]\s*$")

_LONGEST_HEADING = 100
_LONGEST_INTRODUCTION = 300
"""Characters of a paragraph that says what the table below it shows."""

_PART, _NAMED_LEVEL, _NUMBERED_LEVEL = 10, 11, 12
"""Levels of headings that are no Markdown, which stand under those that are."""


class _Heading(NamedTuple):
    level: int
    label: str


class _Paragraph(NamedTuple):
    """A paragraph with the headings right above it.

    Attributes:
        start: offset of its first character, headings included.
        text_start: of its text; `end` where there are headings alone.
        end: offset after its last character.
        headings: that it stands under.
    """

    start: int
    text_start: int
    end: int
    headings: tuple[str, ...]


def filing_sections(text: str, name: str = "") -> Iterator[Section]:
    """The paragraphs and the rows of tables of a filing; a `Splitter`.

    Tables are lines of cells apart by `|`. A row with figures is a section of its own, under the
    nearest heading above it, the paragraph that introduces the table, the table's header with
    periods and units, and the label of the rows that it is one of. The first row has what stands
    between it and the text above. `name` is not looked at.
    """
    above: list[_Heading] = []
    introduction = ""
    lead: int | None = None
    for (lines, rows), (_, rows_below) in pairwise([*tables_of(text), ([], [])]):
        if not rows:
            paragraphs = _paragraphs(lines, above, lead)
            lead, introduction = None, ""
            if rows_below and paragraphs:
                *paragraphs, last = paragraphs
                introduction = _introduction(text[last.text_start : last.end])
                if introduction or last.text_start == last.end:
                    lead = last.start
                else:
                    paragraphs.append(last)
            for paragraph in paragraphs:
                yield Section(paragraph.start, paragraph.end, paragraph.headings)
            continue
        for row in rows:
            # what stands in the section itself is not repeated above it
            context = (
                "" if lead is not None else introduction,
                "" if row.leads_header else row.header,
                "" if row.leads_group else row.group,
            )
            start = row.lead if lead is None else lead
            yield Section(start, row.end, _labels(above[-1:], *context))
            lead = None


def _labels(above: Sequence[_Heading], *context: str) -> tuple[str, ...]:
    return (*(heading.label for heading in above), *(part for part in context if part))


def _paragraphs(lines: Sequence[Line], above: list[_Heading], lead: int | None) -> list[_Paragraph]:
    """The paragraphs of lines that are no table; `above` is left as it is at the end.

    Headings belong to the paragraph below them; where there is none they are one of their own.

    Args:
        lines: no table.
        above: headings that the text stands under.
        lead: where headings without a text begin that stand before these lines; None for none.
    """
    paragraphs: list[_Paragraph] = []
    start, text_start, end = lead, None, lead or 0
    for line in [*lines, Line(lines[-1].end, "")]:
        heading = _heading(line.text)
        if text_start is not None and (heading is not None or not line.text.strip()):
            assert start is not None
            paragraphs.append(_Paragraph(start, text_start, end, _labels(above)))
            start = text_start = None
        if not line.text.strip():
            continue
        start, end = line.start if start is None else start, line.end
        if heading is None:
            text_start = line.start if text_start is None else text_start
            continue
        while above and above[-1].level >= heading.level:
            above.pop()
        above.append(heading)
    if start is not None:
        paragraphs.append(_Paragraph(start, end, end, _labels(above)))
    return paragraphs


def _heading(line: str) -> _Heading | None:
    """The heading that a line is, if it is one."""
    stripped = line.strip()
    if markdown := _MARKDOWN.fullmatch(stripped):
        return _Heading(len(markdown[1]), markdown[2])
    if len(stripped) > _LONGEST_HEADING:
        return None
    if _NAMED.fullmatch(stripped):
        is_part = stripped[:4].casefold() == "part"
        return _Heading(_PART if is_part else _NAMED_LEVEL, stripped)
    numbered = _NUMBERED.fullmatch(stripped)
    if numbered and not _SENTENCE_END.search(stripped):
        return _Heading(_NUMBERED_LEVEL + numbered[1].count("."), stripped)
    return None


def _introduction(paragraph: str) -> str:
    """A paragraph on one line, if it is short enough to say what the table below it shows."""
    joined = " ".join(paragraph.split())
    return joined if len(joined) <= _LONGEST_INTRODUCTION else ""
