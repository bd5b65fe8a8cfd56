"""Keywords of groups of texts: the words that set a group apart from the others."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from metier.texts.stemming import INVISIBLE

_TOKEN = r"(?u)\b[^\W\d_][\w'-]*[^\W_]\b"
"""Words that start with a letter; numbers tell little about a group."""


def keywords(
    texts: Sequence[str],
    labels: npt.NDArray[np.int64],
    *,
    top_k: int = 6,
    stop_words: Collection[str] = (),
) -> list[list[str]]:
    """Return the most characteristic words and word pairs of each group, best first.

    Class-based TF-IDF as in BERTopic (Grootendorst 2022): tf(t, c) * log(1 + A / f(t)), where A is
    the mean number of words of a group and f(t) the count of t in all groups.

    Args:
        texts: n texts.
        labels: (n,) group of each text, 0 to k-1; -1 for none.
        top_k: maximum number of keywords of a group.
        stop_words: lower-case words to ignore, besides the stop words of English.

    Returns:
        k lists of up to `top_k` keywords.
    """
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

    groups = int(labels.max(initial=-1)) + 1
    if groups == 0:
        return []
    joined = [
        "\n".join(
            INVISIBLE.sub("", text)
            for text, label in zip(texts, labels, strict=True)
            if label == group
        )
        for group in range(groups)
    ]
    vectorizer = CountVectorizer(
        stop_words=sorted(ENGLISH_STOP_WORDS.union(stop_words)),
        ngram_range=(1, 2),
        token_pattern=_TOKEN,
    )
    try:
        counts = vectorizer.fit_transform(joined).astype(np.float64)
    except ValueError:  # sklearn raises it if there are only stop words and numbers
        return [[] for _ in range(groups)]
    names = vectorizer.get_feature_names_out()
    rarity = np.log1p(counts.sum() / groups / np.asarray(counts.sum(axis=0)).ravel())
    # dividing by the total of a group would not change the order of its weights
    return [_best(counts[[group]].toarray()[0] * rarity, names, top_k) for group in range(groups)]


def _best(weights: npt.NDArray[np.float64], names: Sequence[str], top_k: int) -> list[str]:
    words: list[str] = []
    for index in np.argsort(-weights, kind="stable"):
        if len(words) == top_k or weights[index] <= 0:
            break
        word = str(names[index])
        repeats = len(set(word.split())) < len(word.split())  # "pain pain"
        if not repeats and not any(_share_a_word(word, other) for other in words):
            words.append(word)
    return words


def _share_a_word(first: str, second: str) -> bool:
    """Return whether keywords share a stem: "chest", "chest pain"; "allergy", "allergies"."""
    return any(_same_stem(a, b) for a in first.split() for b in second.split())


def _same_stem(first: str, second: str) -> bool:
    shorter = min(len(first), len(second))
    length = max(4, shorter - 1)  # of the common prefix
    return first == second or (shorter >= length and first[:length] == second[:length])
