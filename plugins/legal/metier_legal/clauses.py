"""Clauses of a contract: stretches of it, end to end, each with the headings it stands under."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from metier.plugin import Section
from metier_legal.headings import APART, LONGEST_TITLE, Heading, find_headings


def clause_sections(text: str, name: str = "") -> Iterator[Section]:
    """The clauses of a contract, end to end and however long; a `Splitter`.

    A heading without a text of its own (an article's title) begins the first clause under it.
    `name` is not looked at.
    """
    headings = find_headings(text)
    first = headings[0].start if headings else len(text)
    if text[:first].strip():
        yield Section(0, first)
    above: list[Heading] = []
    bare: list[Heading] = []
    for heading, following in pairwise([*headings, None]):
        assert heading is not None
        above = [outer for outer in above if outer.level < heading.level]
        end = following.start if following else len(text)
        own = text[heading.start : end].strip()
        if following and _is_title(own, heading, following):
            bare.append(heading)
            continue
        start = bare[0].start if bare else heading.start
        above += bare
        bare = []
        yield Section(start, end, tuple(outer.label for outer in (*above, heading)))
        if heading.holds_below:
            above.append(heading)


def _is_title(own: str, heading: Heading, following: Heading) -> bool:
    """Whether a heading without text is the title of what follows (7 of 7.1), not a clause."""
    if len(own) > LONGEST_TITLE or APART in (heading.level, following.level):
        return False
    is_sentence = own[-1] in ".;\u3002" and own[:-1] != heading.label
    return not is_sentence and (heading.level == 0 or heading.level < following.level)
