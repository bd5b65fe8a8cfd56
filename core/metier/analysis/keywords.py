"""Keywords of groups of texts: the words and phrases that set a group apart from the others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from metier.analysis.term_counts import TermCounts, count_terms

Weights = npt.NDArray[np.float64]

_LEAST_RATIO = 1.5
"""How many times as often a keyword stands in texts of the group as in those of the others."""

_COMMON = 0.5
"""Share of the texts of every group above which a word is common."""

_LEAST_SHARE = 0.05
_LEAST_TEXTS = 2
"""Texts of a group that a keyword stands in: two of them and 5 %, where any word does."""

_PHRASE_SHARE = 0.5
"""Share of the group's texts with a word that have it in a phrase, from which on the phrase is the
keyword."""


def keywords(
    texts: Sequence[str],
    labels: npt.NDArray[np.int64],
    *,
    top_k: int = 6,
    stop_words: Collection[str] = (),
) -> list[list[str]]:
    """Return the most characteristic words and phrases of each group, best first.

    Args:
        texts: n texts.
        labels: (n,) group of each text, 0 to k-1; -1 for none.
        top_k: maximum number of keywords of a group.
        stop_words: words in lower case to ignore, besides those that mean nothing in the languages
            of the texts.

    Returns:
        k lists of up to `top_k` keywords.
    """
    grouped = np.flatnonzero(labels >= 0)
    terms = count_terms([texts[row] for row in grouped.tolist()], stop_words=stop_words)
    return group_keywords(
        terms, labels[grouped], groups=int(labels.max(initial=-1)) + 1, top_k=top_k
    )


def group_keywords(
    terms: TermCounts, labels: npt.NDArray[np.int64], *, groups: int, top_k: int = 6
) -> list[list[str]]:
    """Return the most characteristic terms of each group, best first.

    Class-based TF-IDF as in BERTopic (Grootendorst 2022): tf(t, c) * log(1 + A / f(t)), where
    tf(t, c) is the number of texts of the group with the term, A the mean of their sum over a group
    and f(t) the number of texts with it in all groups. Texts and not occurrences are counted: a
    word that one text repeats names no group. What is spread over the groups evenly names none
    either, nor do words of single texts, unless the group has no other words. A phrase takes the
    place of its words where half of their texts have it. No word is in two keywords of a group.

    Args:
        terms: of n texts.
        labels: (n,) group of each text, 0 to `groups` - 1; -1 for none.
        groups: number of groups.
        top_k: maximum number of keywords of a group.
    """
    from scipy import sparse

    if groups == 0 or not terms.names:
        return [[] for _ in range(groups)]
    rows = np.flatnonzero(labels >= 0)
    members = sparse.csr_matrix(
        (np.ones(len(rows)), (labels[rows], rows)), shape=(groups, len(labels))
    )
    counts = (members @ terms.presence).toarray()
    sizes = np.bincount(labels[rows], minlength=groups)
    totals = counts.sum(axis=0)
    rarity = np.log1p(counts.sum() / groups / np.maximum(totals, 1.0))
    common = _common(counts, sizes, terms)
    chosen = []
    for group in range(groups):
        own = counts[group]
        weights = own * rarity
        tells = ~common & _tells(own, totals, int(sizes[group]), len(rows))
        telling = _best(np.where(tells, weights, 0.0), own, terms, top_k)
        chosen.append(telling or _best(weights, own, terms, top_k))
    return chosen


def _common(
    counts: Weights, sizes: npt.NDArray[np.int64], terms: TermCounts
) -> npt.NDArray[np.bool_]:
    """Return which terms hold a word that most texts of every one of several groups have.

    Such are headings of a form, addresses, markup and marks of what was masked.

    Args:
        counts: (groups, m) texts of each group with each term.
        sizes: (groups,) texts of each.
        terms: m terms.
    """
    if (sizes > 0).sum() < 2:
        return np.zeros(len(terms.names), dtype=bool)
    shares = (counts[sizes > 0] / sizes[sizes > 0, None]).min(axis=0)
    words = {terms.stems[term][0] for term in np.flatnonzero(shares > _COMMON)
             if len(terms.stems[term]) == 1}  # fmt: skip
    return np.array([not words.isdisjoint(stems) for stems in terms.stems], dtype=bool)


def _tells(own: Weights, totals: Weights, size: int, texts: int) -> npt.NDArray[np.bool_]:
    """Return which terms stand in enough texts of a group, and in few of the others.

    Args:
        own: (m,) texts of the group with each term.
        totals: (m,) texts of all groups with each term.
        size: texts of the group.
        texts: of all groups.
    """
    least = max(_LEAST_TEXTS, _LEAST_SHARE * size) if size >= 2 * _LEAST_TEXTS else 1
    tells: npt.NDArray[np.bool_] = own >= least
    if texts > size:
        inside, outside = own / max(size, 1), (totals - own) / (texts - size)
        tells &= inside >= _LEAST_RATIO * outside
    return tells


def _best(weights: Weights, own: Weights, terms: TermCounts, top_k: int) -> list[str]:
    chosen: list[int] = []
    for term in _ranked(weights, terms):
        if len(chosen) == top_k:
            break
        # looked up for a word that is free: what shares a word with a keyword is none itself
        if _shares(term, chosen, terms):
            continue
        phrases = (
            other
            for other in _ranked(np.where(own >= _PHRASE_SHARE * own[term], weights, 0.0), terms)
            if len(terms.stems[other]) > len(terms.stems[term])
            and set(terms.stems[term]) <= set(terms.stems[other])
            and not _shares(other, chosen, terms)
        )
        chosen.append(next(phrases, term))
    return [terms.names[term] for term in chosen]


def _ranked(weights: Weights, terms: TermCounts) -> Iterator[int]:
    """The terms with a weight, the highest first, longer ones and then the alphabet next."""
    rounded = weights.round(9).tolist()
    yield from sorted(
        np.flatnonzero(weights > 0).tolist(),
        key=lambda term: (-rounded[term], -len(terms.stems[term]), terms.names[term]),
    )


def _shares(term: int, chosen: Sequence[int], terms: TermCounts) -> bool:
    """Return whether a term shares a word with a chosen one, or repeats one of its own."""
    own = terms.stems[term]
    return len(set(own)) < len(own) or any(
        _same_stem(first, second)
        for other in chosen
        for first in own
        for second in terms.stems[other]
    )


def _same_stem(first: str, second: str) -> bool:
    shorter = min(len(first), len(second))
    length = max(4, shorter - 1)  # of the common prefix
    return first == second or (shorter >= length and first[:length] == second[:length])
