"""A splitter's sections, made to hold all of a document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from metier.errors import PluginError
from metier.texts.splitter import Section, Splitter


def sections_of(text: str, name: str, splitter: Splitter) -> list[Section]:
    """Sections from end to end of a document; none where the splitter finds none.

    What lies between a splitter's sections is a section under no heading. Where it is no more than
    signs, such as a closing brace, it belongs to the section before.

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
    return replace(section, headings=tuple(_apart(lines)))


def _fill(sections: list[Section], text: str, start: int, end: int) -> None:
    """Let the last of the sections, or one more, hold what lies between two offsets."""
    gap = text[start:end]
    if sections and not any(character.isalnum() for character in gap):
        sections[-1] = replace(sections[-1], end=end)
    elif gap.strip():
        sections.append(Section(start, end))


def _apart(headings: Iterator[str]) -> Iterator[str]:
    """Headings that say something, a repeated one once."""
    before = ""
    for heading in headings:
        if heading and heading != before:
            yield heading
            before = heading
