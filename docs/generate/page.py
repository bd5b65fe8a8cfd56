"""A page of the reference, and its Markdown."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 120
NOTE = "<!-- Made from the code by `python -m docs.generate`; change it there. -->"

_MARKUP = re.compile(r"(`[^`]*`)|([<*\[\]])")


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a table.

    Attributes:
        name: the first cell.
        facts: the cells between the first and the last, as Markdown.
        description: the last cell, plain text.
    """

    name: str
    facts: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: a heading, a description and a table.

    Attributes:
        title: of its heading.
        description: paragraphs of plain text.
        call: the call or signature it describes; empty for none.
        columns: of its table, as many as an entry has cells; empty for no table.
        entries: rows of its table.
        level: of its heading.
    """

    title: str
    description: str
    call: str = ""
    columns: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    level: int = 2


@dataclass(frozen=True, slots=True)
class Page:
    """A page.

    Attributes:
        title: of its heading.
        introduction: Markdown.
        sections: in their order.
    """

    title: str
    introduction: str
    sections: tuple[Section, ...]

    def markdown(self) -> str:
        """The text of the page's file."""
        parts = [f"# {self.title}", NOTE, _paragraphs(self.introduction)]
        for section in self.sections:
            parts.append(f"{'#' * section.level} {section.title}")
            parts += [code(section.call)] if section.call else []
            parts += [_paragraphs(_plain(section.description))]
            parts += [_table(section)] if section.entries else []
        return "\n\n".join(part for part in parts if part) + "\n"

    def undescribed(self) -> list[str]:
        """Titles of sections and names of entries without a description."""
        names = []
        for section in self.sections:
            names += [] if section.description.strip() else [section.title]
            names += [
                f"{section.title}: {entry.name}"
                for entry in section.entries
                if not entry.description.strip()
            ]
        return names


def code(text: str) -> str:
    """Text as inline code."""
    return f"`{text}`"


def _paragraphs(text: str) -> str:
    """Paragraphs, filled to `WIDTH`."""
    lines = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()))
    return "\n\n".join(
        textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False) for line in lines
    )


def _table(section: Section) -> str:
    rows = [
        _row([code(entry.name), *entry.facts, _plain(entry.description)])
        for entry in section.entries
    ]
    return "\n".join([_row(section.columns), "|---" * len(section.columns) + "|", *rows])


def _row(cells: Sequence[str]) -> str:
    escaped = [" ".join(cell.split()).replace("|", "\\|") for cell in cells]
    return f"| {' | '.join(escaped)} |"


def _plain(text: str) -> str:
    """Text with the characters of Markdown escaped, except between backticks."""
    return _MARKUP.sub(lambda match: match[1] or f"\\{match[2]}", text)
