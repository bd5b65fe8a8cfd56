"""Keywords of groups: the words a group has and the others do not."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

_TOKEN = r"(?u)\b[^\W\d_][\w'-]*[^\W_]\b"
"""Words that start with a letter; numbers say little about a group."""


def keywords(
    texts: Sequence[str],
    labels: npt.NDArray[np.int64],
    *,
    top_k: int = 6,
    stop_words: Collection[str] = (),
) -> list[list[str]]:
    """The most telling words and word pairs of each group, best first.

    Class-based TF-IDF as BERTopic defines it (Grootendorst 2022): tf(t, c) * log(1 + A / f(t)),
    with A the mean number of words per group and f(t) the count of t over all groups.

    Args:
        texts: n texts.
        labels: (n,) group of each text, 0 to k-1; -1 belongs to none.
        top_k: words per group.
        stop_words: words, in lower case, that say nothing in this field; those of English never
            count.

    Returns:
        k lists; a list is shorter where a group has fewer words.
    """
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

    groups = int(labels.max(initial=-1)) + 1
    if groups == 0:
        return []
    joined = [
        "\n".join(text for text, label in zip(texts, labels, strict=True) if label == group)
        for group in range(groups)
    ]
    vectorizer = CountVectorizer(
        stop_words=sorted(ENGLISH_STOP_WORDS.union(stop_words)),
        ngram_range=(1, 2),
        token_pattern=_TOKEN,
    )
    try:
        counts = vectorizer.fit_transform(joined).astype(np.float64)
    except ValueError:  # sklearn's way to say that only stop words or numbers were found
        return [[] for _ in range(groups)]
    names = vectorizer.get_feature_names_out()
    rarity = np.log1p(counts.sum() / groups / np.asarray(counts.sum(axis=0)).ravel())
    # a group's own total would change all its weights alike, and so not their order
    return [_best(counts[[group]].toarray()[0] * rarity, names, top_k) for group in range(groups)]


def _best(weights: npt.NDArray[np.float64], names: Sequence[str], top_k: int) -> list[str]:
    chosen: list[str] = []
    for index in np.argsort(-weights, kind="stable"):
        if len(chosen) == top_k or weights[index] <= 0:
            break
        word = str(names[index])
        repeats = len(set(word.split())) < len(word.split())  # "pain pain"
        if not repeats and not any(_says_the_same(word, other) for other in chosen):
            chosen.append(word)
    return chosen


def _says_the_same(one: str, other: str) -> bool:
    """Whether two keywords share a word: "chest" and "chest pain", "allergy" and "allergies"."""
    return any(_same_stem(a, b) for a in one.split() for b in other.split())


def _same_stem(one: str, other: str) -> bool:
    same = max(4, min(len(one), len(other)) - 1)  # letters from the start
    return one == other or (min(len(one), len(other)) >= same and one[:same] == other[:same])
