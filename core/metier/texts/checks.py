"""What a text must be before a model may see it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from metier.errors import InputError

MAX_CHARACTERS = 500_000
"""Longest accepted text. A longer one is nearly always a file read with the wrong separator."""


def is_missing(value: object) -> bool:
    """Whether a cell is empty: None, or what pandas writes for it (NaN, NA, NaT)."""
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def problem_of(text: object) -> str | None:
    """Why a text cannot be used, in a few words; None when it can."""
    if is_missing(text):
        return "is missing"
    if not isinstance(text, str):
        return f"is of type {type(text).__name__}, not text"
    if not text.strip():
        return "is empty"
    if len(text) > MAX_CHARACTERS:
        return f"has {len(text):,} characters (the limit is {MAX_CHARACTERS:,})"
    surrogate = lone_surrogate(text)
    if surrogate is not None:
        return f"holds a lone surrogate at character {surrogate}, which is not valid Unicode"
    return None


def lone_surrogate(text: str) -> int | None:
    """Position of the first lone surrogate, None if the text is valid Unicode."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        return error.start
    return None


def refuse(problems: Sequence[tuple[str, str]], total: int, source: str) -> InputError:
    """One error for all unusable texts of an input: `problems` are (place, what is wrong)."""
    shown = "; ".join(f"{place} {what}" for place, what in problems[:5])
    more = f"; and {len(problems) - 5} more" if len(problems) > 5 else ""
    return InputError(
        f"{len(problems)} of {total} texts of {source} cannot be used: {shown}{more}.",
        why="An embedding of an empty, broken or oversized text looks like any other and would "
        "end up in the result unnoticed.",
        fix="Mend them, or leave them out with --skip-invalid "
        "(in Python: Texts.of(..., skip_invalid=True)).",
    )


def require_unicode(texts: Iterable[str]) -> None:
    """Raise InputError for the first text no tokenizer can read."""
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(
                f"Text {index} is of type {type(text).__name__}, not text.",
                fix="Pass a list of strings.",
            )
        at = lone_surrogate(text)
        if at is not None:
            raise InputError(
                f"Text {index} holds a lone surrogate at character {at}.",
                why="It is not valid Unicode: usually the rest of a broken JSON or UTF-16 export.",
                fix="Clean it with text.encode('utf-8', 'replace').decode().",
            )
