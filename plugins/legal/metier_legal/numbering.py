"""Numbers of clauses: how contracts write them, and which one is due next."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Literal

Style = Literal["part", "decimal", "roman", "letter", "ordinal"]
Component = tuple[int, str]
"""A number with the letter after it: `(4, "A")` of 4A."""
Number = tuple[Component, ...]

_ORDINALS = (
    "FIRST", "SECOND", "THIRD", "FOURTH", "FIFTH", "SIXTH", "SEVENTH", "EIGHTH", "NINTH", "TENTH",
    "ELEVENTH", "TWELFTH", "THIRTEENTH", "FOURTEENTH", "FIFTEENTH", "SIXTEENTH", "SEVENTEENTH",
    "EIGHTEENTH", "NINETEENTH", "TWENTIETH",
)  # fmt: skip
_COUNTED = (
    "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE", "TEN", "ELEVEN",
    "TWELVE",
)  # fmt: skip
_PARTS = (
    "ARTICLE", "SCHEDULE", "EXHIBIT", "ANNEX", "ANNEXURE", "APPENDIX", "ATTACHMENT", "PART",
    "ADDENDUM", "AMENDMENT", "RIDER", "SUPPLEMENT", "ENCLOSURE", "CHAPTER", "TITLE",
)  # fmt: skip
_WORDS = ("SECTION", "CLAUSE", "PARAGRAPH", "SEC.", "SECT.", "CL.", "ART.", "PARA.")


def _either_case(words: tuple[str, ...]) -> str:
    """A pattern for words in capitals or with a capital letter."""
    return "|".join(re.escape(form) for word in words for form in (word, word.capitalize()))


HEAD = re.compile(
    rf"""(?:
        (?P<part>(?:{_either_case(_PARTS)})
                 \s+(?:N[Oo]\.?\s*|NUMBER\s+|Number\s+)?
                 (?:[IVXLC]+|\d{{1,3}}(?:[.-]\d{{1,3}})*[A-Z]?|[A-Z](?:-?\d{{1,3}})?
                   |{_either_case(_COUNTED)})\b
          | \u7b2c[\d\u4e00-\u9fff]{{1,5}}(?:[\u7ae0\u8282]|(?P<article>\u6761)))  # Chinese
      | (?P<word>(?:{_either_case(_WORDS)})\s*|\u00a7\s*)?
        (?P<open>\()?
        (?P<number>\d{{1,3}}(?:-?[A-Z])?(?:\.\d{{1,3}}[A-Z]?)*)
        (?(open)\)|(?:(?P<closed>\))|\.?))
        (?=\s|$|[^\x00-\x7f]|(?<=\.)[A-Z][a-z])
    )""",
    re.VERBOSE,
)
"""A part or a decimal number, where a clause may begin."""
_MARK = re.compile(
    rf"""(?P<open>\()?(?P<alpha>[IVXLC]+|[A-Z])(?:\)|(?(open)(?!)|\.))(?=\s|$)
      | (?P<ordinal>{_either_case(_ORDINALS)})\s*(?:[:.)](?=\s|$)|[-\u2013\u2014](?=\s))""",
    re.VERBOSE,
)
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


@dataclass(frozen=True, slots=True)
class Mark:
    """A roman numeral, a letter or an ordinal at the start of a line."""

    style: Style
    value: int
    end: int


@dataclass(slots=True)
class Outline:
    """The numbers read so far, with the level of each way to number."""

    last: Number = ()
    last_style: Style | None = None
    restarts: bool = True
    """Whether a part or a title came after the last number, so that 1 may be due again."""
    _values: dict[Style, int] = field(default_factory=dict)
    _levels: dict[Style, int] = field(default_factory=dict)
    _base: int = 0

    def begin_part(self) -> None:
        """Go on after the heading of an article or a schedule."""
        self.restarts, self.last_style, self._base = True, None, 0
        self._values.clear()
        self._levels.clear()

    def begin_markdown(self, level: int, number: Number | None) -> None:
        """Go on after a heading whose level is written out, as is that of its number then."""
        self.begin_part()
        if number:
            self._base = level - len(number)
            self.last, self.restarts = number, False
            self._enter("decimal", self._base + 1, level)

    def is_due(self, number: Number) -> bool:
        """Whether a decimal number is the next one."""
        first = number in (((1, ""),), ((1, ""), (1, "")))
        return (self.restarts and first) or follows(number, self.last)

    def has_decimals(self) -> bool:
        """Whether clauses of this part have decimal numbers."""
        return "decimal" in self._levels

    def enter_decimal(self, number: Number) -> int:
        """Note a decimal number; its level."""
        if "decimal" not in self._levels:
            self._base = self._levels[self.last_style] if self.last_style else 0
        level = self._base + len(number)
        self.last = number
        self._enter("decimal", self._base + 1, level)
        return level

    def marks(self, text: str) -> list[Mark]:
        """Readings of the start of a line that are due, the likelier first."""
        match = _MARK.match(text)
        if match is None or (match["open"] and self.has_decimals()):
            return []
        if match["ordinal"]:
            value = _ORDINALS.index(match["ordinal"].upper()) + 1
            readings = [Mark("ordinal", value, match.end())]
        else:
            alpha = match["alpha"]
            readings = [Mark("roman", _roman(alpha), match.end())]
            if len(alpha) == 1:
                # C is a letter where B came before, and a hundred nowhere
                letter = Mark("letter", ord(alpha) - ord("A") + 1, match.end())
                readings.insert(0 if "letter" in self._values else 1, letter)
        return [mark for mark in readings if mark.value == self._values.get(mark.style, 0) + 1]

    def enter(self, mark: Mark) -> int:
        """Note a numeral, letter or ordinal; its level."""
        level = self._levels.get(mark.style)
        if level is None:
            level = 1
            if self.last_style == "decimal":
                level = self._base + len(self.last) + 1
            elif self.last_style is not None:
                level = self._levels[self.last_style] + 1
        self._values[mark.style] = mark.value
        self._enter(mark.style, level, level)
        return level

    def _enter(self, style: Style, own: int, level: int) -> None:
        self._levels[style] = own
        self.last_style = style
        self.restarts = False
        for inner, inner_level in self._levels.items():
            if inner_level > level:
                self._values.pop(inner, None)
                self.restarts = self.restarts or inner == "decimal"


def numbers(text: str) -> Number:
    """The components of a decimal number; 4.0 is 4."""
    parts = [(int(part.rstrip(f"-{ascii_uppercase}")), part[-1]) for part in text.split(".")]
    number = tuple((value, letter if letter.isalpha() else "") for value, letter in parts)
    return number[:-1] if len(number) > 1 and number[-1] == (0, "") else number


def follows(number: Number, last: Number) -> bool:
    """Whether a number is the next after another: 2.3 is after 2.2, and so are 2.2.1, 3 and 2A."""
    first = (1, "")
    if not last:
        return number in ((first,), (first, first))
    if number == (*last, first):
        return True
    if len(number) == 2 and number[1] == first and _is_next(number[0], last[0]):
        return True
    above, own = number[:-1], number[-1]
    return (
        len(number) <= len(last) and above == last[: len(above)] and _is_next(own, last[len(above)])
    )


def _is_next(component: Component, last: Component) -> bool:
    value, letter = last
    return component in ((value + 1, ""), (value, chr(ord(letter) + 1) if letter else "A"))


def _roman(numeral: str) -> int:
    values = [_ROMAN.get(character, 0) for character in numeral]
    return sum(
        -value if value < below else value
        for value, below in zip(values, [*values[1:], 0], strict=True)
    )
