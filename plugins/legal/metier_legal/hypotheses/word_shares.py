"""Words that tell the two sides of a hypothesis apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_SMOOTHING = 0.5
"""Sentences with and without a word that each side has beside its own."""

_MOST_SHOWN = 4

_SHORTEST = 4
"""Letters of a word that is shown; shorter ones count, and say nothing to people."""

_COMMON = 3
"""Neutral sentences from which a word is of all agreements and is not shown."""

_WORD = re.compile(r"[^\W\d_]+")


class WordShares:
    """Words by how much more often sentences of one side have them than those of the other.

    Naive Bayes over the words that are there, divided by the square root of their number, so that
    long statements are not the surest.

    Args:
        sentences: of both sides.
        entails: (n,) the side of each.
        common: words that are not shown.
    """

    def __init__(
        self,
        sentences: Sequence[str],
        entails: npt.NDArray[np.bool_],
        common: Collection[str] = (),
    ) -> None:
        self._words = [_words(sentence) for sentence in sentences]
        self._common = common
        names = sorted({word for words in self._words for word in words})
        self._rows = {name: row for row, name in enumerate(names)}
        self._counts = np.zeros((2, len(names)))
        for words, is_entailing in zip(self._words, entails, strict=True):
            self._counts[1 - int(is_entailing), [self._rows[word] for word in words]] += 1.0
        self._sizes = np.array([entails.sum(), (~entails).sum()], dtype=np.float64)
        self._entails = entails

    def held_out(self) -> Floats:
        """(n,) log odds of the sentences, each as if it were new."""
        odds = []
        for words, is_entailing in zip(self._words, self._entails, strict=True):
            rows, side = [self._rows[word] for word in words], 1 - int(is_entailing)
            counts, sizes = self._counts[:, rows].copy(), self._sizes.copy()
            counts[side] -= 1.0
            sizes[side] -= 1.0
            odds.append(_total(_log_ratios(counts, sizes)))
        return np.array(odds)

    def odds(self, text: str) -> float:
        """Log odds that a text is of the side that entails."""
        return _total(self._ratios(_words(text))[1])

    def telling(self, text: str, entails: bool) -> list[str]:
        """The words of a text that speak most for a side, without those of all agreements."""
        names, ratios = self._ratios(_words(text))
        for_side = ratios if entails else -ratios
        words = [
            names[row] for row in np.argsort(-for_side, kind="stable").tolist() if for_side[row] > 0
        ]
        shown = [word for word in words if len(word) >= _SHORTEST and word not in self._common]
        return shown[:_MOST_SHOWN]

    def _ratios(self, words: Iterable[str]) -> tuple[list[str], Floats]:
        names = [word for word in words if word in self._rows]
        rows = [self._rows[word] for word in names]
        return names, _log_ratios(self._counts[:, rows], self._sizes)


def common_words(sentences: Iterable[str]) -> frozenset[str]:
    """Words that three sentences have, or more."""
    counts = Counter(word for sentence in sentences for word in _words(sentence))
    return frozenset(word for word, count in counts.items() if count >= _COMMON)


def _log_ratios(counts: Floats, sizes: Floats) -> Floats:
    """(k,) log ratios of the shares of sentences of both sides that have a word."""
    shares = (counts + _SMOOTHING) / (sizes[:, None] + 2 * _SMOOTHING)
    return np.asarray(np.log(shares[0]) - np.log(shares[1]))


def _total(ratios: Floats) -> float:
    return float(ratios.sum() / np.sqrt(max(len(ratios), 1)))


def _words(text: str) -> list[str]:
    """The different words of a text, in its order."""
    return list(dict.fromkeys(word.casefold() for word in _WORD.findall(text)))
