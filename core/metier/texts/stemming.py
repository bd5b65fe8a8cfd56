"""Stems of words, by the Snowball algorithms, and common English words."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection
from functools import cache, lru_cache

_ENGLISH = """
a about also am an and any are as at be been being but by can could did do does for from had has
have he her him his how i if in into is it its may me my no not of on or our shall she should so
some such than that the their them then there these they this to was we were what when where which
who whom why will with would you your
"""
COMMON_WORDS = frozenset(_ENGLISH.split())
"""English words that say nothing about the subject of a text, in lower case.

Lexical search and the search for instructions leave them out. Keywords of groups leave out
scikit-learn's longer list, which is made for that.
"""

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
"""Characters that stand in words unseen: soft hyphens, zero-width spaces and joiners, directions of
writing, variants of a shape (Unicode's Default_Ignorable_Code_Point, as far as texts hold them)."""
_WORD = re.compile(r"[^\W_]+")
_MOST_KNOWN = 100_000
_LONGEST = 40
"""Words whose stems are kept, and letters of the longest: some tens of megabytes at most."""


@cache
def stemmer(language: str) -> Callable[[str], str]:
    """A function from a word in lower case to its stem, safe to use from several threads.

    It is the same for all that ask for a language, and keeps the stems of words, which the
    algorithm takes some twenty microseconds for.

    Args:
        language: of Snowball, such as `english`; `none` leaves words as they are.
    """
    if language == "none":
        return lambda word: word
    import snowballstemmer

    algorithm = snowballstemmer.stemmer(language)
    lock = threading.Lock()  # the algorithm keeps the word that it works on

    def compute(word: str) -> str:
        with lock:
            return str(algorithm.stemWord(word))

    known = lru_cache(maxsize=_MOST_KNOWN)(compute)
    return lambda word: known(word) if len(word) <= _LONGEST else compute(word)


def english_stems(text: str, ignored: Collection[str] = COMMON_WORDS) -> list[str]:
    """Stems of the words of an English text, in order.

    Args:
        text: any.
        ignored: words in lower case that are left out.
    """
    stem = stemmer("english")
    return [
        stem(word) for word in _WORD.findall(INVISIBLE.sub("", text.lower())) if word not in ignored
    ]
