"""Conformal sets: the classes that a row may well be of, with a stated coverage for each class.

Class-conditional (Mondrian) prediction sets (Vovk, Gammerman and Shafer 2005, section 4.5; Sadinle,
Lei and Wasserman 2019). A class is in the set of a row if its p-value is above 1 - level. The
p-value is the share, among the held-out rows of that class and the row itself, of those whose own
class was no likelier than this class is for the row.

If the held-out rows and the row are exchangeable, and their probabilities come from the same
function, the set holds the class of the row with at least the probability `level`, in every class.
The second holds nearly: held-out rows were predicted without their fold, and new rows by what was
fitted on all folds (cross-conformal prediction, Vovk 2015), so that the coverage is close to the
level and not bounded by it. For a class with n held-out rows it moves in steps of 1 / (n + 1): with
fewer rows than level / (1 - level) the class is in every set.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metier.heads.inputs import Floats, Rows

_ROUNDING = 1e-9
"""How far two probabilities may differ and still be equal."""

_CERTAIN = 0.99
"""Probabilities from here on count as equal, so that no row is odd for being a little less certain
than others. Equal ones make sets larger and never smaller."""


@dataclass(frozen=True, slots=True, eq=False)
class Conformal:
    """Probabilities of the own class of held-out rows.

    Attributes:
        classes: (m,) class of each held-out row, in rising order.
        own: (m,) probability of that class, in rising order within a class.
        count: number of classes k.
    """

    classes: Rows
    own: Floats
    count: int

    @classmethod
    def fit(cls, probabilities: Floats, targets: Rows) -> Conformal:
        """Learn from (m, k) probabilities of held-out rows and their (m,) class."""
        own = np.minimum(probabilities[np.arange(len(targets)), targets], _CERTAIN)
        order = np.lexsort((own, targets))
        return cls(targets[order], own[order], probabilities.shape[1])

    def p_values(self, probabilities: Floats) -> Floats:
        """Return (n, k) p-values for the (n, k) probabilities of rows; 1 for the likeliest."""
        values = np.empty_like(probabilities)
        for label in range(self.count):
            own = self.own[self.classes == label]
            scores = np.minimum(probabilities[:, label], _CERTAIN) + _ROUNDING
            below = np.searchsorted(own, scores, side="right")
            values[:, label] = (below + 1.0) / (len(own) + 1.0)
        return values

    def sets(self, probabilities: Floats, level: float) -> npt.NDArray[np.bool_]:
        """Return (n, k) whether each class is in the set of a row.

        Args:
            probabilities: (n, k).
            level: coverage in (0, 1).
        """
        return np.asarray(self.p_values(probabilities) > 1.0 - level + _ROUNDING)


def held_out_sets(
    probabilities: Floats, targets: Rows, folds: Rows, level: float
) -> npt.NDArray[np.bool_]:
    """Return the (n, k) sets of held-out rows, each by the rows of the other folds."""
    sets = np.empty(probabilities.shape, dtype=bool)
    for number in np.unique(folds):
        inside = folds == number
        fitted = Conformal.fit(probabilities[~inside], targets[~inside])
        sets[inside] = fitted.sets(probabilities[inside], level)
    return sets
