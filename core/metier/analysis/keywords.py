"""Keywords of groups of texts: the words that set a group apart from the others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

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
    the mean number of words of a group and f(t) the count of t in all groups. What stands in most
    texts of every group (headings of a form, addresses, markup, marks of what was masked) names no
    group that has other words.

    Args:
        texts: n texts.
        labels: (n,) group of each text, 0 to k-1; -1 for none.
        top_k: maximum number of keywords of a group.
        stop_words: lower-case words to ignore, besides the stop words of English.

    Returns:
        k lists of up to `top_k` keywords.
    """
    from scipy import sparse

    groups = int(labels.max(initial=-1)) + 1
    grouped = labels >= 0
    seen = [INVISIBLE.sub("", text) for text, inside in zip(texts, grouped, strict=True) if inside]
    by_text, names = _word_counts(seen, stop_words)
    if not len(names):
        return [[] for _ in range(groups)]
    members = sparse.csr_matrix(
        (np.ones(len(seen)), (labels[grouped], np.arange(len(seen)))), shape=(groups, len(seen))
    )
    counts = members @ by_text
    rarity = np.log1p(counts.sum() / groups / np.asarray(counts.sum(axis=0)).ravel())
    shared = set(names[_common(members, by_text)])
    common = np.array([not shared.isdisjoint(name.split()) for name in names])
    best = []
    for group in range(groups):
        # dividing by the total of a group would not change the order of its weights
        weights = counts[[group]].toarray()[0] * rarity
        telling = _best(np.where(common, 0.0, weights), names, top_k)
        best.append(telling or _best(weights, names, top_k))
    return best


def _word_counts(texts: Sequence[str], stop_words: Collection[str]) -> tuple[Any, Any]:
    """Counts of words and word pairs, (texts, words) sparse, and these (words,)."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

    vectorizer = CountVectorizer(
        stop_words=sorted(ENGLISH_STOP_WORDS.union(stop_words)),
        ngram_range=(1, 2),
        token_pattern=_TOKEN,
    )
    try:
        counts = vectorizer.fit_transform(texts).astype(np.float64)
    except ValueError:  # sklearn raises it if there are only stop words and numbers, or no texts
        return None, ()
    return counts, vectorizer.get_feature_names_out()


def _common(members: Any, by_text: Any) -> npt.NDArray[np.bool_]:
    """Which words stand in most texts of every group, where there are several.

    Args:
        members: (groups, texts) sparse, 1 for the texts of a group.
        by_text: (texts, words) sparse, counts.
    """
    sizes = np.asarray(members.sum(axis=1)).ravel()
    least = np.ones(by_text.shape[1])
    for group, size in enumerate(sizes):
        share = (members[[group]] @ by_text.sign()).toarray()[0] / max(size, 1.0)
        least = np.minimum(least, share)
    common: npt.NDArray[np.bool_] = (least > 0.5) & (len(sizes) > 1)
    return common


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
