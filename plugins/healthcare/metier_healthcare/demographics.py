"""Age and sex of a patient as notes begin with them: `58-year-old woman`, `79M`, `aged 44`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FEMALE = r"female|woman|lady|girl|f"
_MALE = r"male|man|gentleman|boy|m"
_AGED = re.compile(
    rf"""\b(?:
      (?P<years>\d{{1,3}})[\s-]?(?:years?|yrs?|y\.?)[\s-]?(?:/?\s?o(?:ld)?|of\sage)?\.?[\s-]*
        (?:\w+\s){{0,2}}?(?P<sex>{_FEMALE}|{_MALE})?(?![\w])
    | (?P<parts>\d{{1,3}})[\s-]?(?P<unit>months?|mos?|weeks?|wks?|days?)[\s-]?(?:olds?|of\sage)
        [\s-]*(?:\w+\s){{0,2}}?(?P<young_sex>{_FEMALE}|{_MALE})?(?![\w])
    | (?P<short_years>\d{{1,3}})\s?(?P<short_sex>[FM])(?![\w])
    | (?:aged?|age\s?:)\s?(?P<aged>\d{{1,3}})(?:\s?(?P<aged_unit>months?|weeks?|days?))?(?![\w/])
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_SEX = re.compile(
    r"\b(?:(?P<female>female|woman|lady|she|her)|(?P<male>male|man|gentleman|he|his))\b",
    re.IGNORECASE,
)
_SPAN = re.compile(
    r"\b(?:for|since|past|last|after|over|every|within|about)\s(?:the\s|past\s|last\s)?$",
    re.IGNORECASE,
)
_PARTS_OF_YEAR = {"y": 1, "m": 12, "w": 52.1775, "d": 365.2425}


@dataclass(frozen=True, slots=True)
class Demographics:
    """What a note says of the patient.

    Attributes:
        age: in years; None where it is not stated.
        age_span: offsets of the words that say so.
        sex: `female`, `male`, or empty.
        sex_span: offsets of the words that say so.
    """

    age: float | None = None
    age_span: tuple[int, int] | None = None
    sex: str = ""
    sex_span: tuple[int, int] | None = None


def read_demographics(text: str) -> Demographics:
    """Age and sex of the patient, by the first words that state them."""
    age, age_span, sex, sex_span = None, None, "", None
    for match in _AGED.finditer(text):
        digits = match["years"] or match["parts"] or match["short_years"] or match["aged"]
        if match["years"] and not _states_age(match, text):
            continue
        if int(digits) > 120 and match["parts"] is None:
            continue
        unit = (match["unit"] or match["aged_unit"] or "y")[0].lower()
        age, age_span = int(digits) / _PARTS_OF_YEAR[unit], match.span()
        word = match["sex"] or match["short_sex"] or match["young_sex"]
        if word:
            sex, sex_span = _sex_of(word), match.span()
        break
    if not sex and (words := _SEX.search(text)) is not None:
        sex, sex_span = ("female" if words["female"] else "male"), words.span()
    return Demographics(age, age_span, sex, sex_span)


def _states_age(match: re.Match[str], text: str) -> bool:
    """Whether years are an age: "58-year-old", but not "for 3 years" or "3 years ago"."""
    words = match[0].lower()
    if re.search(r"o(?:ld)?\b|of\sage", words):
        return True
    return match["sex"] is not None and _SPAN.search(text[: match.start()]) is None


def _sex_of(word: str) -> str:
    return "female" if re.fullmatch(_FEMALE, word, re.IGNORECASE) else "male"
