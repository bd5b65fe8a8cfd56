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
        name: what it stands for.
        facts: its other cells but the last, as Markdown.
        description: the last cell, for people.
    """

    name: str
    facts: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True)
class Section:
    """Something the code defines, with what belongs to it.

    Attributes:
        title: of its heading.
        description: paragraphs for people.
        call: how it is written, as code; empty where there is no one way.
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
        """The page as its file has it."""
        parts = [f"# {self.title}", NOTE, _paragraphs(self.introduction)]
        for one in self.sections:
            parts.append(f"{'#' * one.level} {one.title}")
            parts += [code(one.call)] if one.call else []
            parts += [_paragraphs(_plain(one.description))]
            parts += [_table(one)] if one.entries else []
        return "\n\n".join(part for part in parts if part) + "\n"

    def undescribed(self) -> list[str]:
        """What stands on the page without a word on what it is for."""
        found = []
        for one in self.sections:
            found += [] if one.description.strip() else [one.title]
            found += [
                f"{one.title}: {entry.name}"
                for entry in one.entries
                if not entry.description.strip()
            ]
        return found


def code(text: str) -> str:
    """Text set as code."""
    return f"`{text}`"


def _paragraphs(text: str) -> str:
    """Paragraphs, set anew to the width of the pages."""
    lines = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()))
    return "\n\n".join(
        textwrap.fill(one, WIDTH, break_long_words=False, break_on_hyphens=False) for one in lines
    )


def _table(section: Section) -> str:
    rows = [_row([code(one.name), *one.facts, _plain(one.description)]) for one in section.entries]
    return "\n".join([_row(section.columns), "|---" * len(section.columns) + "|", *rows])


def _row(cells: Sequence[str]) -> str:
    escaped = [" ".join(cell.split()).replace("|", "\\|") for cell in cells]
    return f"| {' | '.join(escaped)} |"


def _plain(text: str) -> str:
    """Text without a meaning in Markdown but for what stands between backticks."""
    return _MARKUP.sub(lambda match: match[1] or f"\\{match[2]}", text)
