"""Words and signs of a text as phrases are compared with them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from metier.texts.stemming import INVISIBLE

_MARKS = r"\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff"  # inside words: accents, unseen characters
_UNSPACED = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # written without spaces
_TOKEN = re.compile(
    rf"""[{_UNSPACED}]
      | \d+
      | (?:(?![{_UNSPACED}_\d])[\w{_MARKS}])+(?:['\u2019\u02bc][tT]\b)?
      | (?<=[^\W\d_])['\u2019\u02bc](?:s|d|m|re|ll|ve)\b
      | [^\w\s{_MARKS}]""",
    re.VERBOSE | re.IGNORECASE,
)
APOSTROPHES = "'\u2019\u02bc"
_INNER = frozenset("-\u2010\u2011" + APOSTROPHES)
"""Signs that are left out between two letters or digits: `ex-husband`, `l'ancien`."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Words and signs of a text.

    Attributes:
        keys: as they are compared: in lower case, without characters that are not seen.
        starts: offset of the first character of each.
        ends: offset after the last one.
        joined: whether a token follows letters or digits without a space, as in `90dpd`.
        words_end: index after the last word; only signs follow.
    """

    keys: list[str]
    starts: list[int]
    ends: list[int]
    joined: list[bool]
    words_end: int

    @classmethod
    def of(cls, text: str) -> Tokens:
        """The tokens of a text."""
        keys: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        joined: list[bool] = []
        for match in _TOKEN.finditer(text):
            start, end = match.span()
            token = match[0]
            if (
                token in _INNER
                and text[start - 1 : start].isalnum()
                and text[end : end + 1].isalnum()
            ):
                continue
            keys.append(_key(token))
            joined.append(
                bool(ends) and ends[-1] == start and _splits(text[start - 1], text[start])
            )
            starts.append(start)
            ends.append(end)
        words_end = len(keys)
        while words_end and not keys[words_end - 1][0].isalnum():
            words_end -= 1
        return cls(keys, starts, ends, joined, words_end)

    def is_word(self, index: int) -> bool:
        """Whether a token is a word or a number rather than a sign."""
        return self.keys[index][0].isalnum()


def _splits(before: str, after: str) -> bool:
    """Whether two characters of a word are in different tokens since one of them is a digit."""
    return before.isdigit() != after.isdigit() and before.isalnum() and after.isalnum()


def _key(token: str) -> str:
    if token.isascii():
        return token.lower()
    folded = unicodedata.normalize("NFKC", INVISIBLE.sub("", token)).casefold()
    if not token[0].isalnum() and len(folded) != 1 and len(token) == 1:
        return token  # a sign that is written as several, such as dots
    return folded.replace("\u2019", "'").replace("\u02bc", "'") or token
