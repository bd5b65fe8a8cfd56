"""Terms of texts as features, weighted by TF-IDF."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from metier.heads.features import Arrays, Matrix, NoFeaturesError
from metier.heads.inputs import HeadInputs

KINDS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "words": {"ngram_range": (1, 2)},
        "content words": {"ngram_range": (1, 2), "stop_words": "english"},
        "characters": {"analyzer": "char_wb", "ngram_range": (2, 5)},
    }
)
"""Options of `TfidfVectorizer`: words and pairs of adjacent words; the same without English stop
words; runs of two to five characters within words, which misspelled and inflected words share."""

_FEWEST_TEXTS: Mapping[str, int] = MappingProxyType({"characters": 2})
"""Number of texts that terms of a kind have to occur in, whatever is stated: runs of characters of
a single text are many and say what its words say."""

_ANY = "surrogatepass"
"""Texts of another encoding may hold halves of characters, which UTF-8 has not."""

_SEPARATOR = "\n"
"""Between stored terms. No term holds one: the analyzers take white space for a space."""


@dataclass(frozen=True, slots=True, eq=False)
class TermFeatures:
    """The weights of terms in a text: (1 + log count) x inverse document frequency, unit length.

    Attributes:
        kind: of terms, a key of `KINDS`.
        vectorizer: of scikit-learn, fitted.
    """

    kind: str
    vectorizer: TfidfVectorizer

    @classmethod
    def fit(cls, kind: str, inputs: HeadInputs, min_texts: int) -> Self:
        """Learn the terms of texts.

        Args:
            kind: a key of `KINDS`.
            inputs: with texts.
            min_texts: number of texts that a term has to occur in.

        Raises:
            NoFeaturesError: no term occurs in so many texts.
        """
        vectorizer = _vectorizer(kind, min_df=max(min_texts, _FEWEST_TEXTS.get(kind, 1)))
        try:
            vectorizer.fit(inputs.strings)
        except ValueError as error:  # of scikit-learn: no term is left
            raise NoFeaturesError(str(error)) from None
        return cls(kind, vectorizer)

    @property
    def size(self) -> int:
        return len(self.vectorizer.vocabulary_)

    @property
    def terms(self) -> list[str]:
        """The terms, in the order of the features."""
        names: list[str] = self.vectorizer.get_feature_names_out().tolist()
        return names

    def transform(self, inputs: HeadInputs) -> Matrix:
        return self.vectorizer.transform(inputs.strings)

    def arrays(self) -> Arrays:
        terms = _SEPARATOR.join(self.terms).encode(errors=_ANY)
        return {
            "terms": np.frombuffer(terms, dtype=np.uint8),
            "weights": np.asarray(self.vectorizer.idf_, dtype=np.float64),
        }

    def settings(self) -> dict[str, Any]:
        return {"kind": self.kind}

    @classmethod
    def restore(cls, arrays: Arrays, settings: dict[str, Any]) -> Self:
        terms = arrays["terms"].tobytes().decode(errors=_ANY).split(_SEPARATOR)
        vectorizer = _vectorizer(settings["kind"], vocabulary=terms)
        vectorizer.idf_ = arrays["weights"]
        return cls(settings["kind"], vectorizer)


def _vectorizer(kind: str, **options: Any) -> TfidfVectorizer:
    return TfidfVectorizer(sublinear_tf=True, **KINDS[kind], **options)
