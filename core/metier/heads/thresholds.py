"""Thresholds of flags, by what the user states: recall, precision, or how many are flagged."""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from metier.datafiles.data_model import DataModel
from metier.errors import InputError
from metier.heads.inputs import Floats


class ThresholdGoal(DataModel):
    """What flags have to reach; exactly one of the three.

    Attributes:
        recall: least share of the positive texts that is flagged, with as few flags as possible.
        precision: least share of the flagged texts that is positive; as many as possible are found.
        rate: largest share of all texts that is flagged, the highest scores: what people can read a
            day, divided by what comes in a day.

    Raises:
        ParameterError: none of the three is stated, or several, or a value is not in (0, 1].
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recall: float | None = Field(None, gt=0, le=1)
    precision: float | None = Field(None, gt=0, le=1)
    rate: float | None = Field(None, gt=0, le=1)

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if [self.recall, self.precision, self.rate].count(None) != 2:
            raise ValueError("state one of recall, precision and rate")
        return self

    def __str__(self) -> str:
        parts = self.model_dump(exclude_none=True).items()
        return ", ".join(f"{name} {value:g}" for name, value in parts)


class HeadThreshold(BaseModel):
    """A threshold, and what it gives on texts that were held out.

    The figures are of the texts that the threshold was chosen on, so new texts may do a little
    worse.

    Attributes:
        value: texts with this score or a higher one are flagged; midway between two scores.
        goal: that was stated.
        precision: share of the flagged texts that is positive.
        recall: share of the positive texts that is flagged.
        flagged: number of flagged texts.
        texts: number of all of them.
    """

    model_config = ConfigDict(frozen=True)

    value: float
    goal: ThresholdGoal
    precision: float
    recall: float
    flagged: int
    texts: int

    @property
    def rate(self) -> float:
        """Share of the texts that is flagged."""
        return self.flagged / self.texts


def choose_threshold(
    truth: npt.NDArray[np.bool_], scores: Floats, goal: ThresholdGoal
) -> HeadThreshold:
    """Choose the threshold that reaches a goal.

    Args:
        truth: (n,) whether a text is positive.
        scores: (n,) of texts that were held out.
        goal: to reach.

    Raises:
        InputError: no threshold reaches it; the message has the best that one does.
    """
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    ends = np.flatnonzero(np.append(np.diff(ranked) < 0, True))  # equal scores go together
    hits = np.cumsum(truth[order])[ends]
    flagged = ends + 1
    precision, recall = hits / flagged, hits / max(int(truth.sum()), 1)
    if goal.recall is not None:
        reaching = np.flatnonzero(recall >= goal.recall)
        best = reaching[0] if len(reaching) else None
    elif goal.precision is not None:
        reaching = np.flatnonzero(precision >= goal.precision)
        best = reaching[-1] if len(reaching) and hits[reaching[-1]] else None
    else:
        reaching = np.flatnonzero(flagged / len(scores) <= (goal.rate or 0.0))
        best = reaching[-1] if len(reaching) else None
    if best is None:
        raise _unreachable(goal, precision, recall, flagged, len(scores))
    return HeadThreshold(
        value=_midway(ranked, int(ends[best])),
        goal=goal,
        precision=round(float(precision[best]), 4),
        recall=round(float(recall[best]), 4),
        flagged=int(flagged[best]),
        texts=len(scores),
    )


def _midway(ranked: Floats, last: int) -> float:
    """The middle between the last score that is flagged and the next one, 0 after all of them."""
    following = ranked[last + 1] if last + 1 < len(ranked) else 0.0
    return float((ranked[last] + following) / 2.0)


def _unreachable(
    goal: ThresholdGoal, precision: Floats, recall: Floats, flagged: npt.NDArray[np.intp], n: int
) -> InputError:
    highest = int(np.argmax(precision))
    if goal.rate is not None:
        why = (
            f"The {int(flagged[0])} highest of {n} held-out scores are equal: the smallest rate is "
            f"{flagged[0] / n:.4f}."
        )
    else:
        why = (
            f"The highest precision on {n} held-out texts is {precision[highest]:.3f}, which flags "
            f"{int(flagged[highest])} of them and finds {recall[highest]:.0%} of the positive ones."
        )
    return InputError(
        f"No threshold reaches {goal} on held-out texts.",
        why=why,
        fix="State a goal that can be reached, or give more examples.",
        code="goal-not-reachable",
    )
