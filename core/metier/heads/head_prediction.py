"""What a head says about rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

_DECISIONS: tuple[Literal["none of the known", "sure", "not sure"], ...] = (
    "none of the known",
    "sure",
    "not sure",
)
"""What a conformal set of no label, of one and of several says."""


@dataclass(frozen=True, slots=True, eq=False)
class HeadPrediction:
    """What a head says about n rows.

    Attributes:
        classes: the k labels, in the order of the columns.
        probabilities: (n, k) calibrated; rows sum to 1.
        p_values: (n, k) share of held-out examples of a label that fit it no better.
        sets: (n, k) bool: conformal sets, which hold the label of a text with the level of the
            head.
        unknown: (n,) bool: whether a row is further from every label than nearly all examples.
        scores: (n,) probability of the positive label; None for a head without one.
        flags: (n,) bool: whether the score reaches the threshold, or without a threshold whether
            the positive label is the likeliest; None without a positive label.
        unread: by column the number of values that are no numbers, or dates, as those of the
            examples are; they count as missing.
    """

    classes: tuple[str, ...]
    probabilities: npt.NDArray[np.float64]
    p_values: npt.NDArray[np.float64]
    sets: npt.NDArray[np.bool_]
    unknown: npt.NDArray[np.bool_]
    scores: npt.NDArray[np.float64] | None
    flags: npt.NDArray[np.bool_] | None
    unread: Mapping[str, int] = field(default_factory=dict)

    @property
    def labels(self) -> list[str]:
        """The likeliest label of each row; of equal ones the first."""
        return [self.classes[label] for label in self.probabilities.argmax(axis=1)]

    @property
    def decisions(self) -> list[Literal["none of the known", "sure", "not sure"]]:
        """Whether each set holds one label (`sure`), several (`not sure`) or none, or the row is
        unknown."""
        sizes = np.where(self.unknown, 0, self.sets.sum(axis=1))
        return [_DECISIONS[min(int(size), 2)] for size in sizes]
