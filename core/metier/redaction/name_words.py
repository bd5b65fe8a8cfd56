"""Words of names: which words are none, and where a name that is known is written again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from metier.redaction.identifier_file import IdentifierFile
from metier.redaction.name_lists import load_name_lists

_WORD = re.compile(r"[^\s,^]+")
PARTICLES = frozenset(
    "van von de la los del della di da dos du der den le el al bin ibn ben y".split(),  # noqa: SIM905
)
_TITLES = frozenset(["mr", "mrs", "ms", "miss", "dr", "prof", "jr", "sr", "ii", "iii", "iv", "md"])

# endings of terms that no name has
_TERM = re.compile(
    r"(?:olog(?:y|ist|ists|ic)|iatr(?:y|ics?|ist)|itis|osis|[aeo]mia|ectomy|otomy|ostomy|pathy"
    r"|therap(?:y|ist)|mycin|cillin|olol|(?<=\w\w)pril|sartan|statin|azole|scopy|plasty|uria|ogram|graphy"
    r"|tion|sion|(?<!cle)ment|(?<!hark)(?<!guin)ness|ities|ical|ular|atic)$"
)

_CAPITALIZED = re.compile(
    r"(?<![^\W_])[^\W\d_](?<=[A-Z\u00c0-\u00de])[^\W\d_'\u2019-]{0,60}(?:['\u2019-][^\W\d_]{1,40}){0,4}+"
)

_TOWN_WORDS = frozenset(("new", "north", "south", "east", "west", "port", "lake", "fort", "san"))
"""Words that towns begin with, and terms as well."""

_MOST_WORDS = 2_000
"""Words of names that are looked for again; a text with more is a list of names."""


class NameWords:
    """What tells names from other words that begin with a capital letter.

    Args:
        identifier_files: with words that are no names, names that are words too, eponyms, and
            regions that are too large to identify anybody.
    """

    def __init__(self, identifier_files: Sequence[IdentifierFile]) -> None:
        self._not_names = frozenset(w for f in identifier_files for w in f.not_names)
        self._word_names = frozenset(w for f in identifier_files for w in f.word_names)
        self._not_places = frozenset(w for f in identifier_files for w in f.not_places)
        eponyms = "|".join(re.escape(word) for f in identifier_files for word in sorted(f.eponyms))
        self._term = re.compile(
            rf"(?:['\u2019]s?)?[ -](?:{eponyms})(?![a-z])" if eponyms else r"(?!)", re.IGNORECASE
        )

    def length(
        self, value: str, following: str, *, sure: bool, least_words: int, known: bool = False
    ) -> int:
        """The length of the name that a value begins with, 0 for none.

        Args:
            value: words with capital letters.
            following: what the text goes on with.
            sure: whether the first word is a name, whatever else it may be.
            least_words: that the name has.
            known: whether one of its first two words is a first name that many people have.
        """
        length = words = 0
        is_capital = False
        for position, word in enumerate(_WORD.finditer(value)):
            bare = _bare(word[0])
            if len(bare) > 1 and not (sure and position == 0) and self._is_term(bare):
                break
            if words and _is_capital(word[0]) and not is_capital:
                break  # an abbreviation after a name
            is_capital = is_capital or _is_capital(word[0])
            if bare in PARTICLES and not word[0][:1].isupper():
                continue  # counts with the word after it
            length, words = word.end(), words + 1
        length = len(value[:length].rstrip(", ^"))
        if known and not self._has_first_name(value[:length]):
            return 0
        if words < least_words or not any(len(_bare(w)) > 1 for w in value[:length].split()):
            return 0
        if not sure and length == len(value) and self._term.match(following):
            return 0
        return length

    def length_of_town(self, value: str) -> int:
        """The length of the place that a value begins with, 0 for none."""
        if any(re.match(rf"{region}(?![a-z])", value.lower()) for region in self._not_places):
            return 0
        length = 0
        for word in _WORD.finditer(value):
            if _bare(word[0]) not in _TOWN_WORDS and self._is_term(_bare(word[0])):
                break
            length = word.end()
        return 0 if value[:length].lower() in _TOWN_WORDS else length

    def _has_first_name(self, name: str) -> bool:
        turned = "," in name
        words = [_bare(word) for word in _WORD.findall(name)]
        words = [word for word in words if len(word) > 1]
        first = words[1:2] if turned else words[:1]
        names = load_name_lists().first_names
        return len(words) > 1 and any(w in names and w not in self._word_names for w in first)

    def repeatable(self, name: str) -> Iterator[str]:
        """The words of a name that mean it wherever a text has them."""
        for word in _WORD.findall(name):
            bare = _bare(word)
            known = bare in self._not_names or bare in PARTICLES or bare in _TITLES
            if len(bare) > 2 and not known and bare[0].isalpha() and "." not in bare:
                yield bare

    def mentions(self, text: str, words: Iterable[str]) -> Iterator[tuple[int, int]]:
        """Where a text has words of names, with a capital letter, that are no part of a term."""
        wanted = frozenset(sorted(set(words))[:_MOST_WORDS])
        for word in _CAPITALIZED.finditer(text):
            bare = word[0].lower()
            bare = bare if bare in wanted else re.sub(r"['\u2019]s$", "", bare)
            if bare not in wanted or self._term.match(text, word.end()):
                continue
            # at the beginning of a sentence a name that is a word, too, is taken for that word
            before = text[max(0, word.start() - 2) : word.start()]
            if bare not in self._word_names or re.search(r"[a-z,\ue000][ ]$", before):
                yield _with_initials(text, word.start(), word.start() + len(bare))

    def _is_term(self, word: str) -> bool:
        return word in self._not_names or _TERM.search(word) is not None


def _is_capital(word: str) -> bool:
    letters = _bare(word)
    return len(letters) > 1 and word.isupper()


def _bare(word: str) -> str:
    """A word in small letters without the punctuation around it."""
    return word.strip(".,;:'\u2019\"\u201c\u201d()^").lower()


def _with_initials(text: str, start: int, end: int) -> tuple[int, int]:
    """Where a word of a name is with the initials beside it: `J. Smith`, `SMITH, JOHN A.`"""
    before = re.search(r"(?<![\w.])(?:[A-Z]\.[ ]?){1,2}$", text[max(0, start - 6) : start])
    after = re.match(r"[ ][A-Z]\.(?!\w)", text[end : end + 4])
    return start - len(before[0] if before else ""), end + len(after[0] if after else "")
