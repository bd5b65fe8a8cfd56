"""The nearest earlier cases of each text, and how they ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from metier.engine.long_texts import LongTextMode
from metier.errors import ParameterError
from metier.registry.instruction import Instruction
from metier.results.own_columns import OwnFields, hidden_cells, hidden_columns, rows_beside
from metier.results.result import Result
from metier.results.table import Column, Excerpt, Table
from metier.steps.matching import MatchedText, nearest_rows
from metier.steps.nearness import near_cosine
from metier.texts.rows import Item
from metier.texts.texts import Texts

if TYPE_CHECKING:
    import numpy.typing as npt

    from metier.runtime.runtime import Runtime

_NOTHING = "nothing near"


class SimilarCase(BaseModel):
    """An earlier case that is near a text.

    Attributes:
        case: the earlier text.
        outcome: how it ended.
        score: cosine.
    """

    model_config = ConfigDict(frozen=True)

    case: MatchedText
    outcome: str
    score: float


class OutcomeShare(BaseModel):
    """How many of the nearest cases ended so.

    Attributes:
        count: of the nearest cases.
        share: of them, in [0, 1].
        low: lower end of the share's 95 % interval (Wilson 1927).
        high: upper end.
        base_rate: share of all earlier cases.
        differs: whether the base rate lies outside of the interval.
    """

    model_config = ConfigDict(frozen=True)

    outcome: str
    count: int
    share: float
    low: float
    high: float
    base_rate: float
    differs: bool


class CaseComparison(BaseModel):
    """A text with its nearest earlier cases.

    Attributes:
        fields: the other fields of its row in the input.
        nearest: earlier cases that are near, the nearest first; empty where nothing is.
        outcomes: of these, in the order of the result's `outcomes`; empty where nothing is near.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    text: str
    fields: OwnFields = Field(default_factory=dict)
    nearest: tuple[SimilarCase, ...]
    outcomes: tuple[OutcomeShare, ...]


class SimilarCases(Result):
    """For each text the nearest earlier cases and how they ended, in input order.

    Attributes:
        noun: what the texts are, for people.
        earlier: number of earlier cases.
        top_k: most nearest cases of a text.
        threshold: least cosine of a case that is near.
        outcomes: the outcomes of the earlier cases, the most frequent first.
        base_rates: the share of the earlier cases that each of them has.
        items: in input order.
    """

    noun: str
    earlier: int
    top_k: int
    threshold: float
    outcomes: tuple[str, ...]
    base_rates: dict[str, float]
    items: tuple[CaseComparison, ...]

    def title(self) -> str:
        return f"{self.noun[:1].upper()}{self.noun[1:]} and how similar ones ended"

    def headline(self) -> str:
        near = sum(bool(item.nearest) for item in self.items)
        return (
            f"{near} of {len(self.items)} {self.noun} with similar ones among {self.earlier} "
            f"earlier (cosine at least {self.threshold:.2f})"
        )

    def tables(self) -> list[Table]:
        return [self._shares_table(), self._cases_table()]

    def notes(self) -> list[str]:
        rates = ", ".join(f"{name} {rate:.0%}" for name, rate in self.base_rates.items())
        few = "Of so few cases no share is exact: its interval holds the true one in 95 of 100."
        return [f"Of all {self.earlier} earlier {self.noun}: {rates}. {few}", *super().notes()]

    def rows(self) -> list[dict[str, Any]]:
        rows = [
            {
                "id": item.id,
                "text": item.text,
                "near": len(item.nearest),
                "nearest": ", ".join(similar.case.id for similar in item.nearest),
                **self._share_cells(item),
            }
            for item in self.items
        ]
        return rows_beside(rows, [item.fields for item in self.items])

    def _share_cells(self, item: CaseComparison) -> dict[str, Any]:
        shares = {share.outcome: share for share in item.outcomes}
        cells: dict[str, Any] = {}
        for outcome in self.outcomes:
            share = shares.get(outcome)
            cells |= {
                f"share of {outcome}": share and share.share,
                f"low of {outcome}": share and share.low,
                f"high of {outcome}": share and share.high,
                f"base rate of {outcome}": self.base_rates[outcome],
            }
        return cells

    def _shares_table(self) -> Table:
        own = hidden_columns([item.fields for item in self.items])
        rows = [
            (
                item.id,
                len(item.nearest) or _NOTHING,
                *(self._cell(item, outcome) for outcome in self.outcomes),
                Excerpt(item.text),
                *hidden_cells(item.fields, own),
            )
            for item in self.items
        ]
        named = [
            Column(f"{outcome} ({self.base_rates[outcome]:.0%} of all)")
            for outcome in self.outcomes
        ]
        return Table(
            "How the nearest earlier cases ended",
            ("id", "near", *named, Column("text", main=True), *own),
            rows,
            note="Number and share of the nearest, with its 95 % interval; * where the share of "
            "all earlier cases lies outside of it.",
            main=True,
        )

    def _cell(self, item: CaseComparison, outcome: str) -> str:
        for share in item.outcomes:
            if share.outcome == outcome:
                interval = f"({share.low:.0%} to {share.high:.0%})"
                mark = " *" if share.differs else ""
                return f"{share.count}: {share.share:.0%} {interval}{mark}"
        return ""

    def _cases_table(self) -> Table:
        pairs = [(item, similar) for item in self.items for similar in item.nearest]
        own = hidden_columns([similar.case.fields for _, similar in pairs])
        rows = [
            (
                item.id,
                similar.score,
                similar.outcome,
                similar.case.id,
                Excerpt(similar.case.text),
                Excerpt(item.text),
                *hidden_cells(similar.case.fields, own),
            )
            for item, similar in pairs
        ]
        columns = (
            *(Column("of", "label"), Column("cosine", "score"), Column("earlier outcome", "label")),
            *("earlier id", Column("earlier text", main=True), Column("text", hidden=True)),
        )
        return Table("Nearest earlier cases", (*columns, *own), rows, head=20)


