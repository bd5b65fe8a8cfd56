"""Assigning vectors to the groups of a clustering: by their nearest texts, unless they are far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from metier.analysis.memberships import group_centers, vote_shares
from metier.analysis.neighbor_graph import nearest_neighbors

if TYPE_CHECKING:
    from metier.clusterings.clustering import Clustering


_Vectors = npt.NDArray[np.float32]
_Labels = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]

OUTLIER = -1

_VOTERS = 15
"""Nearest texts of the clustering that decide."""

_NEAREST = 3
"""Texts of a group whose mean distance says how far a vector is."""

_FAR = 3.5
"""Modified z-score of that distance above which a vector is an outlier: what Iglewicz and Hoaglin
(1993) advise."""

_RATHER_FAR = 2.0
"""Modified z-score above which it is one if no group has half of the votes."""

_LEAST_SPREAD = 0.03
"""Least median deviation of distances, for clusterings of texts that are nearly equal."""

_EQUAL = 1.0 - 1e-5
"""Cosine of vectors of the same text, which rounding makes differ."""


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """Where n vectors belong among k groups.

    Attributes:
        group_labels: (k,) labels of the groups.
        labels: (n,) of the likeliest group, -1 for an outlier.
        nearest: (n,) of the likeliest group, also of outliers; -1 where there is no group.
        probabilities: (n, k) share of the nearest texts that each group has, by their cosines.
        distances: (n,) 1 minus the cosine with the center of the likeliest group.
        remoteness: (n,) modified z-score of the distance to the nearest texts.
    """

    group_labels: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]
    nearest: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float64]
    distances: npt.NDArray[np.float64]
    remoteness: npt.NDArray[np.float64]


def assign(clustering: Clustering, vectors: npt.NDArray[np.float32]) -> Assignment:
    """Put vectors into the groups of a clustering.

    The 15 nearest texts that are in a group vote, each with its cosine. A vector is an outlier
    where its distance to the three nearest is unusual among those of the clustering's own texts. A
    vector that the clustering has gets the label that it has there.

    Args:
        clustering: with groups, or without any, where all is an outlier.
        vectors: (n, dim) unit vectors.
    """
    group_labels = np.array([group.label for group in clustering.groups], dtype=np.int64)
    count, grouped = len(vectors), np.flatnonzero(clustering.labels != OUTLIER)
    if not len(grouped) or not count:
        none = np.full(count, OUTLIER, dtype=np.int64)
        shares = np.zeros((count, len(group_labels)))
        return Assignment(group_labels, none, none, shares, np.ones(count), np.full(count, np.inf))
    known, labels = clustering.vectors[grouped], clustering.labels[grouped]
    positions = np.searchsorted(group_labels, labels)
    near = nearest_neighbors(known, min(_VOTERS, len(known)), queries=vectors)
    shares = vote_shares(near.cosines, positions[near.indices], len(group_labels))
    best = shares.argmax(axis=1)
    far = _remoteness(near.cosines, known)
    is_outlier = (far > _FAR) | ((far > _RATHER_FAR) & (shares.max(axis=1) < 0.5))
    nearest = group_labels[best]
    assigned = np.where(is_outlier, OUTLIER, nearest)
    own = nearest_neighbors(clustering.vectors, 1, queries=vectors)
    equal = own.cosines[:, 0] >= _EQUAL
    assigned[equal] = clustering.labels[own.indices[equal, 0]]
    inside = equal & (assigned != OUTLIER)
    nearest[inside] = assigned[inside]
    centers = group_centers(clustering.vectors, clustering.labels, group_labels, clustering.copies)
    cosines = np.einsum("nd,nd->n", vectors, centers[np.searchsorted(group_labels, nearest)])
    return Assignment(group_labels, assigned, nearest, shares, 1.0 - cosines.astype(float), far)


def _remoteness(cosines: _Vectors, known: _Vectors) -> _Floats:
    """Return (n,) modified z-scores of the mean distances to the nearest of the known rows.

    Args:
        cosines: (n, k) with the nearest of them, the nearest first.
        known: (m, dim) rows of the groups, whose own distances are usual.
    """
    count = min(_NEAREST, len(known) - 1)
    usual = np.zeros(1) if count < 1 else _gaps(nearest_neighbors(known, count).cosines)
    median = float(np.median(usual))
    spread = max(float(np.median(np.abs(usual - median))), _LEAST_SPREAD)
    scores: _Floats = 0.6745 * (_gaps(cosines[:, : max(count, 1)]) - median) / spread
    return scores


def _gaps(cosines: _Vectors) -> _Floats:
    distances = np.sqrt(np.maximum(2.0 - 2.0 * cosines.astype(np.float64), 0.0))
    gaps: _Floats = distances.mean(axis=1)
    return gaps
