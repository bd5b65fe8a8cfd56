"""Divide sections into stretches that are short enough for a model.

A section that is too long is divided at paragraphs, a paragraph that is too long at sentences, a
sentence that is too long into equal parts. Neighbors in a section are joined again as far as they
fit, into stretches of about the same length. Every result is counted as the model will read it,
heading included: the sum of its parts' tokens is only an estimate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise
from math import ceil
from typing import NamedTuple

from metier.chunking.boundaries import Stretch, paragraphs, parts, sentences_of, stripped
from metier.chunking.chunk import content_of
from metier.chunking.token_counts import Counting
from metier.errors import ParameterError
from metier.texts.splitter import Section

LONG = 20
"""Characters per token. A text with more of them is too long and is divided without a count."""
_HEADING_SHARE = 4
"""A heading takes at most one in so many of the tokens; its outermost parts are dropped first."""
_DEEPEST = 16
"""Innermost parts of a heading that are tried; a text has more of them only by mistake."""
_WHOLE, _PARAGRAPH, _SENTENCE, _PART = range(4)


class FittedSection(NamedTuple):
    """A stretch that fits: its offsets, the index of its section, and its heading."""

    start: int
    end: int
    section: int
    heading: str


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A stretch that is divided only if it has to be.

    Attributes:
        lead: start of the whitespace before it, which is counted with it.
        level: how it was divided off.
        tokens: None before they are counted.
    """

    stretch: Stretch
    lead: int
    level: int
    tokens: int | None = None

    def __len__(self) -> int:
        return self.stretch.end - self.stretch.start


