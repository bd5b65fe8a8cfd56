"""Calibration: probabilities that come true as often as they say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from metier.heads.features import Arrays
from metier.heads.inputs import Floats, Rows

_LEAST = 1e-6
"""Least probability of a class, so that no log loss is infinite."""

_PRIOR = 2.0
"""Cost of a temperature of e, in log loss of one row: few rows leave it near 1."""

_FEWEST = 10
"""Rows that each class and its rest need to have, for a curve of its own."""


class Calibrator(Protocol):
    """From the log probabilities of classes to probabilities, as arrays."""

    @property
    def method(self) -> str:
        """A key of `CALIBRATORS`."""
        ...

    def probabilities(self, logs: Floats) -> Floats:
        """Return (n, k) probabilities for (n, k) log probabilities; rows sum to 1."""
        ...

    def arrays(self) -> Arrays:
        """Return what makes it."""
        ...


@dataclass(frozen=True, slots=True)
class Temperature:
    """Log probabilities are multiplied by one number (Guo et al. 2017), near 1 for few rows."""

    inverse: float
    method = "temperature"

    @classmethod
    def fit(cls, logs: Floats, targets: Rows) -> Temperature:
        rows = np.arange(len(targets))

        def loss(power: float) -> float:
            losses = -log_softmax(np.exp(power) * logs, axis=1)[rows, targets]
            return float(losses.sum()) + _PRIOR * power**2

        return cls(float(np.exp(minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded").x)))

    def probabilities(self, logs: Floats) -> Floats:
        return np.asarray(np.exp(log_softmax(self.inverse * logs, axis=1)))

    def arrays(self) -> Arrays:
        return {"inverse": np.array([self.inverse])}


@dataclass(frozen=True, slots=True, eq=False)
class Sigmoid:
    """The log odds of each class go through a sigmoid (Platt 1999), whose values are normalized.

    Attributes:
        slopes: (k,) of the log odds.
        intercepts: (k,).
    """

    slopes: Floats
    intercepts: Floats
    method = "sigmoid"

    @classmethod
    def fit(cls, logs: Floats, targets: Rows) -> Sigmoid:
        odds = log_odds(logs)
        models = [
            LogisticRegression(C=1e6).fit(odds[:, [label]], targets == label)
            for label in range(odds.shape[1])
        ]
        slopes = np.array([max(float(model.coef_[0, 0]), 0.0) for model in models])
        return cls(slopes, np.array([float(model.intercept_[0]) for model in models]))

    def probabilities(self, logs: Floats) -> Floats:
        return _normalized(expit(self.slopes * log_odds(logs) + self.intercepts))

    def arrays(self) -> Arrays:
        return {"slopes": self.slopes, "intercepts": self.intercepts}


@dataclass(frozen=True, slots=True, eq=False)
class Isotonic:
    """The log odds of each class go through a step function that does not fall, see `Sigmoid`.

    Zadrozny and Elkan (2002), by the isotonic regression of scikit-learn.

    Attributes:
        steps: (p, 3) the class, the log odds and the probability of each corner of a function.
    """

    steps: Floats
    method = "isotonic"

    @classmethod
    def fit(cls, logs: Floats, targets: Rows) -> Isotonic:
        odds, corners = log_odds(logs), []
        for label in range(odds.shape[1]):
            model = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
            model.fit(odds[:, label], targets == label)
            thresholds = model.X_thresholds_
            corners.append(
                np.column_stack(
                    [np.full(len(thresholds), float(label)), thresholds, model.y_thresholds_]
                )
            )
        return cls(np.vstack(corners))

    def probabilities(self, logs: Floats) -> Floats:
        odds = log_odds(logs)
        columns = []
        for label in range(odds.shape[1]):
            inside = self.steps[self.steps[:, 0] == label]
            columns.append(np.interp(odds[:, label], inside[:, 1], inside[:, 2]))
        return _normalized(np.stack(columns, axis=1))

    def arrays(self) -> Arrays:
        return {"steps": self.steps}


_FITS: Mapping[str, Callable[[Floats, Rows], Calibrator]] = MappingProxyType(
    {"temperature": Temperature.fit, "sigmoid": Sigmoid.fit, "isotonic": Isotonic.fit}
)
"""How each is fitted, the one with the fewest numbers first."""


def restore_calibrator(method: str, arrays: Arrays) -> Calibrator:
    """Return a calibrator from its arrays.

    Raises:
        KeyError: there is no such method, or an array is missing.
    """
    if method == "sigmoid":
        return Sigmoid(arrays["slopes"], arrays["intercepts"])
    if method == "isotonic":
        return Isotonic(arrays["steps"])
    return {"temperature": Temperature}[method](float(arrays["inverse"][0]))


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationResult:
    """A calibrator and how it was chosen.

    Attributes:
        calibrator: fitted on all held-out rows.
        held_out: (n, k) probabilities of these rows by calibrators of the other folds.
        losses: log loss of each method, held out; lower is better.
    """

    calibrator: Calibrator
    held_out: Floats
    losses: Mapping[str, float]


def calibrate(logs: Floats, targets: Rows, folds: Rows) -> CalibrationResult:
    """Fit the calibrator with the least log loss on rows that it was not fitted on.

    One with more numbers has to be better by a standard error; a sigmoid or steps for each class
    need ten rows of it.

    Args:
        logs: (n, k) log probabilities of rows that were held out.
        targets: (n,) their class.
        folds: (n,) the part that each row is held out with.
    """
    sizes = np.bincount(targets, minlength=logs.shape[1])
    methods = list(_FITS) if min(sizes.min(), len(targets) - sizes.max()) >= _FEWEST else []
    rows = np.arange(len(targets))
    held_out, losses = {}, {}
    for method in methods or ["temperature"]:
        probabilities = np.empty_like(logs)
        for number in np.unique(folds):
            inside = folds == number
            fitted = _FITS[method](logs[~inside], targets[~inside])
            probabilities[inside] = fitted.probabilities(logs[inside])
        held_out[method] = probabilities
        losses[method] = -np.log(np.maximum(probabilities[rows, targets], _LEAST))
    chosen = "temperature"
    for method in losses:
        gain = losses[chosen] - losses[method]
        if gain.mean() > gain.std() / np.sqrt(len(gain)):
            chosen = method
    return CalibrationResult(
        calibrator=_FITS[chosen](logs, targets),
        held_out=held_out[chosen],
        losses={method: float(loss.mean()) for method, loss in losses.items()},
    )


def log_odds(logs: Floats) -> Floats:
    """Return (n, k) log odds of each class against the rest, for (n, k) log probabilities."""
    probabilities = np.clip(np.exp(logs), _LEAST, 1.0 - _LEAST)
    return np.asarray(np.log(probabilities) - np.log1p(-probabilities))


def _normalized(shares: Floats) -> Floats:
    kept = np.maximum(shares, _LEAST)
    return np.asarray(kept / kept.sum(axis=1, keepdims=True))
