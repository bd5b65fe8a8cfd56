"""Clauses of a contract: stretches of it, end to end, each with the headings it stands under."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from metier.plugin import Section
from metier_legal.headings import APART, Heading, find_headings
from metier_legal.titles import LONGEST_TITLE


def clause_sections(text: str, name: str = "") -> Iterator[Section]:
    """The clauses of a contract, end to end and however long; a `Splitter`.

    A heading without a text of its own (an article's title) begins the first clause under it.
    `name` is not looked at.
    """
    headings = find_headings(text)
    first = headings[0].start if headings else len(text)
    if text[:first].strip():
        yield Section(0, first)
    title = _contract_title(headings)
    above: list[Heading] = []
    bare: list[Heading] = []
    for heading, following in pairwise([*headings, None]):
        assert heading is not None
        above = [outer for outer in above if _holds(outer, heading)]
        end = following.start if following else len(text)
        own = text[heading.start : end].strip()
        if following and _is_title(own, heading, following):
            bare.append(heading)
            continue
        start = bare[0].start if bare else heading.start
        # the title of a contract that comes first is no clause of it
        above += bare[1:] if bare and bare[0] is title else bare
        bare = []
        yield Section(start, end, tuple(outer.label for outer in (*above, heading)))
        if heading.holds_below:
            above.append(heading)


def _contract_title(headings: list[Heading]) -> Heading | None:
    """The first heading, if it has no number and is none of several that hold clauses."""
    if len(headings) < 2 or headings[0].holds_below:
        return None
    others = any(
        outer.level == 0 and not outer.holds_below and inner.level > 0
        for outer, inner in pairwise(headings[1:])
    )
    return None if others and headings[1].level > 0 else headings[0]


def _is_title(own: str, heading: Heading, following: Heading) -> bool:
    """Whether a heading without text is the title of what follows (7 of 7.1), not a clause."""
    if len(own) > LONGEST_TITLE or APART in (heading.level, following.level):
        return False
    is_sentence = own[-1] in ".;\u3002" and own[:-1] != heading.label
    return not is_sentence and (heading.level == 0 or _holds(heading, following))


def _holds(outer: Heading, inner: Heading) -> bool:
    """Whether a heading stands under another: 5.1 under 5, and not under 4 where 5 is missing."""
    if outer.number and inner.number and inner.number[: len(outer.number)] != outer.number:
        return False
    return outer.level < inner.level
