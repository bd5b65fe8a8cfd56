"""Clauses in other words: paired by their vectors and headings where they are near enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from metier.plugin import Runtime, near_cosine
from metier_legal.comparison.alignment import ClausePair, Gaps, assign
from metier_legal.comparison.clause_words import ClauseWords
from metier_legal.comparison.frame_words import is_same_subject

if TYPE_CHECKING:
    from collections.abc import Set

INSTRUCTION = "legal/clause-comparison"
_DEVIATIONS = 2.0
"""How far above the cosines of different clauses of one contract those of near ones are."""
_SAMPLE = 40
_SHORTEST = 8
"""Words of a clause that says enough for its cosines to count in the sample."""
_TITLE = 0.15
_SAME_GAP = 0.1
_OTHER_KIND = -0.15


class ClauseVectors:
    """Pairs clauses by their vectors.

    What is near is learned from both contracts: different clauses of one contract have much in
    common, and clauses that correspond have more.

    Args:
        rt: the Runtime.
        left: clauses of the left contract.
        right: those of the right one.
        dim: vector size; None for the instruction's default.
    """

    def __init__(
        self,
        rt: Runtime,
        left: Sequence[ClauseWords],
        right: Sequence[ClauseWords],
        dim: int | None,
    ) -> None:
        self._rt = rt
        self._left = left
        self._right = right
        self._dim = dim
        self._vectors: dict[str, npt.NDArray[np.float32]] = {}

    def pairs(
        self, rows: Sequence[int], others: Sequence[int], known: Sequence[ClausePair]
    ) -> list[ClausePair]:
        """The clauses among some of both sides that are near each other, each once.

        In a language whose common words are known those on one subject share words, too.

        Args:
            rows: of the left side.
            others: of the right side.
            known: pairs that are certain, for the order.
        """
        rows = [row for row in rows if self._left[row].words]
        others = [row for row in others if self._right[row].words]
        if not rows or not others:
            return []
        first, second = self._embed(self._left, rows), self._embed(self._right, others)
        cosines = np.round(first @ second.T, 6)
        threshold = self._threshold()
        gaps = Gaps(known)
        clauses = [self._left[row] for row in rows], [self._right[row] for row in others]
        titles = tuple([_title(clause) for clause in side] for side in clauses)
        contents = tuple([clause.content for clause in side] for side in clauses)
        scores: dict[tuple[int, int], float] = {}
        for index, row in enumerate(rows):
            for column in np.nonzero(cosines[index] >= threshold - _TITLE - _SAME_GAP)[0]:
                other = others[int(column)]
                score = float(cosines[index, column])
                score += _TITLE * _overlap(titles[0][index], titles[1][column])
                score += _SAME_GAP * gaps.shared(row, other) if known else 0.0
                if self._left[row].clause.kind != self._right[other].clause.kind:
                    score += _OTHER_KIND
                is_same = is_same_subject(contents[0][index], contents[1][column])
                if score >= threshold and is_same:
                    scores[row, other] = score
        row_index = {row: index for index, row in enumerate(rows)}
        other_index = {row: index for index, row in enumerate(others)}
        return [
            ClausePair(
                row,
                other,
                "meaning",
                float(np.clip(cosines[row_index[row], other_index[other]], 0, 1)),
            )
            for row, other in assign(scores)
        ]

    def _embed(
        self, clauses: Sequence[ClauseWords], rows: Sequence[int]
    ) -> npt.NDArray[np.float32]:
        texts = [_text(clauses[row]) for row in rows]
        # each text is computed once: the sample of the threshold has texts of the pairs, too
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if new:
            vectors = self._rt.embed_documents(
                new, instruction=INSTRUCTION, dim=self._dim, long_texts="pool"
            )
            self._vectors |= zip(new, np.asarray(vectors, np.float32), strict=True)
        return np.stack([self._vectors[text] for text in texts])

    def _threshold(self) -> float:
        """The least score of near clauses: above what different clauses of one contract have."""
        least = near_cosine(
            self._rt, self._rt.instructions.get(INSTRUCTION), self._dim, side="document"
        )
        cosines: list[npt.NDArray[np.float32]] = []
        for clauses in (self._left, self._right):
            rows = [row for row, clause in enumerate(clauses) if len(clause.words) >= _SHORTEST]
            rows = rows[:: max(1, -(-len(rows) // _SAMPLE))]
            if len(rows) > 1:
                vectors = self._embed(clauses, rows)
                cosines.append((vectors @ vectors.T)[np.triu_indices(len(rows), 1)])
        if not cosines:
            return least
        values = np.concatenate(cosines)
        # equal clauses say nothing of different ones
        values = values[values < 0.95]
        if not len(values):
            return least
        return max(least, float(values.mean() + _DEVIATIONS * values.std()))


def _text(clause: ClauseWords) -> str:
    """What the model reads: the headings, and the text without them."""
    body = [word for word in clause.words if word.role != "title"]
    written = clause.clause.text[body[0].start - clause.clause.start :] if body else ""
    headings = ". ".join(title for title in clause.titles if title)
    return f"{headings}: {written}" if headings and written else headings or written


def _title(clause: ClauseWords) -> Set[str]:
    """Words of the innermost heading with a title."""
    title = next((title for title in reversed(clause.titles) if title), "")
    return frozenset(word for word in title.split() if len(word) > 2)


def _overlap(first: Set[str], second: Set[str]) -> float:
    return len(first & second) / len(first | second) if first and second else 0.0
