"""The words and phrases of texts: which text has which, by the stems of their words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from metier.analysis.function_words import FunctionWords, languages_of
from metier.texts.stemming import INVISIBLE, stemmer

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Numbers = npt.NDArray[np.int64]

_WORD = re.compile(r"\b[^\W\d_][\w'-]*[^\W_]\b")
"""Words that start with a letter; numbers tell little about a group."""

_ELIDED = re.compile(r"^(?:[cdjlmnst]|qu|un|(?:d|n|s)?[ae]ll|quest)'(?=\w)")
"""What French and Italian write together with the next word: `l'`, `dell'`."""

_LEAST_TIES = 0.3
"""Least normalized pointwise mutual information of the words of a phrase."""

_LEAST_TEXTS = 3
"""Texts that a phrase stands in at least."""

_LEAST_OF_PAIR = 0.5
"""What a phrase of three words is of the more frequent of its pairs, at least."""

_CONTENT, _CONNECTING, _EMPTY = 0, 1, 2
_BREAK = -1


@dataclass(frozen=True, slots=True)
class TermCounts:
    """Which of n texts has which of m terms: words, and phrases of two or three words.

    Attributes:
        names: of the m terms, each as it is written most often, in lower case.
        stems: of the words of each term.
        presence: (n, m) sparse, 1 where a text has a term.
    """

    names: tuple[str, ...]
    stems: tuple[tuple[str, ...], ...]
    presence: csr_matrix

    def joined(self, other: TermCounts) -> TermCounts:
        """Return the terms of these texts and then of others, each term under its first name."""
        from scipy import sparse

        numbers = {stems: number for number, stems in enumerate(self.stems)}
        new = [number for number, stems in enumerate(other.stems) if stems not in numbers]
        for number in new:
            numbers[other.stems[number]] = len(numbers)
        columns = np.array([numbers[stems] for stems in other.stems], dtype=np.int64)
        rows, terms = other.presence.nonzero()
        shape = (len(self.presence.indptr) - 1 + len(other.presence.indptr) - 1, len(numbers))
        first = self.presence.tocoo()
        presence = sparse.csr_matrix(
            (
                np.ones(first.nnz + len(rows)),
                (
                    np.concatenate([first.row, rows + first.shape[0]]),
                    np.concatenate([first.col, columns[terms]]),
                ),
            ),
            shape=shape,
        )
        return TermCounts(
            (*self.names, *(other.names[number] for number in new)),
            (*self.stems, *(other.stems[number] for number in new)),
            presence,
        )


def count_terms(texts: Sequence[str], *, stop_words: Collection[str] = ()) -> TermCounts:
    """Find the terms of texts.

    Words are counted by their stem. Numbers and words without content are left out. Words are a
    phrase where nothing but a space stands between them, if they stand so in three texts or more,
    and much more often than by chance: their normalized pointwise mutual information (Bouma 2009)
    is 0.3 at least. A phrase of three words is at least half as frequent as each pair in it; the
    second of them may be a word such as `of`.

    Args:
        texts: n texts.
        stop_words: words in lower case to leave out, besides those that mean nothing in the
            languages of the texts.
    """
    from scipy import sparse

    tokens = _Tokens.of(texts, stop_words)
    words = _terms_of(tokens, _starts(tokens, 1), 1)
    pairs = _terms_of(tokens, _starts(tokens, 2), 2)
    triples = _terms_of(tokens, _starts(tokens, 3), 3)
    bound = _bound_pairs(words, pairs)
    parts = [
        words,
        pairs.take(bound & (pairs.texts >= _LEAST_TEXTS)),
        triples.take(_bound_triples(tokens, words, pairs, triples, bound)),
    ]
    stems = [tuple(tokens.stem_names[stem] for stem in key) for part in parts for key in part.keys]
    names = [name for part in parts for name in part.names]
    return TermCounts(
        tuple(names), tuple(stems), sparse.hstack([part.presence for part in parts], format="csr")
    )


@dataclass(frozen=True, slots=True)
class _Tokens:
    """The words of n texts in a row, with a break where they are no neighbors.

    Attributes:
        stems: (t,) number of the stem, -1 for a break.
        written: (t,) number of the word as it is written.
        texts: (t,) number of the text.
        kinds: (w,) of each written word: with content, connecting or empty.
        stem_names: by number.
        written_names: by number.
        count: n.
    """

    stems: Numbers
    written: Numbers
    texts: Numbers
    kinds: Numbers
    stem_names: list[str]
    written_names: list[str]
    count: int

    @classmethod
    def of(cls, texts: Sequence[str], stop_words: Collection[str]) -> _Tokens:
        seen = [INVISIBLE.sub("", text).replace("\u2019", "'").lower() for text in texts]
        languages = languages_of(seen)
        elides = any(language.language in ("french", "italian") for language in languages)
        numbers: dict[str, int] = {}
        written: list[int] = []
        of_text: list[int] = []
        for row, text in enumerate(seen):
            end = None
            for match in _WORD.finditer(text):
                if end is None or text[end : match.start()].strip() or match.start() - end > 2:
                    written.append(_BREAK)
                    of_text.append(row)
                end = match.end()
                word = _ELIDED.sub("", match.group()) if elides else match.group()
                written.append(numbers.setdefault(word, len(numbers)))
                of_text.append(row)
        names = list(numbers)
        stem_numbers: dict[str, int] = {}
        stem = stemmer(languages[0].language)
        stem_of = [stem_numbers.setdefault(stem(name), len(stem_numbers)) for name in names]
        tokens = np.array(written, dtype=np.int64)
        table = np.array([*stem_of, _BREAK], dtype=np.int64)  # -1, a break, is the last
        return cls(
            stems=table[tokens],
            written=tokens,
            texts=np.array(of_text, dtype=np.int64),
            kinds=_kinds(names, languages, stop_words),
            stem_names=list(stem_numbers),
            written_names=names,
            count=len(texts),
        )


def _kinds(
    names: Iterable[str], languages: Sequence[FunctionWords], stop_words: Collection[str]
) -> Numbers:
    connecting = frozenset().union(*(language.connecting for language in languages))
    empty = frozenset(stop_words).union(
        *(language.function | language.empty for language in languages)
    )
    kinds = [
        _CONNECTING if name in connecting else _EMPTY if name in empty else _CONTENT
        for name in names
    ]
    return np.array([*kinds, _EMPTY], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Terms:
    """Terms of as many words each.

    Attributes:
        keys: (m, words) stems, in rising order.
        counts: (m,) how often each stands in the texts.
        names: of each, as it is written most often.
        presence: (n, m) sparse, 1 where a text has a term.
    """

    keys: Numbers
    counts: Numbers
    names: list[str]
    presence: csr_matrix

    @property
    def texts(self) -> Numbers:
        """(m,) number of texts with each term."""
        return np.asarray(self.presence.sum(axis=0), dtype=np.int64).ravel()

    def take(self, kept: npt.NDArray[np.bool_]) -> _Terms:
        """Those terms of a mask (m,)."""
        names = [name for name, is_kept in zip(self.names, kept, strict=True) if is_kept]
        return _Terms(self.keys[kept], self.counts[kept], names, self.presence[:, kept])

    def rows(self, keys: Numbers) -> Numbers:
        """Return (k,) the rows of keys (k, words) that are there."""
        base = int(max(self.keys.max(initial=0), keys.max(initial=0))) + 1
        rows: Numbers = np.searchsorted(_codes(self.keys, base), _codes(keys, base))
        return rows


def _codes(keys: Numbers, base: int) -> Numbers:
    """Return (k,) a number for each key (k, words), in the same order."""
    codes = keys[:, 0].copy()
    for column in keys.T[1:]:
        codes = codes * base + column
    return codes


def _starts(tokens: _Tokens, words: int) -> Numbers:
    """Return the positions where as many words may be a term."""
    kinds = tokens.kinds[tokens.written]
    last = len(kinds) - words + 1
    if last <= 0:
        return np.zeros(0, dtype=np.int64)
    fits = (kinds[:last] == _CONTENT) & (kinds[words - 1 : words - 1 + last] == _CONTENT)
    if words == 3:
        fits &= (kinds[1 : 1 + last] != _EMPTY) | (kinds[1 : 1 + last] == _CONTENT)
    return np.flatnonzero(fits)


def _terms_of(tokens: _Tokens, starts: Numbers, words: int) -> _Terms:
    from scipy import sparse

    offsets = np.arange(words)
    keys = tokens.stems[starts[:, None] + offsets].reshape(-1, words)
    written = tokens.written[starts[:, None] + offsets].reshape(-1, words)
    base = len(tokens.written_names) + 1
    codes, first, inverse, counts = np.unique(
        _codes(keys, base), return_index=True, return_inverse=True, return_counts=True
    )
    in_text = np.unique(tokens.texts[starts] * max(len(codes), 1) + inverse)
    presence = sparse.csr_matrix(
        (np.ones(len(in_text)), np.divmod(in_text, max(len(codes), 1))),
        shape=(tokens.count, len(codes)),
    )
    return _Terms(keys[first], counts, _names(tokens, written, inverse, base), presence)


def _names(tokens: _Tokens, written: Numbers, terms: Numbers, base: int) -> list[str]:
    """Return of each term the words that it is written with most often."""
    forms, first, counts = np.unique(
        np.column_stack([terms, _codes(written, base)]), axis=0, return_index=True,
        return_counts=True,
    )  # fmt: skip
    best: dict[int, tuple[int, str]] = {}
    for (term, _), row, count in zip(forms.tolist(), first.tolist(), counts.tolist(), strict=True):
        name = " ".join(tokens.written_names[word] for word in written[row])
        # the alphabet decides where two are as frequent
        if term not in best or (-count, name) < (-best[term][0], best[term][1]):
            best[term] = (count, name)
    return [best[term][1] for term in range(len(best))]


def _bound_pairs(words: _Terms, pairs: _Terms) -> npt.NDArray[np.bool_]:
    """Return which pairs stand together much more often than by chance."""
    return _ties(words, pairs.counts, pairs.keys) >= _LEAST_TIES


def _bound_triples(
    tokens: _Tokens,
    words: _Terms,
    pairs: _Terms,
    triples: _Terms,
    bound: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
    """Return which triples are phrases; arguments as of `count_terms`, and which pairs are."""
    if not len(triples.counts):
        return np.zeros(0, dtype=bool)
    kinds = np.full(len(tokens.stem_names), _EMPTY)
    content = tokens.kinds[tokens.written] == _CONTENT
    kinds[tokens.stems[content]] = _CONTENT
    connected = kinds[triples.keys[:, 1]] != _CONTENT
    kept = _ties(words, triples.counts, triples.keys[:, ::2]) >= _LEAST_TIES
    whole = ~connected
    if whole.any():
        keys = triples.keys[whole]
        first, second = pairs.rows(keys[:, :2]), pairs.rows(keys[:, 1:])
        largest = np.maximum(pairs.counts[first], pairs.counts[second])
        kept[whole] = (
            bound[first] & bound[second] & (triples.counts[whole] >= _LEAST_OF_PAIR * largest)
        )
    return kept & (triples.texts >= _LEAST_TEXTS)


def _ties(words: _Terms, counts: Numbers, ends: Numbers) -> npt.NDArray[np.float64]:
    """Return (m,) the normalized pointwise mutual information of m pairs of words.

    Args:
        words: single ones.
        counts: (m,) of the pairs.
        ends: (m, 2) their stems.
    """
    if not len(counts):
        return np.zeros(0)
    total = float(words.counts.sum())
    expected = np.prod([words.counts[words.rows(ends[:, [side]])] / total for side in (0, 1)], 0)
    share = counts / total
    ties: npt.NDArray[np.float64] = np.log(share / expected) / -np.log(np.minimum(share, 0.999999))
    return ties
