"""Clauses that went into a clause elsewhere: the passage that they became, apart from the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from metier_legal.comparison.clause_words import ClauseWords
from metier_legal.comparison.divisions import SHORTEST_RUN, Correspondence
from metier_legal.comparison.word_runs import equal_runs

Clauses = Sequence[ClauseWords]


def with_moved_passages(
    left: Clauses, right: Clauses, correspondences: Sequence[Correspondence]
) -> tuple[tuple[Clauses, Clauses], list[Correspondence]]:
    """Clauses and correspondences in which parts from elsewhere are passages of their own.

    A part of an undivided clause comes from elsewhere where a clause with another partner stands
    between it and the other parts. The passages follow the clauses of their side.
    """
    sides = [*left], [*right]
    items = list(correspondences)
    for parts_side in (0, 1):
        owners = {
            row: number for number, item in enumerate(items) for row in _rows(item, parts_side)
        }
        for number, item in enumerate(list(items)):
            rows = _rows(item, parts_side)
            if len(rows) < 2:
                continue
            apart = _apart(rows, owners, number, sides[parts_side])
            (whole,) = _rows(item, 1 - parts_side)
            for row in apart:
                passage = _cut(sides[1 - parts_side], whole, sides[parts_side][row])
                if passage is None:
                    continue
                rows = tuple(other for other in rows if other != row)
                items.append(_item(parts_side, (row,), (passage,), 1.0))
            items[number] = _item(parts_side, rows, (whole,), item.similarity)
    return (sides[0], sides[1]), items


def _rows(item: Correspondence, side: int) -> tuple[int, ...]:
    return item.right if side else item.left


def _item(
    parts_side: int, parts: tuple[int, ...], whole: tuple[int, ...], similarity: float
) -> Correspondence:
    left, right = (whole, parts) if parts_side else (parts, whole)
    return Correspondence(left, right, "words", similarity)


def _apart(rows: Sequence[int], owners: dict[int, int], number: int, clauses: Clauses) -> list[int]:
    """Parts that stand apart from the longest and its neighbors."""
    main = max(rows, key=lambda row: (len(clauses[row].words), -row))
    return [
        row
        for row in rows
        if any(
            owners.get(between, number) != number
            for between in range(min(row, main) + 1, max(row, main))
        )
    ]


def _cut(clauses: list[ClauseWords], whole: int, part: ClauseWords) -> int | None:
    """Take the words of a part out of a clause; the row of the passage that has them."""
    words = clauses[whole].words
    keys = [word.key for word in part.words], [word.key for word in words]
    runs = equal_runs(keys[0], keys[1], SHORTEST_RUN)
    if not runs:
        return None
    start, end = runs[0][1], runs[-1][1] + runs[-1][2]
    if end < len(words) and words[end].key == part.words[-1].key:
        end += 1
    if end - start > 2 * len(part.words) or end - start == len(words):
        return None
    clause = clauses[whole].clause
    first, last = words[start].start, words[end - 1].end
    passage = replace(
        clause,
        number="",
        title="",
        start=first,
        end=last,
        text=clause.text[first - clause.start : last - clause.start],
    )
    clauses.append(
        replace(
            clauses[whole],
            clause=passage,
            headings=(),
            words=words[start:end],
            head=(),
            is_passage=True,
        )
    )
    clauses[whole] = replace(clauses[whole], words=words[:start] + words[end:])
    return len(clauses) - 1
