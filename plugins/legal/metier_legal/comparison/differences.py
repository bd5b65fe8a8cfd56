"""What two sequences of words differ in: deletions, insertions and replacements to read."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import NamedTuple

from metier_legal.comparison.clause_words import Word
from metier_legal.comparison.frame_words import content_stems, has_frame, is_near_sentence
from metier_legal.comparison.word_runs import run_matcher

_SHORT_RUN = 4
"""Equal words between two differences that may be read as one with them."""
_SHORT_WORD = 3
_CHUNK_ENDS = frozenset(".;")
_SHORTEST_SENTENCE = 5
"""Words of a sentence that is compared as a whole where the other side has none like it."""
_SIGNS = frozenset("()-/")


_Chunk = tuple[int, int, tuple[str, ...]]


class Hunk(NamedTuple):
    """Words that differ, as indices into both sequences; one of them may be empty.

    Attributes:
        start: first word on the left.
        end: after the last one.
        other_start: first word on the right.
        other_end: after the last one.
        is_case: whether only capitals differ.
    """

    start: int
    end: int
    other_start: int
    other_end: int
    is_case: bool = False


def find_hunks(
    left: Sequence[Word], right: Sequence[Word], names: AbstractSet[str] = frozenset()
) -> list[Hunk]:
    """The differences of two clauses, in order.

    Sentences are compared first and then their words, so that a new sentence is one difference,
    and so are a sentence and another one of other content in its place: a deletion and an
    insertion. Few short words between two differences become part of them.

    Args:
        left: words of a clause.
        right: those of the other one.
        names: words of the names of parties, which sentences of other content may share.
    """
    hunks: list[Hunk] = []
    chunks = _chunks(left), _chunks(right)
    for hunk in _differing(*chunks):
        replaced = _replaced(chunks, hunk, left, right, names)
        keys = _unmatched(left, replaced[0]), _unmatched(right, replaced[1])
        inner = [part for words in _refined(*keys, hunk) for part in _apart(words, replaced)]
        hunks += _joined(inner, left, right)
    return sorted([*_trimmed(hunks, left, right), *_cases(hunks, left, right)])


def _replaced(
    chunks: tuple[Sequence[_Chunk], Sequence[_Chunk]],
    hunk: Hunk,
    left: Sequence[Word],
    right: Sequence[Word],
    names: AbstractSet[str],
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The sentences of both sides within a stretch that are like none of the other side."""
    bounds = (hunk.start, hunk.end), (hunk.other_start, hunk.other_end)
    sides = [
        [
            (start, end, content_stems([word.key for word in words[start:end]], names))
            for start, end, _ in side
            if first <= start < last
        ]
        for side, words, (first, last) in zip(chunks, (left, right), bounds, strict=True)
    ]
    if not all(has_frame([word.key for word in words]) for words in (left, right)):
        return [], []
    first, second = (
        [
            (start, end)
            for start, end, stems in sentences
            if end - start >= _SHORTEST_SENTENCE
            and others
            and not any(is_near_sentence(stems, other) for _, _, other in others)
        ]
        for sentences, others in ((sides[0], sides[1]), (sides[1], sides[0]))
    )
    return first, second


def _unmatched(words: Sequence[Word], replaced: Sequence[tuple[int, int]]) -> list[Hashable]:
    """The keys of words, those of some sentences equal to no other."""
    keys: list[Hashable] = [word.key for word in words]
    for start, end in replaced:
        keys[start:end] = [object() for _ in range(start, end)]
    return keys


def _apart(
    hunk: Hunk, replaced: tuple[Sequence[tuple[int, int]], Sequence[tuple[int, int]]]
) -> list[Hunk]:
    """A deletion and an insertion where a sentence stands in the place of words unlike it."""
    sides = (hunk.start, hunk.end), (hunk.other_start, hunk.other_end)
    if all(start < end for start, end in sides) and any(
        any(start <= first and last <= end for first, last in sentences)
        for (start, end), sentences in zip(sides, replaced, strict=True)
    ):
        return [
            hunk._replace(other_end=hunk.other_start),
            hunk._replace(start=hunk.end),
        ]
    return [hunk]


def _chunks(words: Sequence[Word]) -> list[_Chunk]:
    """Sentences and entries of lists: start, end and keys of each."""
    starts = [0]
    for position, word in enumerate(words):
        ends = word.key in _CHUNK_ENDS
        if word.role == "item" and position > starts[-1]:
            starts.append(position)
        elif ends and position + 1 < len(words):
            starts.append(position + 1)
    bounds = [*starts, len(words)]
    return [
        (start, end, tuple(word.key for word in words[start:end]))
        for start, end in pairwise(bounds)
        if end > start
    ]


