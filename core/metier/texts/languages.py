"""Letters and frequent words of languages, to tell in which encoding a text was written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """What texts of a language are made of.

    Attributes:
        encodings: in which it is written, beside Unicode.
        is_letter: whether a lower-case character beyond ASCII belongs to it.
        words: some of its most frequent words; of Chinese, Japanese and Korean, characters.
    """

    encodings: tuple[str, ...]
    is_letter: Callable[[str], bool]
    words: frozenset[str]

    def explains(self, text: str) -> bool:
        """Whether every character beyond ASCII is a letter of it, or a usual sign."""
        return all(
            self.is_letter(beyond[0].lower()) or beyond[0] in _signs_at(text, beyond.start())
            for beyond in _BEYOND_ASCII.finditer(text)
        )

    def count_words(self, text: str) -> int:
        """How many of its frequent words stand in a text; each counts up to three times."""
        if self.encodings[0] in _WITHOUT_SPACES:
            return sum(min(3, text.count(word)) for word in self.words)
        words = "".join(mark if mark.isalpha() else " " for mark in text.lower()).split()
        return sum(min(3, words.count(word)) for word in self.words)


def _signs_at(text: str, position: int) -> str:
    """The signs that may stand at a position: fewer inside of a word."""
    in_word = (
        text[position - 1 : position].isalpha() and text[position + 1 : position + 2].isalpha()
    )
    return _IN_WORDS if in_word else _SIGNS


_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_IN_WORDS = "’‘\u00ad·"
_SIGNS = _IN_WORDS + "“”„‚«»‹›–—…•€£§°©®™½¼¾²³±×µ¿¡ºª\u00a0"
_WITHOUT_SPACES = ("cp932", "gb18030", "big5", "cp949")


def _latin(encoding: str, letters: str, words: str) -> Language:
    # those of DOS and of the old Mac have all letters of Western Europe, and others where cp1252
    # has the quotation marks of English
    is_western = encoding == "cp1252" and "the" not in words.split()
    old = ("mac_roman", "cp850") if is_western else ()
    return Language((encoding, *old), frozenset(letters).__contains__, _words(words))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _in_script(*names: str) -> Callable[[str], bool]:
    def is_letter(character: str) -> bool:
        return unicodedata.name(character, "").startswith(names)

    return is_letter


_CJK = ("CJK UNIFIED", "FULLWIDTH", "IDEOGRAPHIC", "LEFT", "RIGHT")
_KANA = ("HIRAGANA", "KATAKANA", *_CJK)

LANGUAGES = (
    _latin("cp1252", "éèêëïöüäñçáíóôâ", "the and to of is was for my i not on with a have"),
    _latin("cp1252", "àâæçéèêëîïôœùûüÿ", "le la les des et est un une je ne pas que pour du au"),
    _latin("cp1252", "äöüßé", "der die das und ist nicht ich ein eine zu mit den von auf im"),
    _latin("cp1252", "áéíñóúü", "el la los las que y de no un una por con para mi se en"),
    _latin("cp1252", "áàâãçéêíóôõúü", "o os que e de um uma por com para meu se em as do da"),
    _latin("cp1252", "àèéìíîòóùú", "il la che e di un una per con non mi si in le del della"),
    _latin("cp1252", "éëïóöüèáí", "de het een en van ik niet is dat op te met voor mijn"),
    _latin("cp1252", "åäöé", "och att det som en är jag inte på för med har vill mitt"),
    _latin("cp1252", "æøåéô", "og at det som en er jeg ikke på for med har vil mitt"),
    _latin("cp1252", "äöåšž", "ja on ei se että en oli mutta kun niin minun ole"),
    _latin("cp1252", "áéíóúýþæðö", "og að það sem er ekki í á ég um til með hefur"),
    _latin("cp1250", "ąćęłńóśźż", "i w nie na się z do że to jest o za po od mi"),
    _latin("cp1250", "áčďéěíňóřšťúůýž", "a je se na v že to s z do o si za po jsem"),
    _latin("cp1250", "áäčďéíĺľňóôŕšťúýž", "a je sa na v že to s z do o si za po som"),
    _latin("cp1250", "áéíóöőúüű", "a az és nem hogy egy is van ez meg de volt csak mint"),
    _latin("cp1250", "ăâîşţșț", "și si de la nu un o cu pe în in am este care să"),
    _latin("cp1250", "čćđšž", "i je se na u da ne za od su s sam koji mi"),
    _latin("cp1254", "çğıöşüâî", "ve bir bu da de için ne ben çok var daha gibi ama"),
    Language(
        ("cp1251", "koi8_r"),
        _in_script("CYRILLIC"),
        _words("и в не на я что с по это как у за мне но а к из від та не i з"),
    ),
    Language(
        ("cp1253",),
        _in_script("GREEK"),
        _words("και το η ο να του της με για τα την δεν από που στο μου δύο"),
    ),
    Language(
        ("cp932", "euc_jp"), _in_script(*_KANA), frozenset("のにはをたがでてとしれいなるすま。、")
    ),
    Language(
        ("gb18030",),
        _in_script(*_CJK),
        frozenset("的一是不了我在有人这他们来个到说你为和没请还要会"),
    ),
    Language(
        ("big5",), _in_script(*_CJK), frozenset("的一是不了我在有人這他們來個到說你為和沒請還要會")
    ),
    Language(
        ("cp949",), _in_script("HANGUL", *_CJK), frozenset("이다는에을를가의하고은로지도시니어요습")
    ),
)
"""Languages with many letters beyond ASCII, the first English with its loan words."""

_LEAST_EXPLAINED = 0.9
"""Share of the lines of a text that has to read well; a name may be in another language."""

ENCODINGS = tuple(dict.fromkeys(name for known in LANGUAGES for name in known.encodings))
"""Encodings that are looked for, the more usual ones first."""


def word_evidence(encoding: str, text: str) -> int | None:
    """Frequent words of the languages that explain the lines of a text best.

    Args:
        encoding: in which the text may have been written.
        text: as it reads in that encoding.

    Returns:
        How many there are; None if too many lines have letters that are not in any language of
        that encoding.
    """
    languages = [language for language in LANGUAGES if encoding in language.encodings]
    lines = [line for line in text.splitlines() if line.strip()]
    counts = [
        max((lang.count_words(line) for lang in languages if lang.explains(line)), default=None)
        for line in lines
    ]
    explained = [count for count in counts if count is not None]
    if not explained or len(explained) < _LEAST_EXPLAINED * len(lines):
        return None
    return sum(explained)
