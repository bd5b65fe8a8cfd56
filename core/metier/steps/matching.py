"""Matching two tables of texts: the nearest of each side in the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from metier.engine.long_texts import LongTextMode
from metier.progress import working
from metier.registry.instruction import Instruction
from metier.results.own_columns import OwnFields, hidden_cells, hidden_columns, rows_beside
from metier.results.result import Result
from metier.results.table import Column, Excerpt, Table
from metier.retrieval.nearest import shortlist
from metier.steps.nearness import near_cosine
from metier.texts.rows import Item
from metier.texts.texts import Texts

if TYPE_CHECKING:
    from metier.runtime.runtime import Runtime

_COSINES = 2_000_000
"""Cosines that are in memory at a time: those of all pairs of two large tables do not fit."""


class MatchedText(BaseModel):
    """A text of one side.

    Attributes:
        fields: the other fields of its row in the input.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    text: str
    fields: OwnFields = Field(default_factory=dict)


class Pair(BaseModel):
    """A text of the left table and one of the right.

    Attributes:
        score: cosine.
        near: whether they are more similar than unrelated texts are.
        rank: of the right text among the nearest of the left one, from 1; None if it is not one of
            them.
        rank_back: of the left text among the nearest of the right one.
        mutual: whether each is the nearest of the other.
    """

    model_config = ConfigDict(frozen=True)

    left: MatchedText
    right: MatchedText
    score: float
    near: bool
    rank: int | None
    rank_back: int | None
    mutual: bool


class MatchResult(Result):
    """The nearest texts of two tables, each way.

    Attributes:
        left_count: number of texts on the left.
        right_count: number of texts on the right.
        top_k: how many of the nearest were looked for.
        threshold: least cosine of texts that are near each other.
        pairs: texts that are among the nearest of each other or of one of them, highest first.
        unmatched_left: ids of the texts on the left that no text on the right is near to.
        unmatched_right: ids of those on the right.
    """

    left_count: int
    right_count: int
    top_k: int
    threshold: float
    pairs: tuple[Pair, ...]
    unmatched_left: tuple[str, ...]
    unmatched_right: tuple[str, ...]

    def title(self) -> str:
        return "Matches of two tables"

    def headline(self) -> str:
        mutual = sum(pair.mutual and pair.near for pair in self.pairs)
        return (
            f"{mutual} mutual best matches of {self.left_count} and {self.right_count} texts "
            f"(cosine at least {self.threshold:.2f})"
        )

    def tables(self) -> list[Table]:
        mutual = [pair for pair in self.pairs if pair.mutual and pair.near]
        tables = [
            (self._table("Mutual best matches", mutual, head=20), mutual),
            (self._table("All matches", self.pairs, head=0 if mutual else 20), self.pairs),
        ]
        return [table for table, pairs in tables if pairs]

    def notes(self) -> list[str]:
        notes = super().notes()
        for side, ids in (("left", self.unmatched_left), ("right", self.unmatched_right)):
            if ids:
                shown = ", ".join(ids[:5]) + (" ..." if len(ids) > 5 else "")
                notes.append(f"Nothing is near to {len(ids)} on the {side}: {shown}")
        return notes

    def rows(self) -> list[dict[str, Any]]:
        rows = [
            {
                "left_id": pair.left.id,
                "right_id": pair.right.id,
                "score": pair.score,
                "near": pair.near,
                "rank": pair.rank,
                "rank_back": pair.rank_back,
                "mutual": pair.mutual,
                "left_text": pair.left.text,
                "right_text": pair.right.text,
            }
            for pair in self.pairs
        ]
        return rows_beside(rows, map(_own_columns, self.pairs))

    def _table(self, title: str, pairs: tuple[Pair, ...] | list[Pair], head: int) -> Table:
        own = hidden_columns([_own_columns(pair) for pair in self.pairs])
        rows = [
            (
                pair.left.id,
                pair.right.id,
                pair.score,
                pair.rank,
                pair.rank_back,
                Excerpt(pair.left.text),
                Excerpt(pair.right.text),
                *hidden_cells(_own_columns(pair), own),
            )
            for pair in pairs
        ]
        columns = ("left id", "right id", Column("score", "score"), "rank", "rank back")
        return Table(title, (*columns, "left", "right", *own), rows, head=head)


