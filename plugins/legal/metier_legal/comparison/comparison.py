"""Compares two contracts clause by clause."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from metier_legal.comparison.alignment import (
    Basis,
    ClausePair,
    equal_pairs,
    near_pairs,
    word_weights,
)
from metier_legal.comparison.clause_differences import DifferenceFinder, share_of_words
from metier_legal.comparison.clause_words import ClauseWords, clause_words, title_key
from metier_legal.comparison.comparison_report import (
    ClauseComparison,
    ClauseLocation,
    ClauseStatus,
    ComparisonSide,
    ContractComparison,
    Difference,
    Rename,
)
from metier_legal.comparison.difference_kinds import IMPORTANCE
from metier_legal.comparison.differences import find_hunks
from metier_legal.comparison.divisions import Correspondence, with_divisions
from metier_legal.comparison.moved_passages import with_moved_passages
from metier_legal.comparison.order import HeadingPairs, heading_pairs, moved
from metier_legal.comparison.reference_targets import ReferenceTargets
from metier_legal.comparison.renames import (
    TermRename,
    count_replacements,
    find_renames,
    with_one_name,
)
from metier_legal.structure.clauses import number_and_title
from metier_legal.structure.contract import Clause, Contract

Clauses = Sequence[ClauseWords]
PairFinder = Callable[
    [Clauses, Clauses, Sequence[int], Sequence[int], Sequence[ClausePair]], list[ClausePair]
]
"""Pairs clauses of both sides in other words, those of some rows, beside pairs that are known."""

_ALONE = 0.75
_ALONE_OF_KIND = {"signatures": 0.2, "schedule": 0.7}
_DIVISION = 0.15
_MOVE = 0.12
_NUMBER_WORDS = frozenset(["section", "sec", "clause", "article", "art", "paragraph", "para"])


def compare(left: Contract, right: Contract, find_pairs: PairFinder) -> ContractComparison:
    """Compare two contracts clause by clause.

    Args:
        left: the earlier version, or the first form.
        right: the later version, or the other form.
        find_pairs: pairs clauses in other words.
    """
    own = clause_words(left), clause_words(right)
    renames = find_renames(left, right, *own, {})
    named, pairs = _pairs(own, renames)
    replacements = count_replacements(_replacements(named, pairs))
    more = find_renames(left, right, *own, replacements)
    if more != renames:
        renames = more
        named, pairs = _pairs(own, renames)
    weights = word_weights(*named)
    named, items = with_moved_passages(*named, with_divisions(*named, weights, pairs))
    rows = _free(len(named[0]), (row for item in items for row in item.left))
    others = _free(len(named[1]), (row for item in items for row in item.right))
    items += [
        Correspondence((pair.left,), (pair.right,), pair.basis, pair.similarity)
        for pair in find_pairs(*named, rows, others, pairs)
    ]
    items.sort(key=lambda item: (named[0][item.left[0]].clause.start, item.left, item.right))
    headings = heading_pairs(*named, items)
    references = ReferenceTargets(headings, named, items)
    finder = DifferenceFinder(left, right, named, headings, references)
    elsewhere = moved(*named, items, headings)
    clauses = [
        _comparison(item, named, finder, headings, is_moved=index in elsewhere)
        for index, item in enumerate(items)
    ]
    kept = [item for index, item in enumerate(items) if index not in elsewhere]
    return ContractComparison(
        left=_side(left, len(own[0]), left.id if left.id != right.id else "left"),
        right=_side(right, len(own[1]), right.id if left.id != right.id else "right"),
        clauses=_in_reading_order(clauses, items, kept, named),
        renames=tuple(
            Rename(
                kind=rename.kind,
                left=rename.left,
                right=rename.right,
                left_count=rename.left_count,
                right_count=rename.right_count,
            )
            for rename in renames
        ),
    )


def _side(contract: Contract, clauses: int, name: str) -> ComparisonSide:
    return ComparisonSide(id=name, title=contract.title, clauses=clauses)


def _pairs(
    own: tuple[Clauses, Clauses], renames: Sequence[TermRename]
) -> tuple[tuple[Clauses, Clauses], list[ClausePair]]:
    """The clauses with one name for each term, and their pairs by text and by words."""
    named = (
        with_one_name(own[0], renames, side="left"),
        with_one_name(own[1], renames, side="right"),
    )
    pairs = equal_pairs(*named)
    pairs += near_pairs(*named, word_weights(*named), pairs)
    return named, sorted(pairs)


def _replacements(
    clauses: tuple[Clauses, Clauses], pairs: Sequence[ClausePair]
) -> Iterator[tuple[str, str]]:
    """Words of near equal clauses with those in their place."""
    for pair in pairs:
        if pair.basis == "text":
            continue
        left, right = clauses[0][pair.left].words, clauses[1][pair.right].words
        for hunk in find_hunks(left, right):
            sides = left[hunk.start : hunk.end], right[hunk.other_start : hunk.other_end]
            if all(sides) and max(map(len, sides)) <= 4:
                old, new = (" ".join(word.text for word in side) for side in sides)
                yield old, new


def _free(count: int, used: Iterator[int]) -> list[int]:
    paired = set(used)
    return [row for row in range(count) if row not in paired]


def _comparison(
    item: Correspondence,
    clauses: tuple[Clauses, Clauses],
    finder: DifferenceFinder,
    headings: HeadingPairs,
    *,
    is_moved: bool,
) -> ClauseComparison:
    left = [clauses[0][row] for row in item.left]
    right = [clauses[1][row] for row in item.right]
    basis, similarity = item.basis, item.similarity
    if basis == "meaning" and (share := share_of_words(left, right)) is not None:
        basis, similarity = "words", share
    differences = finder.find(left, right, basis)
    renumbered = _numbers(left[0].clause) != _numbers(right[0].clause)
    status: ClauseStatus = "same"
    if len(right) > 1:
        status = "split"
    elif len(left) > 1:
        status = "merged"
    elif differences or basis == "meaning":
        status = "changed"
    elif is_moved:
        status = "moved"
    elif renumbered:
        status = "renumbered"
    return ClauseComparison(
        status=status,
        moved=is_moved,
        renumbered=renumbered,
        left=tuple(_location(clause.clause) for clause in left),
        right=tuple(_location(clause.clause) for clause in right),
        basis=basis,
        similarity=round(similarity, 4),
        differences=tuple(differences),
        importance=_importance(status, differences, basis, is_moved=is_moved),
    )


def _importance(
    status: ClauseStatus,
    differences: Sequence[Difference],
    basis: Basis,
    *,
    is_moved: bool,
) -> float:
    """What its most important difference has, and less where it stands elsewhere only."""
    values = [IMPORTANCE[difference.kinds[0]] for difference in differences]
    if status in ("split", "merged"):
        values.append(_DIVISION)
    if is_moved:
        values.append(_MOVE)
    if basis == "meaning":
        values.append(IMPORTANCE["wording"])
    return max(values, default=0.0)


def _in_reading_order(
    comparisons: Sequence[ClauseComparison],
    items: Sequence[Correspondence],
    kept: Sequence[Correspondence],
    clauses: tuple[Clauses, Clauses],
) -> tuple[ClauseComparison, ...]:
    """All clauses in the order of the right contract, what only the left has where it was."""
    keyed = [
        ((clauses[1][item.right[0]].clause.start, 0, 0), comparison)
        for item, comparison in zip(items, comparisons, strict=True)
    ]
    partners = {row: clauses[1][item.right[-1]].clause.start for item in kept for row in item.left}
    before = -1
    alone = set(_free(len(clauses[0]), (row for item in items for row in item.left)))
    for row, clause in enumerate(clauses[0]):
        before = partners.get(row, before)
        if row in alone:
            keyed.append(((before, 1, row), _alone(clause.clause, "only left")))
    for row in _free(len(clauses[1]), (row for item in items for row in item.right)):
        clause = clauses[1][row]
        keyed.append(((clause.clause.start, 0, 0), _alone(clause.clause, "only right")))
    return tuple(comparison for _, comparison in sorted(keyed, key=lambda entry: entry[0]))


def _alone(clause: Clause, status: ClauseStatus) -> ClauseComparison:
    location = (_location(clause),)
    return ClauseComparison(
        status=status,
        moved=False,
        renumbered=False,
        left=location if status == "only left" else (),
        right=location if status == "only right" else (),
        basis="",
        similarity=0.0,
        differences=(),
        importance=_ALONE_OF_KIND.get(clause.kind, _ALONE),
    )


def _location(clause: Clause) -> ClauseLocation:
    return ClauseLocation(
        label=clause.label,
        number=clause.number,
        title=clause.title,
        kind=clause.kind,
        start=clause.start,
        end=clause.end,
        page=clause.page,
        text=clause.text,
    )


def _numbers(clause: Clause) -> tuple[tuple[str, ...], ...]:
    """The numbers of the headings of a clause, however they are written."""
    return tuple(
        tuple(
            word.lstrip("0")
            for word in title_key(number_and_title(label)[0]).split()
            if word not in _NUMBER_WORDS
        )
        for label in clause.path
    )
