"""Whether a statement that is near a hypothesis entails or contradicts it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from metier.plugin import ChecklistQuestion, Phrases
from metier_legal.hypotheses.norms import NORM_KINDS, NormKind, read_norm
from metier_legal.hypotheses.word_shares import WordShares, common_words

Floats = npt.NDArray[np.float64]
Vectors = npt.NDArray[np.float32]

_SMOOTHING = 1.0
"""Sentences that the shares of norms over both sides count as."""

_RIDGE = 1.0
"""Regularization of the regression on similarities."""

_STRENGTH = 10.0
"""Inverse regularization of the weights of the kinds of evidence, which are three numbers."""


class SideOdds(NamedTuple):
    """Log odds that a statement entails a hypothesis rather than contradicts it.

    Attributes:
        norm: from what it makes of the terms, such as forbids.
        words: from its words, by the sentences of either side that have them.
        similarity: from the sentences of either side that it resembles.
    """

    norm: float
    words: float
    similarity: float


class _Sides:
    """The sentences of one hypothesis.

    Attributes:
        entails: (n,) whether a sentence entails it.
        norms: (n,) positions of its norm in `NORM_KINDS`.
        words: that tell them apart.
        held_out: (n, 3) what norms, words and similarities say of each as if it were new.
    """

    def __init__(
        self, hypothesis: ChecklistQuestion, vectors: Vectors, common: frozenset[str]
    ) -> None:
        self.terms = Phrases(hypothesis.terms) if hypothesis.terms else None
        self._vectors = vectors.astype(np.float64)
        sentences = [*hypothesis.examples, *hypothesis.contrasts]
        self.entails = np.arange(len(sentences)) < len(hypothesis.examples)
        kinds = [read_norm(sentence, self.terms).kind for sentence in sentences]
        self.norms = np.array([NORM_KINDS.index(kind) for kind in kinds])
        self._counts = np.zeros((len(NORM_KINDS), 2))
        np.add.at(self._counts, (self.norms, 1 - self.entails), 1.0)
        targets = np.where(self.entails, 1.0, -1.0)
        similarities = self._vectors @ self._vectors.T
        inverse = np.linalg.inv(similarities + _RIDGE * np.eye(len(sentences)))
        self._dual = inverse @ (targets - targets.mean())
        readings = targets - targets.mean() - self._dual / np.diag(inverse)
        self.words = WordShares(sentences, self.entails, common)
        word_odds = self.words.held_out()
        self._reliability = (
            _reliability(word_odds, self.entails),
            _reliability(readings, self.entails),
        )
        norms = [
            self._norm_odds(int(kind), bool(is_entailing))
            for kind, is_entailing in zip(self.norms, self.entails, strict=True)
        ]
        self.held_out = self._weighed(np.array(norms), word_odds, readings)

    def evidence(self, kind: NormKind, text: str, vector: Vectors) -> Floats:
        """(1, 3) what norm, words and similarities say of a statement."""
        reading = float((self._vectors @ vector.astype(np.float64)) @ self._dual)
        odds = self._norm_odds(NORM_KINDS.index(kind)), self.words.odds(text), reading
        return self._weighed(*(np.array([value]) for value in odds))

    def _weighed(self, norms: Floats, words: Floats, readings: Floats) -> Floats:
        """The three in columns, words and similarities by how well they tell the sides apart."""
        of_words, of_readings = self._reliability
        return np.column_stack([norms, of_words * words, of_readings * readings])

    def nearest(self, vector: Vectors, entails: bool) -> tuple[int, float]:
        """The position of the nearest sentence of a side, and its cosine."""
        cosines = self._vectors @ vector.astype(np.float64)
        cosines = np.where(self.entails == entails, cosines, -np.inf)
        best = int(cosines.argmax())
        return best, float(cosines[best])

    def _norm_odds(self, kind: int, own: bool | None = None) -> float:
        """Log of the shares that a norm has in both sides; without one sentence of a side."""
        counts = self._counts
        if own is not None:
            counts = counts.copy()
            counts[kind, 1 - int(own)] -= 1.0
        totals = counts.sum(axis=0)
        usual = (counts[kind].sum() + 0.5) / (counts.sum() + 0.5 * len(NORM_KINDS))
        shares = (counts[kind] + _SMOOTHING * usual) / (totals + _SMOOTHING)
        return float(np.log(shares[0]) - np.log(shares[1]))


class SideReader:
    """Tells what entails a hypothesis from what contradicts it: by norm, words and similarity.

    Everything is learned from the sentences of the hypotheses: each norm counts as much as it
    tells their sides apart, and so do words and similarity, measured on sentences as if they were
    new. How the three count together is learned from all hypotheses at once.

    Args:
        hypotheses: each with at least one example and one contrast.
        vectors: for each the unit vectors of its examples and then of its contrasts.
        neutral: sentences that no hypothesis is about, whose words are not shown.
    """

    def __init__(
        self,
        hypotheses: Sequence[ChecklistQuestion],
        vectors: Sequence[Vectors],
        neutral: Sequence[str] = (),
    ) -> None:
        from sklearn.linear_model import LogisticRegression

        common = common_words(neutral)
        self._sides = {
            hypothesis.id: _Sides(hypothesis, of_hypothesis, common)
            for hypothesis, of_hypothesis in zip(hypotheses, vectors, strict=True)
        }
        self._sentences = {
            hypothesis.id: (*hypothesis.examples, *hypothesis.contrasts)
            for hypothesis in hypotheses
        }
        self._weights = np.ones(3)
        if self._sides:
            features = np.concatenate([sides.held_out for sides in self._sides.values()])
            targets = np.concatenate([sides.entails for sides in self._sides.values()])
            model = LogisticRegression(C=_STRENGTH, class_weight="balanced")
            self._weights = np.maximum(model.fit(features, targets).coef_[0], 0.0)

    @property
    def held_out_accuracy(self) -> float:
        """Share of the sentences of hypotheses whose side is told as if they were new."""
        right = [
            (sides.held_out @ self._weights > 0) == sides.entails for sides in self._sides.values()
        ]
        return float(np.concatenate(right).mean())

    def odds(self, hypothesis: str, kind: NormKind, text: str, vector: Vectors) -> SideOdds:
        """The log odds of a statement.

        Args:
            hypothesis: id of one.
            kind: of the norm of the statement.
            text: of the statement.
            vector: its unit vector.
        """
        (weighed,) = self._weights * self._sides[hypothesis].evidence(kind, text, vector)
        return SideOdds(*map(float, weighed))

    def telling_words(self, hypothesis: str, text: str, entails: bool) -> list[str]:
        """The words of a statement that speak most for a side."""
        return self._sides[hypothesis].words.telling(text, entails)

    def nearest(self, hypothesis: str, vector: Vectors, entails: bool) -> tuple[str, float]:
        """The nearest sentence of a side, and its cosine.

        Args:
            hypothesis: id of one.
            vector: of the statement.
            entails: which side.
        """
        row, cosine = self._sides[hypothesis].nearest(vector, entails)
        return self._sentences[hypothesis][row], cosine


def _reliability(readings: Floats, entails: npt.NDArray[np.bool_]) -> float:
    """How well readings tell sides apart: twice the area under the ROC curve, less 1; 0 or more."""
    differences = readings[entails][:, None] - readings[~entails][None, :]
    wins = (differences > 0).mean() + 0.5 * (differences == 0).mean()
    return max(0.0, 2.0 * float(wins) - 1.0)
