"""Texts to terms: what lexical search compares, and where in the text it stands.

Words are brought to their stem by the Snowball algorithm of a language; identifiers of source code
are also split where people put words together in them. Scripts that are written without spaces
between words become pairs of characters, which find words nobody has to divide (Manning, Raghavan
and Schütze 2008, section 2.2).
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from metier.registry.retrieval import RetrievalSettings

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # Japanese
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\uac00-\ud7af"  # Korean has spaces, but its words carry their particles
)
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u0670\u06d6-\u06ed\u0900-\u0963\u0966-\u0dff"
)
"""Accents and vowel signs that are no letters to a regular expression, and stand in words."""

_WORD = re.compile(
    rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}](?:[^\W_{_UNSPACED}]|[{_MARKS}]|['\u2019](?=[^\W\d_]))*"
)
_IDENTIFIER = re.compile(rf"[{_UNSPACED}]+|[^\W\d{_UNSPACED}][^\W{_UNSPACED}]*|\d+(?:\.\d+)?")
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_A-Za-z]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")

_ENGLISH = """
a about also am an and any are as at be been being but by can could did do does for from had has
have he her him his how i if in into is it its may me my no not of on or our shall she should so
some such than that the their them then there these they this to was we were what when where which
who whom why will with would you your
"""
_COMMON = frozenset(_ENGLISH.split())
"""English words that say nothing of what a text is about."""


class Term(NamedTuple):
    """A term and the stretch of the text that it was made of."""

    name: str
    start: int
    end: int


class Analyser:
    """Makes terms the same way for documents and queries. Safe to use from several threads.

    Args:
        settings: of the domain: what terms are made of, and in which language.
    """

    def __init__(self, settings: RetrievalSettings) -> None:
        self._stretches = _identifiers if settings.terms == "identifiers" else _words
        self._in_pairs = settings.terms == "phrases"
        self._common = _COMMON if settings.language == "english" else frozenset()
        self._stem = _stemmer(settings.language)
        self._stems: dict[str, str] = {}

    def names(self, text: str) -> list[str]:
        """The terms of a text, repeated as they are there."""
        words = list(self.words(text))
        names = [word.name for word in words]
        if self._in_pairs:
            names += [f"{one.name}_{other.name}" for one, other in pairwise(words)]
        return names

    def words(self, text: str) -> Iterator[Term]:
        """The terms of a text in their order, but for pairs of words; some may overlap."""
        for written, start, end, whole in self._stretches(text):
            if _IS_UNSPACED.match(written):
                yield from _pairs(written, start)
                continue
            plain = unicodedata.normalize("NFKC", written).casefold().replace("\u2019", "'")
            if whole:
                yield Term(plain, start, end)  # a name as it is written, endings and all
            elif plain not in self._common:
                yield Term(self._stemmed(plain), start, end)

    def _stemmed(self, word: str) -> str:
        found = self._stems.get(word)
        if found is None:
            if len(self._stems) >= _MOST_STEMS:
                self._stems = {}
            found = self._stems[word] = self._stem(word)
        return found


_MOST_STEMS = 200_000
"""Words whose stem is kept: enough for a language, and some megabytes at most."""


class _Stretch(NamedTuple):
    written: str
    start: int
    end: int
    whole: bool = False


def _words(text: str) -> Iterator[_Stretch]:
    for found in _WORD.finditer(text):
        yield _Stretch(found.group(), found.start(), found.end())


def _identifiers(text: str) -> Iterator[_Stretch]:
    """The parts of identifiers, `parse`, `Http` and `Url` of `parseHttp_Url`, then the whole."""
    for found in _IDENTIFIER.finditer(text):
        whole, start, end = found.group(), found.start(), found.end()
        if _IS_UNSPACED.match(whole) or whole[0].isdigit():
            yield _Stretch(whole, start, end)
            continue
        parts = list(_PART.finditer(whole))
        for part in parts:
            yield _Stretch(part.group(), start + part.start(), start + part.end())
        if len(parts) > 1:
            yield _Stretch(whole, start, end, whole=True)


def _pairs(written: str, start: int) -> Iterator[Term]:
    """Each two neighbours, and each character for words of one."""
    plain = [unicodedata.normalize("NFKC", one) for one in written]
    for place, one in enumerate(plain):
        yield Term(one, start + place, start + place + 1)
        if place + 1 < len(plain):
            yield Term(one + plain[place + 1], start + place, start + place + 2)


def _stemmer(language: str) -> Callable[[str], str]:
    if language == "none":
        return lambda word: word
    import snowballstemmer

    stemmer = snowballstemmer.stemmer(language)
    lock = threading.Lock()  # it keeps the word it is at

    def stem(word: str) -> str:
        with lock:
            return str(stemmer.stemWord(word))

    return stem
