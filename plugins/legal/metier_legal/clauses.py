"""Clauses of a contract: stretches of it, end to end, each with the headings it stands under."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from metier.plugin import Section, sentences
from metier_legal.headings import APART, LONGEST_TITLE, Heading, find_headings

LONGEST = 1800
"""Characters of a clause before it is divided: about what small models read whole."""

_PARAGRAPH_END = re.compile(r"(?>\r\n|\r|\n)[ \t]*+(?>\r\n|\r|\n)\s*+")


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause: `contract[start:end]` is its text.

    Attributes:
        heading: its own number or title after those it stands under; empty if it has none.
    """

    start: int
    end: int
    text: str
    heading: str

    @property
    def in_context(self) -> str:
        """The text after its headings: 13.2 alone may not say that it is about force majeure."""
        own = self.text.startswith(self.heading)
        return self.text if own else f"{self.heading}\n{self.text}"


def split_clauses(contract: str) -> list[Clause]:
    """Divide a contract at its headings; nothing but whitespace is in no clause.

    A clause that is too long is divided at paragraphs, then at sentences.
    """
    return [
        clause
        for section in clause_sections(contract)
        for clause in _pieces(contract, section.start, section.end, ", ".join(section.headings))
    ]


def clause_sections(contract: str, name: str = "") -> Iterator[Section]:
    """The clauses of a contract, end to end and however long; a `Splitter`.

    A heading without a text of its own (an article's title) begins the first clause under it.
    `name` is not looked at.
    """
    headings = find_headings(contract)
    first = headings[0].start if headings else len(contract)
    if contract[:first].strip():
        yield Section(0, first)
    above: list[Heading] = []
    bare: list[Heading] = []
    for heading, following in pairwise([*headings, None]):
        assert heading is not None
        above = [one for one in above if one.level < heading.level]
        end = following.start if following else len(contract)
        own = contract[heading.start : end].strip()
        if following and _is_title(own, heading, following):
            bare.append(heading)
            continue
        start = bare[0].start if bare else heading.start
        above += bare
        bare = []
        yield Section(start, end, tuple(one.label for one in (*above, heading)))
        if heading.holds_below:
            above.append(heading)


def _is_title(own: str, heading: Heading, following: Heading) -> bool:
    """Whether a heading without text is the title of what follows (7 of 7.1), not a clause."""
    if len(own) > LONGEST_TITLE or APART in (heading.level, following.level):
        return False
    is_sentence = own[-1] in ".;\u3002" and own[:-1] != heading.label
    return not is_sentence and (heading.level == 0 or heading.level < following.level)


def _pieces(contract: str, start: int, end: int, heading: str) -> Iterator[Clause]:
    """The stretch as one clause, or as clauses of whole paragraphs if it is too long."""
    first = last = start
    for stop in [*_stops(contract, start, end), end]:
        if stop - first > LONGEST and last > first:
            yield from _trimmed(contract, first, last, heading)
            first = last
        last = stop
    yield from _trimmed(contract, first, end, heading)


def _stops(contract: str, start: int, end: int) -> Iterator[int]:
    """Ends of paragraphs, and of sentences in a paragraph that is too long itself."""
    begin = start
    for stop in [*(one.end() for one in _PARAGRAPH_END.finditer(contract, start, end)), end]:
        if stop - begin > LONGEST:
            yield from (begin + span.end for span in sentences(contract[begin:stop]))
        yield stop
        begin = stop


def _trimmed(contract: str, start: int, end: int, heading: str) -> Iterator[Clause]:
    raw = contract[start:end]
    text = raw.strip()
    if text:
        first = start + len(raw) - len(raw.lstrip())
        yield Clause(first, first + len(text), text, heading)
