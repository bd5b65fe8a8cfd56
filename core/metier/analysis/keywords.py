"""Keywords of groups: the words a group has and the others do not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_TOKEN = r"(?u)\b[^\W\d_][\w'-]*[^\W_]\b"
"""Words that start with a letter; numbers say little about a group."""


def keywords(
    texts: Sequence[str], labels: npt.NDArray[np.int64], *, top_k: int = 6
) -> list[list[str]]:
    """The most telling words and word pairs of each group, best first.

    Class-based TF-IDF as BERTopic defines it (Grootendorst 2022): tf(t, c) * log(1 + A / f(t)),
    with A the mean number of words per group and f(t) the count of t over all groups.

    Args:
        texts: n texts.
        labels: (n,) group of each text, 0 to k-1; -1 belongs to none.
        top_k: words per group.

    Returns:
        k lists; a list is shorter where a group has fewer words.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    groups = int(labels.max(initial=-1)) + 1
    if groups == 0:
        return []
    joined = [
        "\n".join(texts[index] for index in np.flatnonzero(labels == group))
        for group in range(groups)
    ]
    vectorizer = CountVectorizer(stop_words="english", ngram_range=(1, 2), token_pattern=_TOKEN)
    try:
        counts = vectorizer.fit_transform(joined).toarray().astype(np.float64)
    except ValueError:  # sklearn's way to say that only stop words or numbers were found
        return [[] for _ in range(groups)]
    names = vectorizer.get_feature_names_out()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    mean_words = counts.sum() / groups
    weights = shares * np.log1p(mean_words / counts.sum(axis=0))
    return [_best(weights[group], names, top_k) for group in range(groups)]


def _best(weights: npt.NDArray[np.float64], names: Sequence[str], top_k: int) -> list[str]:
    chosen: list[str] = []
    for index in np.argsort(-weights, kind="stable"):
        if len(chosen) == top_k or weights[index] <= 0:
            break
        word = str(names[index])
        # "chest" says nothing new beside "chest pain", nor the other way round
        if not any(set(word.split()) & set(other.split()) for other in chosen):
            chosen.append(word)
    return chosen
