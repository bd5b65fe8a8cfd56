"""What a member has learned, as arrays, and the scores that they give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.utils.extmath import safe_sparse_dot

from metier.heads.features import Arrays, Matrix
from metier.heads.inputs import Floats, Rows

Weights = npt.NDArray[np.float32]


class Scorer(Protocol):
    """A fitted member."""

    @property
    def kind(self) -> str:
        """A key of `SCORERS`."""
        ...

    def scores(self, features: Matrix) -> Floats:
        """Return (n, k) scores, higher for likelier classes; their softmax is a probability."""
        ...

    def arrays(self) -> Arrays:
        """Return what `restore` needs, as arrays."""
        ...


Learner = Callable[[Matrix, Rows, int], Scorer]
"""Learns from (n, d) features, the class of each row and the number of classes k. Every class has a
row. Classes weigh the same however many rows they have; their shares are learned later."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearScorer:
    """Scores are linear in the features.

    Attributes:
        coefficients: (d, k).
        intercepts: (k,).
        each_alone: whether each class was learned against the rest, so that its score is the log
            of a probability of its own; else scores are logits of all classes.
    """

    coefficients: Weights
    intercepts: Floats
    each_alone: bool = False
    kind = "linear"

    def scores(self, features: Matrix) -> Floats:
        logits = np.asarray(safe_sparse_dot(features, self.coefficients)) + self.intercepts
        return np.asarray(-np.logaddexp(0.0, -logits) if self.each_alone else logits)

    def arrays(self) -> Arrays:
        alone = np.array([self.each_alone])
        return {
            "coefficients": self.coefficients,
            "intercepts": self.intercepts,
            "each_alone": alone,
        }

    @classmethod
    def restore(cls, arrays: Arrays) -> LinearScorer:
        alone = bool(arrays["each_alone"][0])
        return cls(arrays["coefficients"], arrays["intercepts"], alone)


@dataclass(frozen=True, slots=True, eq=False)
class KernelScorer:
    """Scores are linear in the similarities to the rows that were learned from.

    Attributes:
        rows: (m, d) features of these rows.
        dual: (m, k) coefficients of them.
        gamma: the similarity is exp(-gamma x squared distance).
    """

    rows: Weights
    dual: Weights
    gamma: float
    kind = "kernel"

    def scores(self, features: Matrix) -> Floats:
        rows = self.rows.astype(np.float64)
        return np.asarray(rbf_kernel(features, rows, gamma=self.gamma) @ self.dual)

    def arrays(self) -> Arrays:
        return {"rows": self.rows, "dual": self.dual, "gamma": np.array([self.gamma])}

    @classmethod
    def restore(cls, arrays: Arrays) -> KernelScorer:
        return cls(arrays["rows"], arrays["dual"], float(arrays["gamma"][0]))


SCORERS: dict[str, Any] = {"linear": LinearScorer, "kernel": KernelScorer}
"""Scorers by kind, as they are stored."""


def weights(array: Any) -> Weights:
    """Coefficients in the precision in which they are stored, so that loading changes nothing."""
    return np.ascontiguousarray(array, dtype=np.float32)


def two_sided(coefficients: Floats, intercepts: Floats) -> tuple[Floats, Floats]:
    """(k, d) coefficients of k classes, also of two, for which scikit-learn gives those of one."""
    if len(coefficients) > 1:
        return coefficients, intercepts
    half = coefficients[0] / 2, intercepts[0] / 2
    return np.stack([-half[0], half[0]]), np.array([-half[1], half[1]])


def balanced(targets: Rows, count: int) -> Floats:
    """(n,) weights with which every class weighs the same; their mean is 1."""
    sizes = np.bincount(targets, minlength=count)
    shares: Floats = len(targets) / (np.count_nonzero(sizes) * sizes[targets])
    return shares


def signs(targets: Rows, count: int) -> Floats:
    """(n, k) with 1 for the class of a row and -1 for others."""
    return np.where(np.arange(count) == targets[:, None], 1.0, -1.0)
