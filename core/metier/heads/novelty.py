"""Whether a row is like no label at all: a conformal test on the similarity to the nearest label.

Probabilities of labels sum to 1 also for a row of none of them. So a row is unknown where it is
further from the mean vector of every label than nearly all held-out examples are: the p-value is
the share, among them and the row itself, of those no nearer (Vovk, Gammerman and Shafer 2005). Of
exchangeable rows of known labels, at most the stated share is unknown, as nearly as for
`metier.heads.conformal`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.preprocessing import normalize

from metier.heads.inputs import Floats, HeadInputs, Rows

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Novelty:
    """How near rows of known labels are to the nearest one.

    Attributes:
        means: (k, dim) mean vectors of the labels, of unit length; no rows without vectors.
        nearest: (m,) cosine of each held-out example with the nearest mean, in rising order.
    """

    means: npt.NDArray[np.float32]
    nearest: Floats

    @classmethod
    def fit(cls, inputs: HeadInputs, targets: Rows, rows: Rows, folds: Rows) -> Novelty:
        """Learn from n rows.

        Args:
            inputs: the rows.
            targets: (n,) their class.
            rows: (m,) rows that are held out.
            folds: (m,) the part that each is held out with.
        """
        if inputs.vectors is None:
            return cls(np.empty((0, 0), dtype=np.float32), np.empty(0))
        vectors = normalize(inputs.matrix)
        nearest = np.empty(len(rows))
        for number in np.unique(folds):
            inside = folds == number
            learned = np.delete(np.arange(len(targets)), rows[inside])
            means = _means(vectors[learned], targets[learned])
            nearest[inside] = _nearest(vectors[rows[inside]], means)
        return cls(_means(vectors, targets), np.sort(nearest))

    def p_values(self, inputs: HeadInputs) -> Floats:
        """Return (n,) p-values of n rows; 1 for all where there is nothing to compare with."""
        if not len(self.nearest):
            return np.ones(len(inputs))
        cosines = _nearest(normalize(inputs.matrix), self.means)
        below = np.searchsorted(self.nearest, cosines + _ROUNDING, side="right")
        return np.asarray((below + 1.0) / (len(self.nearest) + 1.0))


def _means(vectors: Floats, targets: Rows) -> npt.NDArray[np.float32]:
    means = [vectors[targets == label].mean(axis=0) for label in np.unique(targets)]
    return np.asarray(normalize(np.stack(means)), dtype=np.float32)


def _nearest(vectors: Floats, means: npt.NDArray[np.float32]) -> Floats:
    return np.asarray((vectors @ means.T.astype(np.float64)).max(axis=1))
