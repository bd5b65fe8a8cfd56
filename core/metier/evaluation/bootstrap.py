"""How far chance may have made a difference: the paired bootstrap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metier.evaluation.evidence import Difference
from metier.evaluation.measured import Outcome

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

SHARE = 0.95
"""Of the resamples, how many a difference's interval holds."""


def resampled(outcome: Outcome, *, resamples: int, seed: int) -> npt.NDArray[np.float64]:
    """The leading metric of cases drawn with replacement, as many as there are, again and again.

    Returns:
        (resamples,) values; those of two outcomes on the same cases are of the same draws.
    """
    import numpy as np

    count, random = len(outcome.cases), np.random.default_rng(seed)
    draws = (random.integers(0, count, size=count) for _ in range(resamples))
    return np.array([outcome.leading(places) for places in draws])


def difference(
    one: Outcome,
    other: Outcome,
    drawn: npt.NDArray[np.float64],
    other_drawn: npt.NDArray[np.float64],
) -> Difference:
    """How much better `one` is than `other`, with the interval that holds 95 % of the resamples.

    The cases are the same, and so are the draws: what makes a query hard is hard for both (Efron
    and Tibshirani 1993; for retrieval Sakai 2006).
    """
    import numpy as np

    everything = np.arange(len(one.cases))
    low, high = np.quantile(drawn - other_drawn, [(1 - SHARE) / 2, (1 + SHARE) / 2])
    mean = one.leading(everything) - other.leading(everything)
    return Difference(mean=round(mean, 6), low=round(float(low), 6), high=round(float(high), 6))
