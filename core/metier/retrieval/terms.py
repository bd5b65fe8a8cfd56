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
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from metier.texts.identifiers import PART
from metier.texts.stemming import COMMON_WORDS, INVISIBLE, stemmer

if TYPE_CHECKING:
    from metier.registry.retrieval_settings import RetrievalSettings

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

_JOINING = "\u1160-\u11ff\u3099\u309a\uff9e\uff9f"
"""Parts of Korean syllables and voicing of Japanese ones, which follow what they belong to."""

_PICTURES = (
    "\u231a\u231b\u23e9-\u23f3\u2600-\u27bf\u2b1b\u2b1c\u2b50\u2b55"
    "\U0001f000-\U0001f0ff\U0001f18e-\U0001f19a\U0001f200-\U0001f3fa\U0001f400-\U0001faff"
)
_SKIN = "\U0001f3fb-\U0001f3ff"
_JOINER = "\u200d"
_PICTURE = rf"[{_PICTURES}{_SKIN}][{_SKIN}]?[\U000e0020-\U000e007f]*"
_EMOJI = rf"[\U0001f1e6-\U0001f1ff]{{2}}|{_PICTURE}(?:{_JOINER}{_PICTURE})*"
"""Emoji, each a term as Unicode (UAX 29) and Lucene divide texts: flags, skin tones, and what is
joined. Other signs, such as those of currencies, are no terms."""

_SIGNED = r"(?<![^\W_])(?:[cC]\+\+|[cCfFjJ]#|(?<!\.)\.(?:NET|Net|net))(?![\w+#])"
"""Names that have signs in them: C++, C#, F#, .NET."""

_WORD = re.compile(
    rf"{_SIGNED}|{_EMOJI}|[{_UNSPACED}]+"
    rf"|[^\W_{_UNSPACED}](?:[^\W_{_UNSPACED}]|[{_MARKS}]|['\u2019](?=[^\W\d_{_UNSPACED}]))*"
)
_IDENTIFIER = re.compile(
    rf"{_SIGNED}|{_EMOJI}|[{_UNSPACED}]+|[^\W\d{_UNSPACED}](?:[^\W{_UNSPACED}]|[{_MARKS}])*|\d+(?:\.\d+)?"
)
_IS_SIGNED = re.compile(_SIGNED)
_IS_EMOJI = re.compile(_EMOJI)
_JOINS_EMOJI = re.compile(rf"(?<=[{_PICTURES}{_SKIN}\ufe0f]){_JOINER}(?=[{_PICTURES}])")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_ENCODED = re.compile(
    rf"[^\W_][{_MARKS}{_JOINING}]+|[^\W_\x00-\x7f\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7af]"
)
"""Letters and digits that may be written in other characters, with what joins them."""


class Term(NamedTuple):
    """A term and the stretch of the text that it was made of."""

    name: str
    start: int
    end: int


class Analyzer:
    """Makes terms the same way for documents and queries. Safe to use from several threads.

    Texts that look alike give the same terms, however their characters are encoded, and whatever
    stands in them unseen.

    Args:
        settings: of the domain: what terms are made of, and in which language.
    """

    def __init__(self, settings: RetrievalSettings) -> None:
        self._by_parts = settings.terms == "identifiers"
        self._in_pairs = settings.terms == "phrases"
        self._common = COMMON_WORDS if settings.language == "english" else frozenset()
        self._is_turkish = settings.language == "turkish"
        self._stem = stemmer(settings.language)
        self._known: dict[str, tuple[Term, ...]] = {}

    @property
    def reads_code(self) -> bool:
        """Whether texts are source code, in which words are put together to identifiers."""
        return self._by_parts

    def names(self, text: str) -> list[str]:
        """The terms of a text, repeated as they are there."""
        composed = _normalize(text).text
        names = [
            term.name
            for written in self._pattern.findall(composed)
            for term in self._terms(written)
        ]
        if self._in_pairs:
            names += [f"{first}_{second}" for first, second in pairwise(names)]
        return names

    def words(self, text: str) -> Iterator[Term]:
        """The terms of a text in their order, but for pairs of words; some may overlap."""
        composed, starts, ends = _normalize(text)
        for word in self._pattern.finditer(composed):
            before = word.start()
            for name, start, end in self._terms(word.group()):
                yield Term(name, starts[before + start], ends[before + end - 1])

    @property
    def _pattern(self) -> re.Pattern[str]:
        return _IDENTIFIER if self._by_parts else _WORD

    def _terms(self, written: str) -> tuple[Term, ...]:
        """The terms of a word, an identifier or a stretch without spaces."""
        known = self._known.get(written)
        if known is not None:
            return known
        if _IS_UNSPACED.match(written):
            return tuple(_pairs(written))
        if _IS_EMOJI.match(written):
            return (Term(written, 0, len(written)),)
        if _IS_SIGNED.fullmatch(written):
            return tuple(self._of_signed(written))
        terms = tuple(self._of_identifier(written) if self._by_parts else self._of_word(written))
        if len(written) <= _LONGEST:
            if len(self._known) >= _MOST_KNOWN:
                self._known = {}
            self._known[written] = terms
        return terms

    def _of_word(self, written: str, before: int = 0) -> Iterator[Term]:
        plain = self._folded(written)
        if plain not in self._common:
            yield Term(self._stem(plain), before, before + len(written))

    def _of_signed(self, written: str) -> Iterator[Term]:
        """The letters of a name with signs, and the whole."""
        start = int(written.startswith("."))
        letters = written[start:].rstrip("+#")
        yield from self._of_word(letters, start)
        yield Term(self._folded(written), 0, len(written))

    def _of_identifier(self, written: str) -> Iterator[Term]:
        """The parts of an identifier, `parse`, `Http` and `Url` of `parseHttp_Url`, and the whole,
        which stays as it is written, endings and all."""
        if written[0].isdigit():
            yield from self._of_word(written)
            return
        parts = list(PART.finditer(_shape(written)))
        for part in parts:
            yield from self._of_word(written[part.start() : part.end()], part.start())
        if len(parts) > 1:
            yield Term(self._folded(written), 0, len(written))

    def _folded(self, written: str) -> str:
        """Without regard to case; a dotted capital I is an i in every language."""
        if self._is_turkish:
            written = written.replace("I", "\u0131").replace("\u0130", "i")
        return written.casefold().replace("i\u0307", "i").replace("\u2019", "'")