def fit(
    text: str, sections: Sequence[Section], *, limit: int, alone: int
) -> Counting[list[FittedSection]]:
    """Stretches of at most `limit` tokens, in order; they cover every section but for whitespace.

    Args:
        text: the document.
        sections: in order and apart from each other.
        limit: tokens as the counter counts them.
        alone: tokens of an empty text.

    Raises:
        ParameterError: a single character has more tokens than that.
    """
    headings = yield from _headings(sections, (limit - alone) // _HEADING_SHARE + alone)
    budgets = [limit - tokens for _, tokens in headings]
    leaves: list[list[_Leaf]] = []
    for section in sections:
        inner = stripped(text, section.start, section.end)
        leaves.append([_Leaf(inner, inner.start, _WHOLE)] if inner else [])
    divided = yield from _divided(text, leaves, budgets, alone)
    waiting = [
        (index, group)
        for index, (section_leaves, budget) in enumerate(zip(divided, budgets, strict=True))
        for group in _grouped(section_leaves, budget)
    ]
    fitting: list[FittedSection] = []
    while waiting:
        results = [
            FittedSection(group[0].stretch.start, group[-1].stretch.end, index, headings[index][0])
            for index, group in waiting
        ]
        counts = yield [
            content_of(result.heading, text[result.start : result.end]) for result in results
        ]
        over = []
        for result, tokens, (index, group) in zip(results, counts, waiting, strict=True):
            if tokens <= limit:
                fitting.append(result)
            else:
                over += [(index, half) for half in _halves(text, group, tokens, limit)]
        waiting = over
    return sorted(fitting)


def _headings(sections: Sequence[Section], most: int) -> Counting[list[tuple[str, int]]]:
    """The heading of each section, as far as it is short enough, and the tokens it takes."""
    longest = LONG * most
    candidates = [
        [heading for heading in _from_outermost(section) if len(heading) <= longest]
        for section in sections
    ]
    texts = [f"{heading}\n" for heading in chain.from_iterable(candidates)]
    counts = iter((yield [*texts, ""]))
    counted = [[(heading, next(counts)) for heading in headings] for headings in candidates]
    no_heading = ("", next(counts))
    return [
        next(((heading, tokens) for heading, tokens in headings if tokens <= most), no_heading)
        for headings in counted
    ]


def _from_outermost(section: Section) -> Iterator[str]:
    innermost = section.headings[-_DEEPEST:]
    return (", ".join(innermost[first:]) for first in range(len(innermost)))


def _divided(
    text: str, sections: list[list[_Leaf]], budgets: Sequence[int], alone: int
) -> Counting[list[list[_Leaf]]]:
    """The leaves of each section, divided until each is within its budget."""
    finished = False
    while not finished:
        uncounted = [
            (leaf, budget)
            for leaves, budget in zip(sections, budgets, strict=True)
            for leaf in leaves
            if leaf.tokens is None and not _is_long(leaf, budget)
        ]
        counts = iter((yield [text[leaf.lead : leaf.stretch.end] for leaf, _ in uncounted]))
        finished = True
        after: list[list[_Leaf]] = []
        for leaves, budget in zip(sections, budgets, strict=True):
            kept: list[_Leaf] = []
            for leaf in leaves:
                tokens = leaf.tokens
                if tokens is None:
                    tokens = len(leaf) if _is_long(leaf, budget) else next(counts) - alone
                if tokens <= budget:
                    kept.append(_Leaf(leaf.stretch, leaf.lead, leaf.level, tokens))
                else:
                    kept += _finer(text, leaf, ceil(1.1 * tokens / budget), tokens + alone)
                    finished = False
            after.append(kept)
        sections = after
    return sections


def _is_long(leaf: _Leaf, budget: int) -> bool:
    return leaf.level < _SENTENCE and len(leaf) > LONG * budget


def _finer(text: str, leaf: _Leaf, count: int, tokens: int) -> list[_Leaf]:
    """The parts of a leaf, on the next level that divides it."""
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
    leads = [lead, *(stretch.end for stretch in stretches)]
    return [
        _Leaf(stretch, before, level) for stretch, before in zip(stretches, leads, strict=False)
    ]


def _grouped(leaves: Sequence[_Leaf], budget: int) -> list[list[_Leaf]]:
    """Leaves side by side in groups of about the same length, each within the budget."""
    total = sum(leaf.tokens or 0 for leaf in leaves)
    target = total / max(1, ceil(total / budget))
    groups: list[list[_Leaf]] = []
    length = 0
    for leaf in leaves:
        tokens = leaf.tokens or 0
        if groups and length + tokens <= budget and length + tokens / 2 <= target:
            groups[-1].append(leaf)
            length += tokens
        else:
            groups.append([leaf])
            length = tokens
    return groups


def _halves(text: str, group: list[_Leaf], tokens: int, limit: int) -> list[list[_Leaf]]:
    """A group that is too long, divided in two; a single leaf into its parts."""
    if len(group) == 1:
        return [[leaf] for leaf in _finer(text, group[0], ceil(tokens / limit), tokens)]
    lengths = list(accumulate(len(leaf) for leaf in group))
    middle = 1 + next(index for index, length in enumerate(lengths) if 2 * length >= lengths[-1])
    middle = min(middle, len(group) - 1)
    return [group[:middle], group[middle:]]


def overlap_sections(
    text: str, sections: Sequence[FittedSection], *, overlap: int, limit: int, alone: int
) -> Counting[list[FittedSection]]:
    """The stretches, each begun earlier where it follows one of the same section.

    Args:
        text: the document.
        sections: in order.
        overlap: most tokens of the one before. It begins with a sentence, unless the last one
            alone has more.
        limit: most tokens of a whole stretch.
        alone: tokens of an empty text.
    """
    pieces = {
        index: _tail(text, before, overlap)
        for index, (before, section) in enumerate(pairwise(sections), start=1)
        if before.section == section.section
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
            if left < 0 or piece.start == sections[index - 1].start:  # not all of the one before
                break
            fitting.append(piece.start)
        starts[index] = fitting
    result = list(sections)
    while starts := {index: fitting for index, fitting in starts.items() if fitting}:
        candidates = {index: fitting.pop() for index, fitting in starts.items()}
        sizes = yield [
            content_of(sections[index].heading, text[start : sections[index].end])
            for index, start in candidates.items()
        ]
        for (index, start), size in zip(candidates.items(), sizes, strict=True):
            if size <= limit:
                result[index] = sections[index]._replace(start=start)
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
    every = chain.from_iterable(pieces.values())
    counts = iter((yield [text[piece.start : piece.end] for piece in every]))
    return {index: [next(counts) - alone for _ in tail] for index, tail in pieces.items()}
