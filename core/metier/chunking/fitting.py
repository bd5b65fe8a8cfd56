"""Sections to stretches that are short enough for a model.

A section that is too long is divided at paragraphs, a paragraph that is too long at sentences, a
sentence that is too long into equal parts. What then lies side by side in a section is put together
again as far as it fits, in stretches of about the same length. Every result is counted as the model
will read it, heading included: the sum of its parts' tokens is only near to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import ceil
from typing import NamedTuple

from metier.chunking.boundaries import Stretch, paragraphs, parts, sentences_of, stripped
from metier.chunking.chunk import content_of
from metier.chunking.token_counts import Counting
from metier.errors import ParameterError
from metier.texts.splitter import Section

LONG = 20
"""Characters a token. What has more is too long for certain, and is divided without a count."""
_HEADING_SHARE = 4
"""A heading takes at most one part in so many of the tokens; its outermost parts go first."""
_DEEPEST = 16
"""Parts of a heading that are tried, the innermost; more stand above a text only by mistake."""
_WHOLE, _PARAGRAPH, _SENTENCE, _PART = range(4)


class FittedSection(NamedTuple):
    """A stretch that fits: where it is, the section it is of, and the heading it is read under."""

    start: int
    end: int
    section: int
    heading: str


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A stretch that is not divided unless it has to be.

    Attributes:
        lead: where the whitespace before it begins, which is counted with it.
        level: what it was divided as.
        tokens: None as long as they are not counted.
    """

    stretch: Stretch
    lead: int
    level: int
    tokens: int | None = None

    def __len__(self) -> int:
        return self.stretch.end - self.stretch.start


