"""Halves of labeled data, and bootstrap samples of their queries."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from metier.errors import InputError
from metier.evaluation.evidence import Difference
from metier.evaluation.labeled_data import Collection, LabeledTexts
from metier.evaluation.measurement import Outcome

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

SHARE = 0.95
"""Share of the resamples that the interval of a difference holds."""


def resampled(outcome: Outcome, *, resamples: int, seed: int) -> npt.NDArray[np.float64]:
    """The leading metric of bootstrap samples: as many cases as there are, with replacement.

    Returns:
        (resamples,) values; those of two outcomes on the same cases are of the same draws.
    """
    import numpy as np

    count, random = len(outcome.cases), np.random.default_rng(seed)
    draws = (random.integers(0, count, size=count) for _ in range(resamples))
    return np.array([outcome.leading(rows) for rows in draws])


def difference(
    outcome: Outcome,
    baseline: Outcome,
    drawn: npt.NDArray[np.float64],
    baseline_drawn: npt.NDArray[np.float64],
) -> Difference:
    """How much better an outcome is than a baseline, with the interval of 95 % of the resamples.

    The cases and the draws are the same, so that hard queries are hard for both (paired bootstrap:
    Efron and Tibshirani 1993; for retrieval Sakai 2006).
    """
    import numpy as np

    everything = np.arange(len(outcome.cases))
    low, high = np.quantile(drawn - baseline_drawn, [(1 - SHARE) / 2, (1 + SHARE) / 2])
    mean = outcome.leading(everything) - baseline.leading(everything)
    return Difference(mean=round(mean, 6), low=round(float(low), 6), high=round(float(high), 6))


FEWEST = 5
"""Queries or texts of a half, at least; a bootstrap of fewer is meaningless."""


class Split(NamedTuple):
    """Data in two halves; documents that are searched are the same in both."""

    development: Collection | LabeledTexts
    other: Collection | LabeledTexts


def split(data: Collection | LabeledTexts) -> Split:
    """Split by a hash of each query or text.

    The half depends on the words alone, not on order or ids, so it is the same in every run and
    when data is added, and equal texts are never in both.

    Raises:
        InputError: a half has fewer than five.
    """
    halves = Split(_half(data, 0), _half(data, 1))
    smallest = min(map(_size, halves))
    if smallest < FEWEST:
        what = "queries that a document answers" if isinstance(data, Collection) else "texts"
        raise InputError(
            f"There are {_size(data)} {what}, too few for two halves of {FEWEST} or more.",
            why="Settings are chosen on one half and confirmed on the other.",
            fix="Give more of them, or measure single settings without a sweep.",
        )
    return halves


def _half(data: Collection | LabeledTexts, number: int) -> Collection | LabeledTexts:
    if isinstance(data, Collection):
        queries = {name: text for name, text in data.queries.items() if _side(text) == number}
        grades = {name: data.grades[name] for name in queries}
        return replace(data, queries=queries, grades=grades)
    rows = [row for row, item in enumerate(data.texts) if _side(item.text) == number]
    texts = type(data.texts)([data.texts[row] for row in rows], source=data.texts.source)
    return LabeledTexts(texts, tuple(data.labels[row] for row in rows))


def _side(text: str) -> int:
    return hashlib.sha256(text.encode()).digest()[0] % 2


def _size(data: Collection | LabeledTexts) -> int:
    return len(data.queries) if isinstance(data, Collection) else len(data.texts)
