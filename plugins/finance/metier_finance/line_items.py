"""The search stage `line_item`: rows of tables whose label is what the question is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metier.plugin import SearchContext, SearchStage
from metier_finance.filing_tables import cells_of, is_table_line

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.plugin import TermCache

CALCULATION = (
    "what was is were are the by did does do from to for of in as and how much many which year "
    "percentage percent change changed increase increased decrease decreased average sum total "
    "difference ratio proportion amount value exceed exceeded exceeding highest lowest more less "
    "than between respective respectively company million thousand billion table provide "
    "information nominal"
)
"""Words that say what is to be made of figures, and not of which: no row is called by them."""

_CALCULATION_ID = "finance: words of calculation"
"""Under this id, which no chunk has, the terms of a search keep the terms of these words."""

_YEAR = re.compile(r"\b(?:fy|f)?\s?'?((?:19|20)\d\d)\b|\b(?:fy|f)\s?'?(\d\d)\b", re.IGNORECASE)
_FIGURE = re.compile(r"(?:fy|f)?\d+", re.IGNORECASE)
_OTHER_YEARS = 0.5
"""What a row counts whose table does not have the years that the question names."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a question is about.

    Attributes:
        weights: rarity of each term of it, without words of calculation and figures.
        years: that it names: `2019`.
    """

    weights: dict[str, float]
    years: frozenset[str]


class LineItemStage(SearchStage):
    """Rows of tables that are called as the question calls what it asks about.

    "What was the percentage change in servicing fees between 2018 and 2019?" asks about servicing
    fees. A row counts if every word of its label is in the question: by the share of the
    question's words, rare ones counted for more, that the label has, and by half of it if the
    table does not have the years of the question. Text that is no row counts as 0.
    """

    name = "line_item"
    summary = "labels of rows of tables are compared with what the question asks about"
    tried = (0.0, 0.15, 0.3, 0.5)

    def applies(self, context: SearchContext) -> bool:
        """Whether any candidate has rows, and the question asks about anything."""
        rows = any(is_table_line(candidate.content) for candidate in context.candidates)
        return rows and bool(read_question(context).weights)

    def scores(self, context: SearchContext, positions: Sequence[int]) -> npt.NDArray[np.float32]:
        """Shares, 0 to 1."""
        import numpy as np

        question = read_question(context)
        contents = context.contents(positions)
        return np.array(
            [_score(content, question, context.terms) for content in contents], dtype=np.float32
        )


def read_question(context: SearchContext) -> Question:
    """What the query of a search asks about."""
    names = _item_terms(context.query, context.terms)
    weights = {name: context.rarity(name) for name in names}
    return Question(weights, years_in(context.query))


def years_in(text: str) -> frozenset[str]:
    """Years that a text names: `2019` also of `FY19` and `F19`."""
    return frozenset(year or f"20{digits}" for year, digits in _YEAR.findall(text))


def _score(content: str, question: Question, terms: TermCache) -> float:
    rows = [line for line in content.splitlines() if is_table_line(line)]
    covered = max((_covered(row, question, terms) for row in rows), default=0.0)
    if not covered or not question.years:
        return covered
    present = len(question.years & years_in(content)) / len(question.years)
    return covered * (_OTHER_YEARS + (1.0 - _OTHER_YEARS) * present)


def _covered(row: str, question: Question, terms: TermCache) -> float:
    """The share of what the question asks about that the label of a row has."""
    label = next((cell for cell in cells_of(row) if cell), "")
    names = _item_terms(label, terms)
    if not names or not names <= question.weights.keys():
        return 0.0
    total = sum(question.weights.values())
    return sum(question.weights[name] for name in names) / total


def _item_terms(text: str, terms: TermCache) -> frozenset[str]:
    """The terms of a text but for words of calculation and figures."""
    names: Iterable[str] = (term.name for term in terms.analyzer.words(text))
    calculation = terms.names(_CALCULATION_ID, CALCULATION)
    return frozenset(name for name in names if not _FIGURE.fullmatch(name)).difference(calculation)
