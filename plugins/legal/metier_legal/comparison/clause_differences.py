"""The differences of clauses that correspond, with their kinds and offsets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from metier_legal.comparison.alignment import Basis
from metier_legal.comparison.clause_words import ClauseWords, Heading, Word, joined_words
from metier_legal.comparison.comparison_report import Difference
from metier_legal.comparison.difference_kinds import (
    DifferenceKind,
    Vocabulary,
    is_count,
    is_duty,
    is_negation,
    kinds_of,
)
from metier_legal.comparison.differences import Hunk, equal_words, find_hunks
from metier_legal.comparison.order import HeadingPairs, Path
from metier_legal.comparison.reference_targets import ReferenceTargets
from metier_legal.comparison.word_runs import equal_runs
from metier_legal.structure.contract import Contract

_LEAST_SHARED = 0.3
_SHORTEST_RUN = 4
"""Words of a run that two clauses share, and the share of the shorter one that such runs are."""
_CONTEXT = 3
_LONGEST_WITH_CONTEXT = 4
"""Words that are shown around a difference, and words of one that needs them."""
_SHORTEST_MOVE = 5
"""Words of a passage that may stand elsewhere in its clause."""


class DifferenceFinder:
    """Finds what clauses that correspond differ in.

    Args:
        left: the left contract.
        right: the right one.
        clauses: of both.
        headings: that correspond.
        references: compares references.
    """

    def __init__(
        self,
        left: Contract,
        right: Contract,
        clauses: tuple[Sequence[ClauseWords], Sequence[ClauseWords]],
        headings: HeadingPairs,
        references: ReferenceTargets,
    ) -> None:
        self._texts = left.text, right.text
        self._vocabularies = Vocabulary(left), Vocabulary(right)
        self._names = self._vocabularies[0].parties | self._vocabularies[1].parties
        self._headings = headings
        self._references = references
        self._inner = tuple(
            {heading.path: heading for clause in side for heading in clause.headings[:-1]}
            for side in clauses
        )
        self._titles = tuple(
            {title for clause in side for title in clause.titles} for side in clauses
        )

    def find(
        self, left: Sequence[ClauseWords], right: Sequence[ClauseWords], basis: Basis
    ) -> list[Difference]:
        """The differences, in order.

        Args:
            left: one clause, or several that became one.
            right: one clause, or several that it became.
            basis: what shows that they correspond; by meaning only what matters most is compared.
        """
        first, second = joined_words(left), joined_words(right)
        differences = [*self._of_headings(left, right)]
        if basis == "meaning":
            return [*differences, *self._by_kind(first, second)]
        hunks = find_hunks(first, second, self._names)
        moves = _moves(hunks, first, second)
        ends = Hunk(len(first), len(first), len(second), len(second))
        bounds = [Hunk(0, 0, 0, 0), *hunks, ends]
        differences += [
            self._difference(hunk, (before, after), (first, second), is_move=hunk in moves)
            for before, hunk, after in zip(bounds, hunks, bounds[2:], strict=False)
            if not _is_number_alone(first[hunk.start : hunk.end])
            or not _is_number_alone(second[hunk.other_start : hunk.other_end])
        ]
        for row, other in equal_words(hunks, len(first), len(second)):
            differences += self._of_reference(first[row], second[other])
        return sorted(differences, key=lambda item: (item.left_start, item.right_start))

    def _difference(
        self,
        hunk: Hunk,
        neighbors: tuple[Hunk, Hunk],
        clauses: tuple[Sequence[Word], Sequence[Word]],
        *,
        is_move: bool,
    ) -> Difference:
        first, second = clauses
        left = first[hunk.start : hunk.end]
        right = second[hunk.other_start : hunk.other_end]
        kinds = kinds_of(left, right, self._vocabularies, is_case=hunk.is_case)
        note = ""
        if is_move:
            kinds, note = ("order",), "elsewhere in the clause"
        spans = _span(left, first, hunk.start), _span(right, second, hunk.other_start)
        difference = self._difference_of(kinds, spans, note)
        if max(len(left), len(right)) > _LONGEST_WITH_CONTEXT or kinds == ("heading",):
            return difference
        side = 1 if right else 0
        start, end = _of_side(hunk, side)
        # what is shown around it is the same on both sides, up to the next difference
        lowest = min(start, _of_side(neighbors[0], side)[1])
        highest = max(end, _of_side(neighbors[1], side)[0])
        words = clauses[side][lowest:highest]
        context = _context(self._texts[side], words, start - lowest, end - lowest)
        return difference.model_copy(update=context)

    def _of_reference(self, word: Word, other: Word) -> Iterator[Difference]:
        """What two references in the same place differ in, if anything."""
        if word.reference is None or other.reference is None:
            return
        note = self._references.difference(word.reference, other.reference)
        if note is not None:
            spans = (word.start, word.end), (other.start, other.end)
            yield self._difference_of(("reference",), spans, note)

    def _difference_of(
        self,
        kinds: tuple[DifferenceKind, ...],
        spans: tuple[tuple[int, int], tuple[int, int]],
        note: str = "",
    ) -> Difference:
        (left_start, left_end), (right_start, right_end) = spans
        return Difference(
            kinds=kinds,
            left=self._texts[0][left_start:left_end],
            left_start=left_start,
            left_end=left_end,
            right=self._texts[1][right_start:right_end],
            right_start=right_start,
            right_end=right_end,
            note=note,
        )

    def _of_headings(
        self, left: Sequence[ClauseWords], right: Sequence[ClauseWords]
    ) -> Iterator[Difference]:
        """Headings of parts, without a text of their own, that clauses begin with."""
        for clause in left:
            for heading in clause.headings[:-1]:
                other = self._inner[1].get(self._headings.right.get(heading.path, ()))
                if other is not None and other.title != heading.title:
                    spans = (heading.start, heading.end), (other.start, other.end)
                    yield self._difference_of(("heading",), spans)
                elif self._is_alone(heading, 0, self._headings.right):
                    offset = right[0].clause.start
                    yield self._difference_of(
                        ("heading",), ((heading.start, heading.end), (offset, offset))
                    )
        for clause in right:
            for heading in clause.headings[:-1]:
                if self._is_alone(heading, 1, self._headings.left):
                    offset = left[0].clause.start
                    yield self._difference_of(
                        ("heading",), ((offset, offset), (heading.start, heading.end))
                    )

    def _is_alone(self, heading: Heading, side: int, pairs: dict[Path, Path]) -> bool:
        """Whether the other contract has no such heading."""
        is_known = heading.title in self._titles[1 - side]
        return bool(heading.title) and heading.path not in pairs and not is_known

    def _by_kind(self, first: Sequence[Word], second: Sequence[Word]) -> Iterator[Difference]:
        """Numbers, dates, negations and duties of clauses in other words."""
        compared: tuple[tuple[DifferenceKind, Callable[[Word], bool]], ...] = (
            ("negation", is_negation), ("number", is_count), ("duty", is_duty),
        )  # fmt: skip
        ends = first[-1].end if first else 0, second[-1].end if second else 0
        for kind, is_of_kind in compared:
            left, right = _alone(first, second, is_of_kind), _alone(second, first, is_of_kind)
            for rank in range(max(len(left), len(right))):
                words = left[rank : rank + 1], right[rank : rank + 1]
                spans = tuple(
                    (side[0].start, side[0].end) if side else (end, end)
                    for side, end in zip(words, ends, strict=True)
                )
                dates = kinds_of(words[0], words[1], self._vocabularies)
                kinds: tuple[DifferenceKind, ...] = ("date",) if "date" in dates else (kind,)
                yield self._difference_of(kinds, (spans[0], spans[1]))


def _of_side(hunk: Hunk, side: int) -> tuple[int, int]:
    return (hunk.other_start, hunk.other_end) if side else (hunk.start, hunk.end)


def _span(words: Sequence[Word], clause: Sequence[Word], position: int) -> tuple[int, int]:
    """Offsets of words; of none the offset at which they would stand."""
    if words:
        return words[0].start, words[-1].end
    if position:
        return clause[position - 1].end, clause[position - 1].end
    start = clause[0].start if clause else 0
    return start, start


def _context(text: str, words: Sequence[Word], start: int, end: int) -> dict[str, str]:
    """The words before and after a difference, as the contract has them."""
    before = [word for word in words[max(0, start - _CONTEXT) : start] if word.role != "title"]
    after = words[end : end + _CONTEXT]
    at = words[start].start if start < end else words[min(start, len(words) - 1)].start
    last = words[end - 1].end if end else at
    return {
        "before": " ".join(text[before[0].start : at].split()) if before else "",
        "after": " ".join(text[last : after[-1].end].split()) if after else "",
    }


def share_of_words(left: Sequence[ClauseWords], right: Sequence[ClauseWords]) -> float | None:
    """Share of the words of both in runs in common; None where these are too few to compare."""
    first, second = joined_words(left), joined_words(right)
    keys = [word.key for word in first], [word.key for word in second]
    shortest = max(1, min(_SHORTEST_RUN, len(first), len(second)))  # a heading may be all there is
    shared = sum(size for _, _, size in equal_runs(keys[0], keys[1], shortest))
    if shared < _LEAST_SHARED * min(map(len, keys)):
        return None
    return 2 * shared / max(1, len(first) + len(second))


def _is_number_alone(words: Sequence[Word]) -> bool:
    """Whether words are the number of a clause that was divided or joined, or none."""
    return all(word.role in ("number", "mark") for word in words)


def _moves(hunks: Sequence[Hunk], first: Sequence[Word], second: Sequence[Word]) -> set[Hunk]:
    """Deletions and insertions of the same passage: it stands elsewhere in its clause."""
    removed: dict[tuple[str, ...], list[Hunk]] = {}
    for hunk in hunks:
        if hunk.other_start == hunk.other_end and hunk.end - hunk.start >= _SHORTEST_MOVE:
            removed.setdefault(_passage(first[hunk.start : hunk.end]), []).append(hunk)
    moves = set()
    for hunk in hunks:
        if hunk.start == hunk.end:
            alike = removed.get(_passage(second[hunk.other_start : hunk.other_end]))
            if alike:
                moves |= {hunk, alike.pop(0)}
    return moves


def _passage(words: Sequence[Word]) -> tuple[str, ...]:
    return tuple(word.key for word in words if word.role not in ("mark", "item"))


def _alone(
    words: Sequence[Word], others: Sequence[Word], is_of_kind: Callable[[Word], bool]
) -> list[Word]:
    """Words of a kind that only one side has, or has more often."""
    left_over = Counter(word.key for word in words if is_of_kind(word))
    left_over -= Counter(word.key for word in others if is_of_kind(word))
    alone = []
    for word in words:
        if left_over[word.key] > 0 and is_of_kind(word):
            left_over[word.key] -= 1
            alone.append(word)
    return alone