_MOST_KNOWN = 100_000
"""Words whose terms are kept: enough for a language, and some tens of megabytes at most."""

_LONGEST = 40
"""Characters of a word that is likely to come again."""


class _NormalizedText(NamedTuple):
    """A text in one encoding of its letters, with the positions of each in the original.

    Attributes:
        text: n characters.
        starts: n positions in the original.
        ends: n positions in the original, each after the last character.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


def _normalize(text: str) -> _NormalizedText:
    """Leave out what is not seen, but for what joins emoji; compose letters with their accents,
    and replace wide and narrow letters by usual ones (NFKC).

    Signs stay as they are: a trade mark behind a name would become two letters of it.
    """
    if text.isascii() or INVISIBLE.search(text) is None:
        return _compose(text)
    joiners = {match.start() for match in _JOINS_EMOJI.finditer(text)}
    seen = [
        position
        for position, letter in enumerate(text)
        if position in joiners or not INVISIBLE.match(letter)
    ]
    composed, starts, ends = _compose("".join([text[position] for position in seen]))
    return _NormalizedText(
        composed, [seen[start] for start in starts], [seen[end - 1] + 1 for end in ends]
    )


def _compose(text: str) -> _NormalizedText:
    if unicodedata.is_normalized("NFKC", text):
        return _NormalizedText(text, range(len(text)), range(1, len(text) + 1))
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for match in _ENCODED.finditer(text):
        start, end = match.span()
        letters = unicodedata.normalize("NFKC", match.group())
        if letters == match.group() or "\u2044" in letters:  # a half is no one and two
            continue
        parts += [text[done:start], letters]
        starts += [*range(done, start), *[start] * len(letters)]
        ends += [*range(done + 1, start + 1), *[end] * len(letters)]
        done = end
    starts += range(done, len(text))
    ends += range(done + 1, len(text) + 1)
    return _NormalizedText("".join([*parts, text[done:]]), starts, ends)


def _shape(written: str) -> str:
    """As many characters: a capital, a small letter, a digit or an underscore for each."""
    if written.isascii():
        return written
    return "".join(
        letter if letter == "_" else "A" if letter.isupper() else "0" if letter.isdecimal() else "a"
        for letter in written
    )


def _pairs(written: str) -> Iterator[Term]:
    """Each two neighbors, and each character for words of one."""
    for start, letter in enumerate(written):
        yield Term(letter, start, start + 1)
        if start + 1 < len(written):
            yield Term(written[start : start + 2], start, start + 2)


MOST_TERMS = 1_000_000
"""Terms of chunks that are kept: some tens of megabytes."""


class TermCache:
    """The terms of chunks, kept between searches up to a number. Safe to use from several threads.

    Args:
        settings: what terms are made of.
        limit: terms that are kept.

    Attributes:
        analyzer: makes them.
    """

    def __init__(self, settings: RetrievalSettings, limit: int = MOST_TERMS) -> None:
        self.analyzer = Analyzer(settings)
        self._limit = limit
        self._kept: dict[str, tuple[str, ...]] = {}
        self._count = 0
        self._lock = threading.Lock()

    def names(self, chunk_id: str, content: str) -> tuple[str, ...]:
        """The terms of a chunk, whose id differs where its content does."""
        terms = self._kept.get(chunk_id)
        if terms is None:
            terms = tuple(self.analyzer.names(content))
            with self._lock:
                if self._count + len(terms) > self._limit:
                    self._kept, self._count = {}, 0
                self._kept[chunk_id] = terms
                self._count += len(terms)
        return terms