def _own_columns(pair: Pair) -> dict[str, Any]:
    """The columns of both inputs: `left_city`, `right_city`."""
    left = {f"left_{name}": value for name, value in pair.left.fields.items()}
    return left | {f"right_{name}": value for name, value in pair.right.fields.items()}


def match_texts(
    rt: Runtime,
    left: Texts,
    right: Texts,
    *,
    instruction: str | Instruction,
    top_k: int = 5,
    dim: int | None = None,
    long_texts: LongTextMode = "pool",
) -> MatchResult:
    """Find the nearest texts of each table in the other, and which are each other's nearest.

    Both sides are embedded alike, as documents.

    Args:
        rt: the Runtime.
        left: texts of one kind, such as applicants.
        right: texts of another, such as positions.
        instruction: id or `Instruction`; one that matches says `sides: both`.
        top_k: how many of the nearest of each text.
        dim: vector size; None for the instruction's default.
        long_texts: of texts longer than the model reads, `pool` takes the mean of the vectors of
            their parts, weighted by tokens, and `cut` the vector of their beginning.
    """
    first, second = (
        np.asarray(
            rt.embed_documents(texts, instruction=instruction, dim=dim, long_texts=long_texts)
        )
        for texts in (left, right)
    )
    threshold = near_cosine(rt, instruction, first.shape[1], side="document")
    with working(rt.engine.progress, "matching", 2) as bar:
        ranks = nearest_rows(first, second, top_k)
        bar.advance()
        ranks_back = nearest_rows(second, first, top_k)
        bar.advance()
    pairs = _pairs(left, right, first, second, ranks, ranks_back, threshold)
    near_left = {pair.left.id for pair in pairs if pair.near}
    near_right = {pair.right.id for pair in pairs if pair.near}
    return MatchResult(
        left_count=len(left),
        right_count=len(right),
        top_k=top_k,
        threshold=round(threshold, 4),
        pairs=pairs,
        unmatched_left=tuple(item.id for item in left if item.id not in near_left),
        unmatched_right=tuple(item.id for item in right if item.id not in near_right),
    )


def nearest_rows(
    vectors: npt.NDArray[np.float32], others: npt.NDArray[np.float32], top_k: int
) -> npt.NDArray[np.intp]:
    """Rows of the nearest others, (vectors, top_k), nearest first.

    Others that are equally near, to six decimals, are in the order of their rows.
    """
    count = min(top_k, len(others))
    nearest = np.empty((len(vectors), count), dtype=np.intp)
    block = max(1, _COSINES // max(1, len(others)))
    for start in range(0, len(vectors), block):
        # the products of equal vectors may differ in their last bits
        cosines = np.round(vectors[start : start + block] @ others.T, 6)
        for row, scores in enumerate(cosines, start):
            candidates = shortlist(scores, count, slack=0.0)
            order = np.argsort(-scores[candidates], kind="stable")[:count]
            nearest[row] = candidates[order]
    return nearest


def _pairs(
    left: Texts,
    right: Texts,
    first: npt.NDArray[np.float32],
    second: npt.NDArray[np.float32],
    ranks: npt.NDArray[np.intp],
    ranks_back: npt.NDArray[np.intp],
    threshold: float,
) -> tuple[Pair, ...]:
    """Pairs that are among the nearest of one side at least, highest score first."""
    rank_of = _ranks(ranks)
    back_of = {(row, other): rank for (other, row), rank in _ranks(ranks_back).items()}
    of_left, of_right = [_matched(item) for item in left], [_matched(item) for item in right]
    pairs = []
    for row, other in sorted({*rank_of, *back_of}):
        score = round(float(first[row] @ second[other]), 4)
        rank, back = rank_of.get((row, other)), back_of.get((row, other))
        pairs.append(
            Pair(
                left=of_left[row],
                right=of_right[other],
                score=score,
                near=score >= threshold,
                rank=rank,
                rank_back=back,
                mutual=rank == back == 1,
            )
        )
    return tuple(sorted(pairs, key=lambda pair: -pair.score))


def _ranks(nearest: npt.NDArray[np.intp]) -> dict[tuple[int, int], int]:
    """Ranks, from 1, of the pairs of a row and one of its nearest."""
    return {
        (row, int(other)): rank
        for row, line in enumerate(nearest)
        for rank, other in enumerate(line, start=1)
    }


def _matched(item: Item) -> MatchedText:
    return MatchedText(id=item.id, text=item.text, fields=dict(item.fields))
