"""Columns of texts that are numbers or dates, as CSV has them, and what a spreadsheet shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from metier.results.table import is_empty

_DIGITS = 15
"""Digits of a number that Excel keeps."""

_WHOLE = re.compile(r"-?(0|[1-9]\d{0,14})")
_DECIMAL = re.compile(r"-?(0|[1-9]\d*)(?:\.(\d+))?")
_COMMA = re.compile(r"-?(0|[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d*)(?:,(\d+))?")
_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}(,\d{3})+")
"""A number with a comma that may be one between thousands."""

_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


@dataclass(frozen=True, slots=True)
class TextForm:
    """What the texts of a column are.

    Attributes:
        convert: a text of the column as a number or a date.
        format: as Excel writes number formats; empty for its own.
        about: what is done that the texts do not say themselves; empty for plain numbers.
    """

    convert: Callable[[str], float | date]
    format: str = ""
    about: str = ""


def form_of(cells: Iterable[object], *, own: bool) -> TextForm | None:
    """What all the texts of a column are; None if they are only texts, or some are no texts.

    Whole numbers are numbers, unless one is written otherwise than a program writes it, such as
    `007`. Decimal numbers are if each is written as a program writes it, or all have as many
    decimals, which then are shown; so `1.1` beside `1.10` stay texts. Numbers with a decimal comma
    are if no comma can be one between thousands or between the parts of a list.

    Args:
        cells: of the column, in all tables that have it.
        own: whether it is a column of the input; ids and labels of a result are whole numbers or
            texts.
    """
    filled = [cell for cell in cells if not is_empty(cell)]
    texts = [cell for cell in filled if isinstance(cell, str)]
    if not texts or len(texts) < len(filled):
        return None
    if all(map(_WHOLE.fullmatch, texts)):
        return TextForm(int)
    if not own:
        return None
    return _decimals(texts) or _decimal_commas(texts) or _dates(texts)


def _decimals(texts: Sequence[str]) -> TextForm | None:
    decimals = _decimals_of(texts, _DECIMAL)
    if decimals is None:
        return None
    if all(_WHOLE.fullmatch(text) or repr(float(text)) == text for text in texts):
        return TextForm(float)
    if len(decimals) == 1:
        return TextForm(float, _format(decimals))
    return None


def _decimal_commas(texts: Sequence[str]) -> TextForm | None:
    decimals = _decimals_of(texts, _COMMA)
    with_comma = [text for text in texts if "," in text]
    if decimals is None or not with_comma or all(map(_THOUSANDS.fullmatch, with_comma)):
        return None
    is_amount = decimals == {2} or any(re.search(r"\d{3}", text.split(",")[0]) for text in texts)
    if not is_amount:
        return None  # perhaps lists of two numbers
    return TextForm(
        lambda text: float(text.replace(".", "").replace(",", ".")),
        _format(decimals) if len(decimals) == 1 else "",
        "decimal commas were read as such",
    )


def _decimals_of(texts: Iterable[str], number: re.Pattern[str]) -> set[int] | None:
    """The numbers of decimals that there are; None where a text is no such number."""
    counts = set()
    for text in texts:
        match = number.fullmatch(text)
        if match is None or sum(map(str.isdigit, text)) > _DIGITS:
            return None
        counts.add(len(match[2] or ""))
    return counts


def _format(decimals: Iterable[int]) -> str:
    (count,) = decimals
    return "0." + "0" * count if count else "0"


def _dates(texts: Sequence[str]) -> TextForm | None:
    if all(_date(text) is not None for text in texts):
        return TextForm(
            lambda text: _date(text) or date.min, "dd.mm.yyyy", "day.month.year was read as a date"
        )
    return None


def _date(text: str) -> date | None:
    match = _DATE.fullmatch(text)
    if match is not None and int(match[3]) >= 1900:
        with suppress(ValueError):
            return date(int(match[3]), int(match[2]), int(match[1]))
    return None
