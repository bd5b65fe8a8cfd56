"""Clauses of a contract: stretches of it, end to end, each with the headings it stands under."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

from metier.plugin import Section
from metier_legal.structure.heading import APART, Heading
from metier_legal.structure.headings import find_headings
from metier_legal.structure.numbering import HEAD, MARK
from metier_legal.structure.titles import (
    CONTENTS,
    DEFINITIONS,
    LONGEST_TITLE,
    RECITALS,
    SENTENCE_END,
    is_title,
)

ClauseKind = Literal["clause", "definitions", "recitals", "schedule", "signatures", "contents"]

_SEPARATORS = " .:-\u2013\u2014"
_PARAGRAPH_END = re.compile(r"(?:\r\n?|\n)[ \t]*(?:\r\n?|\n)\s*")


def clause_sections(text: str, name: str = "") -> Iterator[Section]:
    """The clauses of a contract, end to end and however long; a `Splitter`.

    A heading without a text of its own (an article's title) begins the first clause under it.
    Under a heading each has the fields `clause_number`, `clause_title`, `clause_kind`,
    `clause_path`, which is its headings on one line, and `clause_position` among all, from 1.
    `name` is not looked at.
    """
    headings = find_headings(text)
    first = headings[0].start if headings else len(text)
    if text[:first].strip():
        yield Section(0, first)
    titles = _contract_titles(headings, text)
    above: list[Heading] = []
    bare: list[Heading] = []
    position = 0
    for heading, following in pairwise([*headings, None]):
        assert heading is not None
        above = [outer for outer in above if _holds(outer, heading)]
        end = following.start if following else len(text)
        own = text[heading.start : end].strip()
        if following and _is_title(own, heading, following):
            bare.append(heading)
            continue
        start = bare[0].start if bare else heading.start
        # the title of a contract is no clause of it
        above += [outer for outer in bare if outer not in titles]
        bare = []
        position += 1
        yield _section(start, end, tuple(outer.label for outer in (*above, heading)), position)
        if heading.holds_below:
            above.append(heading)


def _section(start: int, end: int, path: tuple[str, ...], position: int) -> Section:
    number, title = number_and_title(path[-1])
    fields = {
        "clause_number": number,
        "clause_title": title,
        "clause_kind": _kind(path),
        "clause_path": ", ".join(path),
        "clause_position": position,
    }
    return Section(start, end, path, fields)


def _contract_titles(headings: list[Heading], text: str) -> list[Heading]:
    """Headings without a number that name the contract, or all of its terms, and no clause.

    The first one, and a single one right above numbers where no other has a text of its own.
    """
    if len(headings) < 2:
        return []
    holders = [
        (index, outer)
        for index, (outer, inner) in enumerate(pairwise(headings))
        if outer.level == 0 and not outer.holds_below and inner.level > 0
    ]
    titles = []
    others = any(index > 0 for index, _ in holders)
    if not headings[0].holds_below and not (others and headings[1].level > 0):
        titles.append(headings[0])
    ((index, holder), *more) = holders or [(0, headings[0])]
    texts = any(
        outer.level == 0 and not outer.holds_below and outer is not holder and outer.number is None
        for outer in headings[1:]
    )
    is_in_part = index > 0 and headings[index - 1].level >= 0 and headings[index - 1].holds_below
    if holders and not more and not texts and not is_in_part:
        titles.append(holder)
    return titles


def _is_title(own: str, heading: Heading, following: Heading) -> bool:
    """Whether a heading without text is the title of what follows (7 of 7.1), not a clause."""
    if len(own) > LONGEST_TITLE or APART in (heading.level, following.level):
        return False
    first, *more = _PARAGRAPH_END.split(own)
    if any(SENTENCE_END.search(text) or not is_title(text.strip().title()) for text in more):
        return False
    is_sentence = first[-1] in ".;\u3002" and first[:-1] != heading.label
    return not is_sentence and (heading.level == 0 or _holds(heading, following))


def _holds(outer: Heading, inner: Heading) -> bool:
    """Whether a heading stands under another: 5.1 under 5, and not under 4 where 5 is missing.

    Articles may each begin with 1.1, so that no article is a wrong one for it.
    """
    inner_number = inner.number or ()
    if outer.article and len(inner_number) > 1 and inner_number[0][0] not in (1, outer.article):
        return False
    if outer.number and inner.number and inner.number[: len(outer.number)] != outer.number:
        return False
    return outer.level < inner.level


def number_and_title(heading: str) -> tuple[str, str]:
    """The number and the title of a heading: `7.2` and `Fees` of `7.2 Fees`."""
    match = HEAD.match(heading) or MARK.match(heading)
    end = match.end() if match is not None else 0
    return heading[:end].rstrip(_SEPARATORS), heading[end:].strip(_SEPARATORS)


def _kind(path: tuple[str, ...]) -> ClauseKind:
    """What a clause under these headings is for."""
    outermost, own = HEAD.match(path[0]), number_and_title(path[-1])[1]
    if outermost is not None and outermost["attached"]:
        return "schedule"
    if path == ("Signatures",):
        return "signatures"
    if CONTENTS.fullmatch(own):
        return "contents"
    if RECITALS.match(own):
        return "recitals"
    titles = [number_and_title(heading)[1] for heading in path]
    return "definitions" if any(map(DEFINITIONS.match, titles)) else "clause"