def fitted(
    text: str, sections: Sequence[Section], *, limit: int, alone: int
) -> Counting[list[FittedSection]]:
    """Stretches of at most `limit` tokens, in order; all but whitespace of every section.

    Args:
        text: the document.
        sections: in order and apart from each other.
        limit: tokens as the counter counts them.
        alone: tokens of an empty text.

    Raises:
        ParameterError: a single character has more tokens than that.
    """
    headings = yield from _headings(sections, (limit - alone) // _HEADING_SHARE + alone)
    rooms = [limit - tokens for _, tokens in headings]
    leaves: list[list[_Leaf]] = []
    for section in sections:
        inner = stripped(text, section.start, section.end)
        leaves.append([_Leaf(inner, inner.start, _WHOLE)] if inner else [])
    divided = yield from _divided(text, leaves, rooms, alone)
    waiting = [
        (index, group)
        for index, (section_leaves, room) in enumerate(zip(divided, rooms, strict=True))
        for group in _grouped(section_leaves, room)
    ]
    found: list[FittedSection] = []
    while waiting:
        results = [
            FittedSection(group[0].stretch.start, group[-1].stretch.end, index, headings[index][0])
            for index, group in waiting
        ]
        counts = yield [content_of(one.heading, text[one.start : one.end]) for one in results]
        over = []
        for one, tokens, (index, group) in zip(results, counts, waiting, strict=True):
            if tokens <= limit:
                found.append(one)
            else:
                over += [(index, half) for half in _halves(text, group, tokens, limit)]
        waiting = over
    return sorted(found)


def _headings(sections: Sequence[Section], most: int) -> Counting[list[tuple[str, int]]]:
    """The heading of each section, as far as it is short enough, and the tokens it takes."""
    longest = LONG * most
    tried = [
        [heading for heading in _from_outermost(section) if len(heading) <= longest]
        for section in sections
    ]
    counts = iter((yield [f"{heading}\n" for each in tried for heading in each] + [""]))
    counted = [[(heading, next(counts)) for heading in each] for each in tried]
    nothing = ("", next(counts))
    return [next((one for one in each if one[1] <= most), nothing) for each in counted]


def _from_outermost(section: Section) -> Iterator[str]:
    innermost = section.headings[-_DEEPEST:]
    return (", ".join(innermost[first:]) for first in range(len(innermost)))


def _divided(
    text: str, sections: list[list[_Leaf]], rooms: Sequence[int], alone: int
) -> Counting[list[list[_Leaf]]]:
    """The leaves of each section, divided until each has room."""
    finished = False
    while not finished:
        asked = [
            (leaf, room)
            for leaves, room in zip(sections, rooms, strict=True)
            for leaf in leaves
            if leaf.tokens is None and not _is_long(leaf, room)
        ]
        counts = iter((yield [text[leaf.lead : leaf.stretch.end] for leaf, _ in asked]))
        finished = True
        after: list[list[_Leaf]] = []
        for leaves, room in zip(sections, rooms, strict=True):
            kept: list[_Leaf] = []
            for leaf in leaves:
                tokens = leaf.tokens
                if tokens is None:
                    tokens = len(leaf) if _is_long(leaf, room) else next(counts) - alone
                if tokens <= room:
                    kept.append(_Leaf(leaf.stretch, leaf.lead, leaf.level, tokens))
                else:
                    kept += _finer(text, leaf, ceil(1.1 * tokens / room), tokens + alone)
                    finished = False
            after.append(kept)
        sections = after
    return sections


def _is_long(leaf: _Leaf, room: int) -> bool:
    return leaf.level < _SENTENCE and len(leaf) > LONG * room


def _finer(text: str, leaf: _Leaf, count: int, tokens: int) -> list[_Leaf]:
    """What a leaf is made of, on the next level that divides it."""
    if len(leaf) == 1:
        raise ParameterError(
            f"max_tokens leaves no room for {text[leaf.stretch.start]!r}, which has {tokens} "
            "tokens with those of the prompt.",
            fix="Raise max_tokens.",
        )
    for level in range(leaf.level + 1, _PART):
        divide = paragraphs if level == _PARAGRAPH else sentences_of
        stretches = divide(text, leaf.stretch)
        if len(stretches) > 1:
            return _leaves(stretches, leaf.lead, level)
    return _leaves(parts(text, leaf.stretch, count), leaf.lead, _PART)


def _leaves(stretches: Sequence[Stretch], lead: int, level: int) -> list[_Leaf]:
    leads = [lead, *(one.end for one in stretches)]
    return [_Leaf(one, before, level) for one, before in zip(stretches, leads, strict=False)]


def _grouped(leaves: Sequence[_Leaf], room: int) -> list[list[_Leaf]]:
    """Leaves side by side in groups of about the same length, each with room."""
    total = sum(leaf.tokens or 0 for leaf in leaves)
    target = total / max(1, ceil(total / room))
    groups: list[list[_Leaf]] = []
    length = 0
    for leaf in leaves:
        tokens = leaf.tokens or 0
        if groups and length + tokens <= room and length + tokens / 2 <= target:
            groups[-1].append(leaf)
            length += tokens
        else:
            groups.append([leaf])
            length = tokens
    return groups


def _halves(text: str, group: list[_Leaf], tokens: int, limit: int) -> list[list[_Leaf]]:
    """A group that came out too long, divided in two, or more if it is far too long."""
    if len(group) == 1:
        return [[leaf] for leaf in _finer(text, group[0], ceil(tokens / limit), tokens)]
    lengths = list(accumulate(len(leaf) for leaf in group))
    middle = 1 + next(index for index, length in enumerate(lengths) if 2 * length >= lengths[-1])
    middle = min(middle, len(group) - 1)
    return [group[:middle], group[middle:]]


def overlapped(
    text: str, found: Sequence[FittedSection], *, overlap: int, limit: int, alone: int
) -> Counting[list[FittedSection]]:
    """The stretches, each begun earlier where the one before is of the same section.

    Args:
        text: the document.
        found: in order.
        overlap: most tokens of the one before. It begins with a sentence, unless the last one
            alone has more.
        limit: most tokens of a whole stretch.
        alone: tokens of an empty text.
    """
    pieces = {
        index: _tail(text, before, overlap)
        for index, (before, one) in enumerate(pairwise(found), start=1)
        if before.section == one.section
    }
    counts = yield from _tokens(text, pieces, alone)
    long = {index: tokens[-1] for index, tokens in counts.items() if tokens[-1] > overlap}
    for index, last in long.items():
        # its last sentence in parts of half the overlap or less
        pieces[index] = parts(text, pieces[index][-1], ceil(2 * last / overlap))
    counts |= yield from _tokens(text, {index: pieces[index] for index in long}, alone)
    starts: dict[int, list[int]] = {}
    for index, tokens in counts.items():
        left = overlap
        fitting: list[int] = []
        for piece, cost in zip(reversed(pieces[index]), reversed(tokens), strict=True):
            left -= cost
            if left < 0 or piece.start == found[index - 1].start:  # not all of the one before
                break
            fitting.append(piece.start)
        starts[index] = fitting
    result = list(found)
    while starts := {index: fitting for index, fitting in starts.items() if fitting}:
        tried = {index: fitting.pop() for index, fitting in starts.items()}
        sizes = yield [
            content_of(found[index].heading, text[start : found[index].end])
            for index, start in tried.items()
        ]
        for (index, start), size in zip(tried.items(), sizes, strict=True):
            if size <= limit:
                result[index] = found[index]._replace(start=start)
                starts[index] = []
    return result


def _tail(text: str, before: FittedSection, overlap: int) -> list[Stretch]:
    """The last sentences of a stretch, as far as the overlap could reach."""
    start = max(before.start, before.end - LONG * overlap)
    last = stripped(text, start, before.end)
    assert last is not None
    return sentences_of(text, last)


def _tokens(
    text: str, pieces: dict[int, list[Stretch]], alone: int
) -> Counting[dict[int, list[int]]]:
    counts = iter((yield [text[one.start : one.end] for each in pieces.values() for one in each]))
    return {index: [next(counts) - alone for _ in each] for index, each in pieces.items()}
