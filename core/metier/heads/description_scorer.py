"""Scores of labels that are only described, on the scale of labels that are learned.

How much a description says about texts of its label is learned from the questions of a checklist,
of which both are known: each is taken as if it had no examples.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from metier.heads.inputs import Floats, Rows

_MIN_SPREAD = 0.02
"""Least standard deviation of similarities: of passages without a word of a description it is 0."""

_MOST = 4.0
"""Standard deviations above which a text is no nearer: a few words in common can be many."""

_LEAST = 1e-12


class ComparedTexts(NamedTuple):
    """Texts as they are compared.

    Attributes:
        vectors: (n, d) of unit length.
        words: (n, v) sparse, of unit length: weights of their terms.
    """

    vectors: npt.NDArray[np.float32]
    words: Any


class DescriptionScorer:
    """Learns how much nearer to the description of a label its own texts are than other texts.

    Nearness is measured in standard deviations of the passages of a checklist, so that it says the
    same of each description, and compared with that to the descriptions of the learned labels.

    Args:
        passages: m passages of a checklist.
        owner: (m,) the question of each, -1 of one that answers none.
        descriptions: of the q questions.
        rivals: (r,) of them those that are labels as well, at least one.
        is_likely: (m,) whether texts to classify may be of the kind of a passage.
    """

    def __init__(
        self,
        passages: ComparedTexts,
        owner: Rows,
        descriptions: ComparedTexts,
        rivals: Rows,
        is_likely: npt.NDArray[np.bool_],
    ) -> None:
        self._passages = passages
        self._rivals = rivals
        self._descriptions = descriptions
        near = _similarities(passages, descriptions)
        features, targets = [], []
        for question in range(near.shape[1]):
            others = rivals[rivals != question]
            if not len(others):  # the only learned label: any other question is a rival
                others = np.flatnonzero(np.arange(near.shape[1]) != question)
            is_own = owner == question
            rows = is_own | is_likely
            usual = _usual(near[~is_own])
            scaled = usual.scaled(near[rows])
            features.append(_features(scaled[:, [question]], scaled[:, others]))
            targets.append(is_own[rows])
        learned = np.concatenate(features)
        self._scaler = StandardScaler().fit(learned)
        self._model = LogisticRegression(max_iter=1000)
        self._model.fit(self._scaler.transform(learned), np.concatenate(targets))

    def log_odds(self, texts: ComparedTexts, labels: ComparedTexts) -> Floats:
        """(n, k) log odds that each of n texts is of a label, against all learned ones."""
        rivals = self._scaled(texts, self._descriptions)[:, self._rivals]
        own = self._scaled(texts, labels)
        columns = [
            self._model.decision_function(
                self._scaler.transform(_features(own[:, [label]], rivals))
            )
            for label in range(own.shape[1])
        ]
        return np.stack(columns, axis=1)

    def _scaled(self, texts: ComparedTexts, described: ComparedTexts) -> Floats:
        usual = _usual(_similarities(self._passages, described))
        return usual.scaled(_similarities(texts, described))


def joined_probabilities(learned: Floats, log_odds: Floats) -> Floats:
    """(n, l + k) probabilities of (n, l) learned labels and of k that are described.

    Args:
        learned: that a text is of a label, if it is of one of the l; rows sum to 1.
        log_odds: (n, k) against all of the l, see `DescriptionScorer`.
    """
    logs = np.concatenate([np.log(np.maximum(learned, _LEAST)), log_odds], axis=1)
    return np.asarray(np.exp(log_softmax(logs, axis=1)))


class _Usual(NamedTuple):
    """Mean and standard deviation of similarities with each description, of each kind."""

    mean: Floats
    spread: Floats

    def scaled(self, near: Floats) -> Floats:
        return np.minimum((near - self.mean) / self.spread, _MOST)


def _usual(near: Floats) -> _Usual:
    return _Usual(near.mean(axis=0), np.maximum(near.std(axis=0), _MIN_SPREAD))


def _similarities(texts: ComparedTexts, described: ComparedTexts) -> Floats:
    """(n, k, 2) cosines of texts with descriptions, of vectors and of words."""
    cosines = (texts.vectors @ described.vectors.T).astype(np.float64)
    common = np.asarray((texts.words @ described.words.T).todense(), dtype=np.float64)
    return np.stack([cosines, common], axis=2)


def _features(own: Floats, rivals: Floats) -> Floats:
    """(n, 4): how near a description is, and how much nearer than the nearest other one.

    Args:
        own: (n, 1, 2) scaled similarities with the description.
        rivals: (n, r, 2) with the others.
    """
    return np.concatenate([own[:, 0], own[:, 0] - rivals.max(axis=1)], axis=1)