def _differing(
    left: Sequence[_Chunk],
    right: Sequence[_Chunk],
) -> Iterator[Hunk]:
    """Stretches of words whose sentences are not the same."""
    ids: dict[tuple[str, ...], int] = {}
    first, second = (
        [ids.setdefault(keys, len(ids)) for _, _, keys in side] for side in (left, right)
    )
    ends = left[-1][1] if left else 0, right[-1][1] if right else 0
    matcher = run_matcher(first, second)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag != "equal":
            yield Hunk(
                left[start][0] if start < len(left) else ends[0],
                left[end - 1][1]
                if end > start
                else (left[start][0] if start < len(left) else ends[0]),
                right[other_start][0] if other_start < len(right) else ends[1],
                right[other_end - 1][1]
                if other_end > other_start
                else (right[other_start][0] if other_start < len(right) else ends[1]),
            )


def _refined(left: Sequence[Hashable], right: Sequence[Hashable], hunk: Hunk) -> list[Hunk]:
    """The words that differ within differing sentences."""
    if hunk.start == hunk.end or hunk.other_start == hunk.other_end:
        return [hunk]
    matcher = run_matcher(left[hunk.start : hunk.end], right[hunk.other_start : hunk.other_end])
    return [
        Hunk(
            hunk.start + start, hunk.start + end,
            hunk.other_start + other_start, hunk.other_start + other_end,
        )
        for tag, start, end, other_start, other_end in matcher.get_opcodes()
        if tag != "equal"
    ]  # fmt: skip


def _joined(hunks: Sequence[Hunk], left: Sequence[Word], right: Sequence[Word]) -> list[Hunk]:
    """Differences with the short equal runs between them, where these say nothing on their own."""
    joined: list[Hunk] = []
    for hunk in hunks:
        if joined and _is_idle(joined[-1], hunk, left):
            before = joined.pop()
            hunk = _closed(
                Hunk(before.start, hunk.end, before.other_start, hunk.other_end), left, right
            )
        joined.append(hunk)
    return joined


def _closed(hunk: Hunk, left: Sequence[Word], right: Sequence[Word]) -> Hunk:
    """A difference with the bracket that closes the one in it: thirty (30), forty-five (45)."""
    sides = ((left, hunk.start, hunk.end), (right, hunk.other_start, hunk.other_end))
    for words, start, end in sides:
        keys = [word.key for word in words[start:end]]
        following = words[end].key if end < len(words) else ""
        if keys.count("(") <= keys.count(")") or following != ")":
            return hunk
    return hunk._replace(end=hunk.end + 1, other_end=hunk.other_end + 1)


def _is_idle(before: Hunk, after: Hunk, left: Sequence[Word]) -> bool:
    """Whether the words between two differences are too few to read them apart."""
    between = left[before.end : after.start]
    if not between and before.other_end == after.other_start:
        return False  # whole sentences in each other's place
    if between and all(word.key in _SIGNS for word in between):
        return True  # thirty (30)
    if len(between) > _SHORT_RUN or any(word.role in ("item", "reference") for word in between):
        return False
    if any(word.key in _CHUNK_ENDS for word in between):
        return False
    sizes = [
        max(hunk.end - hunk.start, hunk.other_end - hunk.other_start) for hunk in (before, after)
    ]
    long_words = [word for word in between if len(word.key) > _SHORT_WORD]
    if not long_words:
        return min(sizes) > 1
    return len(between) <= 2 and min(sizes) >= 2 * len(between) + 2


def _trimmed(hunks: Sequence[Hunk], left: Sequence[Word], right: Sequence[Word]) -> Iterator[Hunk]:
    """Differences without the equal words at their ends, and without letters of lists alone."""
    for hunk in hunks:
        start, end, other_start, other_end, _ = hunk
        removed, added = left[start:end], right[other_start:other_end]
        if all(word.role == "item" for word in (*removed, *added)):
            continue  # an entry was joined to the text before it
        before = (*left[max(0, start - 1) : start], *right[max(0, other_start - 1) : other_start])
        is_sign = all(word.role == "mark" for word in (*removed, *added))
        if is_sign and any(word.role == "title" for word in before):
            continue  # it ends the heading
        yield hunk


def equal_words(hunks: Sequence[Hunk], count: int, other_count: int) -> Iterator[tuple[int, int]]:
    """Indices of the words that are the same on both sides, outside of differences."""
    bounds = [Hunk(0, 0, 0, 0), *sorted(hunks), Hunk(count, 0, other_count, 0)]
    for before, after in pairwise(bounds):
        for step in range(after.start - before.end):
            yield before.end + step, before.other_end + step


def _cases(hunks: Sequence[Hunk], left: Sequence[Word], right: Sequence[Word]) -> Iterator[Hunk]:
    """Words of equal runs that differ in their capitals, outside of titles."""
    run: Hunk | None = None
    for row, other in equal_words(hunks, len(left), len(right)):
        first, second = left[row], right[other]
        differs = (
            first.text != second.text
            and first.role == second.role == "word"
            and first.text.casefold() == second.text.casefold() == first.key
        )
        if not differs:
            continue
        if run is not None and (run.end, run.other_end) == (row, other):
            run = Hunk(run.start, row + 1, run.other_start, other + 1, is_case=True)
            continue
        if run is not None:
            yield run
        run = Hunk(row, row + 1, other, other + 1, is_case=True)
    if run is not None:
        yield run
