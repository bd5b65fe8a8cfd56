"""Numbers of clauses: how contracts write them, and which one is due next."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

Style = Literal["part", "decimal", "roman", "letter", "ordinal", "count"]
Component = tuple[int, str]
"""A number with the letter after it: `(4, "A")` of 4A."""
Number = tuple[Component, ...]

_TO_TWENTY = (
    "FIRST", "SECOND", "THIRD", "FOURTH", "FIFTH", "SIXTH", "SEVENTH", "EIGHTH", "NINTH", "TENTH",
    "ELEVENTH", "TWELFTH", "THIRTEENTH", "FOURTEENTH", "FIFTEENTH", "SIXTEENTH", "SEVENTEENTH",
    "EIGHTEENTH", "NINETEENTH", "TWENTIETH",
)  # fmt: skip
_ORDINALS = (
    *_TO_TWENTY,
    *(f"{ten}-{unit}" for ten in ("TWENTY", "THIRTY") for unit in _TO_TWENTY[:9]),
)
_COUNTED = (
    "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE", "TEN", "ELEVEN",
    "TWELVE",
)  # fmt: skip
_INNER_PARTS = (
    "ARTICLE", "PART", "CHAPTER", "TITLE",
    "ARTIKEL", "ARTICOLO", "ART\u00cdCULO", "ARTICULO", "ARTIGO", "CL\u00c1USULA", "CLAUSULA",
)  # fmt: skip
_IBERIAN_ORDINALS = (
    "PRIMERA", "PRIMEIRA", "SEGUNDA", "TERCERA", "TERCEIRA", "CUARTA", "QUARTA", "QUINTA", "SEXTA",
    "S\u00c9PTIMA", "S\u00c9TIMA", "OCTAVA", "OITAVA", "NOVENA", "NONA", "D\u00c9CIMA",
)  # fmt: skip
_ATTACHED = (
    "SCHEDULE", "EXHIBIT", "ANNEX", "ANNEXURE", "APPENDIX", "ATTACHMENT", "ADDENDUM", "AMENDMENT",
    "RIDER", "SUPPLEMENT", "ENCLOSURE", "STATEMENT OF WORK", "WORK ORDER", "SERVICE ORDER",
    "CHANGE ORDER", "TASK ORDER", "ORDER FORM",
)  # fmt: skip
_WORDS = ("SECTION", "CLAUSE", "PARAGRAPH", "SEC.", "SECT.", "CL.", "ART.", "PARA.")
_LATIN = {"bis": "A", "ter": "B", "quater": "C", "quinquies": "D"}


def _either_case(words: tuple[str, ...]) -> str:
    """A pattern for words in capitals or with a capital letter."""
    forms = [
        form
        for word in words
        for form in (word, word.capitalize(), word.title().replace(" Of ", " of "))
    ]
    return "|".join(re.escape(form) for form in dict.fromkeys(forms))


HEAD = re.compile(
    rf"""(?:
        (?P<part>(?:(?P<attached>{_either_case(_ATTACHED)})|{_either_case(_INNER_PARTS)})
                 \s+(?:N[Oo]\.?\s*|NUMBER\s+|Number\s+)?["\u201c]?
                 (?:\d{{1,3}}(?:\.?[\u00ba\u00aa\u00b0]|er\b)  # 1.o in Portuguese, 1er in French
                   |(?:[IVXLC]+|\d{{1,3}}(?:[.-]\d{{1,3}})*[A-Z]?|[A-Z](?:[-.]?\d{{1,3}})?
                      |{_either_case((*_COUNTED, *_ORDINALS, *_IBERIAN_ORDINALS))})\b)
                 (?:["\u201d]|(?:\([a-z0-9]{{1,4}}\))+)?
          | \u7b2c[\d\u4e00-\u9fff]{{1,5}}(?:[\u7ae0\u8282]|(?P<article>\u6761)))  # Chinese
      | (?P<word>(?:{_either_case(_WORDS)})\s*|[\u00a7\u00b6]\s*)?
        (?P<open>\()?
        (?P<number>(?:[A-Z]\.(?=\d))?
                   (?:\d{{1,3}}|\d{{4}}(?=[.):]))  # four: years begin lines, too
                   (?:-?[A-Z]|[a-z]|[ ]?(?:{"|".join(_LATIN)}))?(?:\.\d{{1,3}}[A-Za-z]?)*)
        (?(open)\)|(?:(?P<closed>\))|[.:/]?))
        (?=\s|$|[^\x00-\x7f]|(?<=\.)[A-Z][a-z])
    )""",
    re.VERBOSE,
)
"""A part or a decimal number, where a clause may begin."""
_INITIALS = "".join(sorted({word[0] for word in (*_ATTACHED, *_INNER_PARTS, *_WORDS)}))
HEAD_START = re.compile(rf"\s(?=[(\d\u00a7\u00b6\u7b2c]|[{_INITIALS}][\w.]|[A-Z]\.\d)")
"""Whitespace before what `HEAD` may match: looked for first, since it is quick to tell."""
_CLAUSE = _either_case(_WORDS[:3])
_DASH = r"\s[-\u2013\u2014]"
_STOP = r"\s*(?:[:.)](?=\s|$)|[-\u2013\u2014](?=\s))"
MARK = re.compile(
    rf"""(?P<open>\()?(?P<alpha>[IVXLC]+|[A-Z])(?:\)|(?(open)(?!)|(?:\.|{_DASH})))(?=\s|$)
      | (?P<small>\(?(?:[ivxl]+|[a-z])[.)])(?=\s|$)
      | (?:{_CLAUSE})\s+(?P<named>[IVXLC]+|[A-Z])(?:[.:)]|{_DASH})?(?=\s|$)
      | (?:{_CLAUSE})\s+(?P<counted>{_either_case(_COUNTED)})[.:]?(?=\s|$)
      | (?P<ordinal>{_either_case(_ORDINALS[::-1])})(?:[ ](?:{_CLAUSE}))?{_STOP}
      | (?P<count>{_either_case(_COUNTED)}){_STOP}""",
    re.VERBOSE,
)
"""A numeral, a letter, an ordinal or a number in words, where a clause may begin."""
_COMPONENT = re.compile(r"(\d*)[- ]?([A-Za-z]*)")
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


@dataclass(frozen=True, slots=True)
class Mark:
    """A roman numeral, a letter or an ordinal at the start of a line."""

    style: Style
    value: int
    end: int
    has_word: bool = False
    """Whether `Section` or the like stands before it."""


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
    _floor: int = 0
    """Level of the part or heading that the numbers stand under."""
    _parts: list[str] = field(default_factory=list)
    """Words of the parts open now, outermost first: a schedule, a part of it."""

    def begin_part(self, level: int = 0) -> None:
        """Go on after the heading of an article or a schedule."""
        self.restarts, self.last_style = True, None
        self._base = self._floor = level
        self._values.clear()
        self._levels.clear()

    def enter_part(self, word: str, *, attached: bool) -> int:
        """Note an article, a schedule or another part; its level.

        What is attached stands under nothing, and parts of each kind under those named first.
        """
        word = word.upper()
        if attached:
            self._parts = [word]
        elif word in self._parts:
            del self._parts[self._parts.index(word) + 1 :]
        else:
            self._parts.append(word)
        level = len(self._parts) - 1
        self.begin_part(level)
        return level

    def begin_markdown(self, level: int, number: Number | None) -> None:
        """Go on after a heading whose level is written out, as is that of its number then."""
        self.begin_part(level)
        if number:
            self._base = level - len(number)
            self.last, self.restarts = number, False
            self._enter("decimal", self._base + 1, level)

    def is_due(self, number: Number) -> bool:
        """Whether a decimal number is the next one."""
        first = number in (((1, ""),), ((1, ""), (1, "")))
        return (self.restarts and first) or follows(number, self.last)

    def goes_back(self, number: Number) -> bool:
        """Whether a decimal number comes before the last one, or is the last one again."""
        return bool(self.last) and not self.restarts and number <= self.last

    def has(self, style: Style) -> bool:
        """Whether clauses of this part have numbers of a style."""
        return style in self._levels

    def enter_decimal(self, number: Number) -> int:
        """Note a decimal number; its level."""
        if "decimal" not in self._levels:
            self._base = self._levels[self.last_style] if self.last_style else self._floor
        level = self._base + len(number)
        self.last = number
        self._enter("decimal", self._base + 1, level)
        return level

    def marks(self, text: str, *, small: bool = False, anywhere: bool = False) -> list[Mark]:
        """Readings of the start of a line that are due, the likelier first.

        Args:
            text: the line.
            small: whether small letters and numerals are read, too.
            anywhere: whether the first one may be any: an excerpt does not begin with I or A.
        """
        match = MARK.match(text)
        if match is None or (match["open"] and self.has("decimal")):
            return []
        word = match["named"] or match["counted"]
        end = match.end()
        if match["ordinal"] or match["count"] or match["counted"]:
            style: Style = "ordinal" if match["ordinal"] else "count"
            words = _ORDINALS if match["ordinal"] else _COUNTED
            named = match["ordinal"] or match["count"] or match["counted"]
            readings = [Mark(style, words.index(named.upper()) + 1, end, bool(word))]
        elif match["small"] and not small:
            return []
        else:
            alpha = (match["alpha"] or match["named"] or match["small"]).strip("().").upper()
            readings = [Mark("roman", roman_number(alpha), end, bool(word))]
            if len(alpha) == 1:
                # C is a letter where B came before, and a hundred nowhere
                letter = Mark("letter", ord(alpha) - ord("A") + 1, end, bool(word))
                readings.insert(0 if "letter" in self._values else 1, letter)
        return [
            mark
            for mark in readings
            if mark.value == self._values.get(mark.style, 0) + 1
            or (anywhere and mark.value > 1 and mark.style not in self._values)
        ]

    def enter(self, mark: Mark) -> int:
        """Note a numeral, letter or ordinal; its level."""
        level = self._levels.get(mark.style)
        if level is None:
            level = self._floor + 1
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
    """The components of a decimal number; 4.0 is 4, and A of A.1 is a letter without a number."""
    number: list[Component] = []
    for part in text.split("."):
        digits, letter = _COMPONENT.fullmatch(part).groups()  # type: ignore[union-attr]
        number.append((int(digits or 0), _LATIN.get(letter, letter.upper())))
    return tuple(number[:-1]) if len(number) > 1 and number[-1] == (0, "") else tuple(number)


def follows(number: Number, last: Number) -> bool:
    """Whether a number is the next after another: 2.3 is after 2.2, and so are 2.2.1, 3 and 2A."""
    return number in successors(last)


def successors(last: Number) -> list[Number]:
    """The numbers that may come next after one; the first ones, where none was read."""
    first = (1, "")
    if not last:
        return [(first,), (first, first)]
    following: list[Number] = [(*last, first)]
    for depth, (value, letter) in enumerate(last):
        for component in ((value + 1, ""), (value, chr(ord(letter) + 1) if letter else "A")):
            following.append((*last[:depth], component))
            if depth == 0:
                following.append((component, first))
    return following


def article_number(part: str) -> int | None:
    """The number of an article, in digits or Roman numerals; None for other parts and words."""
    word, _, number = part.partition(" ")
    if word.upper() != "ARTICLE":
        return None
    if number.isdecimal():
        return int(number)
    return roman_number(number) if number and set(number) <= set(_ROMAN) else None


def roman_number(numeral: str) -> int:
    """The value of a Roman numeral; 0 where it has no letter of one."""
    values = [_ROMAN.get(character, 0) for character in numeral]
    return sum(
        -value if value < below else value
        for value, below in zip(values, [*values[1:], 0], strict=True)
    )
