"""Choosing members, and their weights, by the log loss of what they predict for held-out rows.

log p(class) = sum over members of weight x score(class) + weight x log share of the class, up to a
constant: a log-linear pool. The weights are not negative and have the least log loss, which is a
convex problem. Stacked generalization (Wolpert 1992), with weights that are not negative as in
Breiman (1996), Stacked regressions. Greedy selection (Caruana et al. 2004) came to the same members
with a higher loss on held-out texts; see `benchmarks/RESULTS.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

from metier.heads.inputs import Floats, Rows

_PENALTY = 0.001
"""Cost of a weight of 1 on scores with a deviation of 1, so that useless members get none."""

_PRIOR = 2.0
"""The same, divided by the number of rows: few rows that are told apart make nothing certain."""

_ERRORS = 1.0
"""Standard errors that the loss may rise by, for fewer members (Breiman et al. 1984)."""


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Chosen members and their weights.

    Attributes:
        weights: of the scores of each member, by its name; those chosen only.
        shares: by how much each moves the result: weight x deviation of its scores; they sum to 1.
        prior: (k,) logarithm of the share of each class, times its weight.
        loss: log loss on the rows that they were chosen on.
    """

    weights: Mapping[str, float]
    shares: Mapping[str, float]
    prior: Floats
    loss: float

    def log_probabilities(self, scores: Mapping[str, Floats]) -> Floats:
        """Return (n, k) log probabilities for the (n, k) scores of each member."""
        total = sum(
            (weight * scores[name] for name, weight in self.weights.items()), start=self.prior
        )
        return np.asarray(log_softmax(total, axis=1))


def choose(scores: Mapping[str, Floats], targets: Rows) -> Pool:
    """Choose the fewest members whose log loss is within a standard error of that of all.

    Args:
        scores: (n, k) scores of each member for rows that it has not learned from.
        targets: (n,) their class.
    """
    count = next(iter(scores.values())).shape[1]
    sizes = np.bincount(targets, minlength=count)
    shares = np.log(np.maximum(sizes, 0.5) / len(targets))
    scales = {name: max(float(array.std()), 1e-12) for name, array in scores.items()}
    names = list(scores)
    scaled = {name: scores[name] / scales[name] for name in names}
    weights, best = _fit([scaled[name] for name in names], shares, targets)
    losses = best
    while len(names) > 1:
        least = int(np.argmin(weights[:-1]))
        fewer = names[:least] + names[least + 1 :]
        trial, trial_losses = _fit([scaled[name] for name in fewer], shares, targets)
        rise = trial_losses - best
        if rise.mean() > _ERRORS * rise.std() / np.sqrt(len(rise)):
            break
        names, weights, losses = fewer, trial, trial_losses
    scaled_weights = dict(zip(names, weights[:-1].tolist(), strict=True))
    total = sum(scaled_weights.values()) or 1.0
    return Pool(
        weights={name: weight / scales[name] for name, weight in scaled_weights.items()},
        shares={name: weight / total for name, weight in scaled_weights.items()},
        prior=weights[-1] * shares,
        loss=float(losses.mean()),
    )


def _fit(scores: list[Floats], shares: Floats, targets: Rows) -> tuple[Floats, Floats]:
    """Return the weights of members, the last one of the shares, and the (n,) losses of rows."""
    rows, count = scores[0].shape
    stacked = np.stack([*scores, np.broadcast_to(shares, (rows, count))])
    truth = np.arange(count) == targets[:, None]
    penalty = np.append(np.full(len(scores), _PENALTY + _PRIOR / rows), 0.0)

    def loss(weights: Floats) -> tuple[float, Floats]:
        logs = log_softmax(np.tensordot(weights, stacked, axes=1), axis=1)
        slope = np.tensordot(stacked, np.exp(logs) - truth, axes=2) / rows
        return float(-logs[truth].mean() + penalty @ weights), slope + penalty

    start = np.full(len(stacked), 1.0 / len(stacked))
    bounds = [(0.0, None)] * len(stacked)
    solution = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    weights = np.round(solution, 9)  # the last digits depend on the number of threads
    logs = log_softmax(np.tensordot(weights, stacked, axes=1), axis=1)
    return weights, -logs[truth]
