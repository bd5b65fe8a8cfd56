"""Numbers of lists and pages as they are shown: Roman, as letters, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_LARGEST_ROMAN = 3999
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_MOST_LETTERS = 26 * 30
_SMALL = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
    "eighteen", "nineteen")  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth",
             "eight": "eighth", "nine": "ninth", "twelve": "twelfth"}  # fmt: skip


def format_number(value: int, kind: str, width: int = 0) -> str:
    """A counter as it is shown; one that cannot be shown so is shown as a decimal.

    Args:
        value: of the counter.
        kind: as Word names it; `letters` and `LETTERS` are those of HTML.
        width: digits that a decimal is filled to.
    """
    if kind == "none":
        return ""
    if kind in ("lowerLetter", "upperLetter") and 0 < value <= _MOST_LETTERS:
        times, letter = divmod(value - 1, 26)
        return chr(ord("a" if kind == "lowerLetter" else "A") + letter) * (times + 1)
    if kind in ("letters", "LETTERS") and value > 0:
        return "".join(_letters(value, kind == "LETTERS"))[::-1]
    if kind in ("lowerRoman", "upperRoman") and 0 < value <= _LARGEST_ROMAN:
        roman = "".join(_roman(value))
        return roman if kind == "lowerRoman" else roman.upper()
    if kind in ("cardinalText", "ordinalText") and 0 <= value < 100:
        return _words(value, ordinal=kind == "ordinalText").capitalize()
    if kind == "ordinal":
        teen = 10 < value % 100 < 14
        return f"{value}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(value % 10, 'th')}"
    return str(value).zfill(width)


def _letters(value: int, is_upper: bool) -> Iterator[str]:
    """The letters of a counter from the last one: after `z` comes `aa`, then `ab`."""
    while value:
        value, letter = divmod(value - 1, 26)
        yield chr(ord("A" if is_upper else "a") + letter)


def _roman(value: int) -> Iterator[str]:
    for unit, letters in _ROMAN:
        count, value = divmod(value, unit)
        yield letters * count


def _words(value: int, *, ordinal: bool) -> str:
    tens, units = divmod(value, 10)
    words: Iterable[str] = (
        [_SMALL[value]] if value < 20 else [_TENS[tens - 2], *([_SMALL[units]] if units else [])]
    )
    *before, last = words
    if ordinal:
        last = _ORDINALS.get(last, (last[:-1] + "ie" if last.endswith("y") else last) + "th")
    return "-".join([*before, last])


def roman_value(text: str) -> int:
    """The value of a Roman number in any case; 0 where it is none."""
    letters = text.lower()
    value = position = 0
    for unit, digits in _ROMAN:
        while letters.startswith(digits, position):
            value, position = value + unit, position + len(digits)
    is_roman = 0 < value <= _LARGEST_ROMAN and "".join(_roman(value)) == letters
    return value if is_roman else 0