def find_similar_cases(
    rt: Runtime,
    texts: Texts,
    earlier: Texts,
    outcomes: Sequence[str],
    *,
    instruction: str | Instruction,
    noun: str = "cases",
    top_k: int = 10,
    dim: int | None = None,
    long_texts: LongTextMode = "pool",
) -> SimilarCases:
    """Find the nearest earlier cases of each text, and count how they ended.

    Both are embedded as documents. An earlier case counts if it is near, see `near_cosine`; a text
    with none has no shares. A case with the id and the text of a new one is left out.

    Args:
        rt: the Runtime.
        texts: new cases.
        earlier: cases whose outcome is known.
        outcomes: of each earlier case.
        instruction: as of `match_texts`, as are `dim` and `long_texts`.
        noun: what the texts are, for people.
        top_k: most nearest cases of a text.

    Raises:
        ParameterError: all earlier cases have the same outcome.
    """
    _require_two(outcomes, noun)
    embed = partial(rt.embed_documents, instruction=instruction, dim=dim, long_texts=long_texts)
    vectors, known = np.asarray(embed(texts)), np.asarray(embed(earlier))
    threshold = round(near_cosine(rt, instruction, vectors.shape[1], side="document"), 4)
    rates = _rates(outcomes)
    nearest = [
        _similar(vector, known, rows, earlier, outcomes)
        for vector, rows in zip(vectors, nearest_rows(vectors, known, top_k + 1), strict=True)
    ]
    return SimilarCases(
        noun=noun,
        earlier=len(earlier),
        top_k=top_k,
        threshold=threshold,
        outcomes=tuple(rates),
        base_rates=rates,
        items=tuple(
            _compared(item, _near(cases, item, threshold)[:top_k], rates)
            for item, cases in zip(texts, nearest, strict=True)
        ),
    )


def _rates(outcomes: Sequence[str]) -> dict[str, float]:
    """The share of each outcome, the most frequent first."""
    counts = Counter(outcomes)
    names = sorted(counts, key=lambda name: (-counts[name], name))
    return {name: round(counts[name] / len(outcomes), 4) for name in names}


def _require_two(outcomes: Sequence[str], noun: str) -> None:
    if len(set(outcomes)) < 2:
        raise ParameterError(
            f"All {len(outcomes)} earlier {noun} ended alike: {next(iter(outcomes), '')!r}.",
            why="There is no outcome to tell apart.",
            fix="Give earlier cases with two outcomes or more.",
        )


def _near(cases: Sequence[SimilarCase], item: Item, threshold: float) -> list[SimilarCase]:
    """Those that are near to a text, without the one that it is itself."""
    return [
        similar
        for similar in cases
        if similar.score >= threshold
        and (similar.case.id, similar.case.text) != (item.id, item.text)
    ]


def _compared(
    item: Item, nearest: Sequence[SimilarCase], rates: Mapping[str, float]
) -> CaseComparison:
    return CaseComparison(
        id=item.id,
        text=item.text,
        fields=dict(item.fields),
        nearest=tuple(nearest),
        outcomes=_shares([similar.outcome for similar in nearest], rates),
    )


def _similar(
    vector: npt.NDArray[np.float32],
    known: npt.NDArray[np.float32],
    rows: npt.NDArray[np.intp],
    earlier: Texts,
    outcomes: Sequence[str],
) -> list[SimilarCase]:
    """Some earlier cases, the nearest first."""
    cases = []
    for row in rows.tolist():
        item = earlier[row]
        cases.append(
            SimilarCase(
                case=MatchedText(id=item.id, text=item.text, fields=dict(item.fields)),
                outcome=outcomes[row],
                score=round(float(vector @ known[row]), 4),
            )
        )
    return cases


def _shares(ended: Sequence[str], rates: Mapping[str, float]) -> tuple[OutcomeShare, ...]:
    """The share of each outcome among some cases; none where there are no cases."""
    from metier.analysis.shares import wilson_interval

    if not ended:
        return ()
    counts = Counter(ended)
    shares = []
    for outcome, rate in rates.items():
        count = counts[outcome]
        low, high = (round(end, 4) for end in wilson_interval(count, len(ended)))
        shares.append(
            OutcomeShare(
                outcome=outcome,
                count=count,
                share=round(count / len(ended), 4),
                low=low,
                high=high,
                base_rate=rate,
                differs=not low <= rate <= high,
            )
        )
    return tuple(shares)
