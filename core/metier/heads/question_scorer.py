"""Scores of passages for the questions of a checklist, learned from its own examples.

Nothing but the checklist is needed: every example is compared with the others as if it were new,
and how much each kind of similarity says is learned from all questions together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.linalg
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from metier.heads.inputs import Floats, Rows

_NEUTRAL = -1
_FEWEST_EXAMPLES = 2
"""Examples of a question of which each can be compared with another."""

_SHARPNESS = 1.5
"""How much nearer examples count more, in standard deviations of the similarities."""
_MIN_SPREAD = 0.02
_RIDGE = 1.0
"""Regularization of the regression on all similarities."""
_WORDS = 0.5
"""Weight of common words beside vectors in that regression."""
_UNIFORM = 1.0
"""Similarity that all passages have, which makes room for a constant."""


@dataclass(frozen=True, slots=True, eq=False)
class PassageFeatures:
    """Passages as they are compared.

    Attributes:
        vectors: (n, d) of unit length.
        words: (n, v) sparse, of unit length: weights of their terms.
        asked: (n, q) similarity to the nearest text that asks a question.
        named: (n, q) whether words that name a question are in them.
    """

    vectors: npt.NDArray[np.float32]
    words: Any
    asked: Floats
    named: npt.NDArray[np.bool_]


def fit_words(
    texts: Sequence[str], terms_of: Callable[[str], Sequence[str]]
) -> Callable[[Sequence[str]], Any]:
    """Learn how rare the terms of texts are.

    Args:
        texts: to learn from.
        terms_of: the terms of a text.

    Returns:
        Gives texts as `PassageFeatures.words` has them.
    """
    vectorizer = TfidfVectorizer(analyzer=terms_of, sublinear_tf=True).fit(texts)
    return lambda others: vectorizer.transform(others)


class QuestionScorer:
    """Learns what answers the questions of a checklist.

    Args:
        pool: m examples, contrasts and neutral passages.
        owner: (m,) the question of each, -1 of a neutral passage.
        is_example: (m,) whether it answers its question; a contrast does not. One question has two
            examples at least.

    Attributes:
        own: for each question the scores of its examples, each as if it were new; none of an only
            example.
        others: for each question the scores of the passages that do not answer it, as if new.
    """

    def __init__(
        self, pool: PassageFeatures, owner: Rows, is_example: npt.NDArray[np.bool_]
    ) -> None:
        count = pool.asked.shape[1]
        self._pool = pool
        owned = owner[:, None] == np.arange(count)
        self._examples = owned & is_example[:, None]
        # an example of another question that is called by the name of this one may answer both
        foreign = ~owned & (owner != _NEUTRAL)[:, None]
        self._unclear = foreign & pool.named & is_example[:, None]
        self._rest = ~self._examples & ~self._unclear
        targets = np.where(self._examples, 1.0, np.where(self._unclear, 0.0, -1.0))
        near = self._similarities(pool)
        self._sharpness = [_sharpness(similarities) for similarities in near]
        kernel = _kernel(near)
        ridge = _RIDGE * np.eye(len(kernel))
        inverse = scipy.linalg.inv(kernel + ridge)
        self._dual = inverse @ targets
        new = targets - self._dual / np.diag(inverse)[:, None]
        for similarities in near:
            np.fill_diagonal(similarities, -np.inf)  # each is compared with the others
        features = self._features(pool, near, new)
        # an only example has none to be compared with, and says nothing about answers
        alone = self._examples & (self._examples.sum(axis=0) < _FEWEST_EXAMPLES)
        is_known = ~(self._unclear | alone).ravel()
        rows = features.reshape(-1, features.shape[-1])
        self._scaler = StandardScaler().fit(rows[is_known])
        self._model = LogisticRegression(class_weight="balanced", max_iter=1000)
        self._model.fit(self._scaler.transform(rows[is_known]), self._examples.ravel()[is_known])
        scores = self._decide(features)
        known = self._examples & ~alone
        self.own = [scores[known[:, question], question] for question in range(count)]
        self.others = [scores[self._rest[:, question], question] for question in range(count)]

    @property
    def weights(self) -> Floats:
        """What each kind of similarity counts, in its standard deviations."""
        return np.asarray(self._model.coef_[0])

    def scores(self, passages: PassageFeatures) -> Floats:
        """(n, q) log odds, on the scale of `own`: higher where a passage answers a question."""
        near = self._similarities(passages)
        return self._decide(self._features(passages, near, _kernel(near) @ self._dual))

    def _similarities(self, passages: PassageFeatures) -> list[Floats]:
        """(n, m) cosines with the pool, of vectors and of words."""
        cosines = (passages.vectors @ self._pool.vectors.T).astype(np.float64)
        common = np.asarray((passages.words @ self._pool.words.T).todense(), dtype=np.float64)
        return [cosines, common]

    def _features(self, passages: PassageFeatures, near: list[Floats], fitted: Floats) -> Floats:
        """(n, q, f) kinds of similarity."""
        count = passages.asked.shape[1]
        columns = [fitted, passages.asked, passages.named.astype(np.float64)]
        for similarities, sharpness in zip(near, self._sharpness, strict=True):
            to_examples = np.empty((len(similarities), count))
            to_rest = np.empty_like(to_examples)
            for question in range(count):
                own = similarities[:, self._examples[:, question]]
                to_examples[:, question] = _soft(own, sharpness)
                to_rest[:, question] = _soft(similarities[:, self._rest[:, question]], sharpness)
            columns.append(to_examples - to_rest)
        return np.stack(columns, axis=2)

    def _decide(self, features: Floats) -> Floats:
        rows = self._scaler.transform(features.reshape(-1, features.shape[-1]))
        return np.asarray(self._model.decision_function(rows)).reshape(features.shape[:2])


def _kernel(near: list[Floats]) -> Floats:
    cosines, common = near
    return cosines + _WORDS * common + _UNIFORM


def _sharpness(similarities: Floats) -> float:
    pairs = similarities[np.triu_indices(len(similarities), 1)]
    return _SHARPNESS / max(float(pairs.std()), _MIN_SPREAD)


def _soft(similarities: Floats, sharpness: float) -> Floats:
    """The (n,) soft maxima of (n, k) similarities; -inf stands for none."""
    highest = similarities.max(axis=1, keepdims=True)
    if not np.isfinite(highest).all():  # the only example of its question
        highest = np.where(np.isfinite(highest), highest, 0.0)
    weights = np.exp(sharpness * (similarities - highest))
    counts = np.maximum(np.isfinite(similarities).sum(axis=1), 1)
    total = np.maximum(weights.sum(axis=1), 1e-12)
    return np.asarray(highest[:, 0] + np.log(total / counts) / sharpness)
