"""Checks of texts before they are used or shown."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from metier.errors import ErrorPosition, InputError
from metier.texts.stemming import INVISIBLE

MAX_CHARACTERS = 500_000
"""Longest accepted text. A longer one is nearly always a file read with the wrong separator."""

MAX_DOCUMENT_CHARACTERS = 20_000_000
"""Longest accepted document: some ten thousand pages."""


_UNSEEN = re.compile(rf"(?:[\s\x00-\x1f\x7f-\x9f]|{INVISIBLE.pattern})*+")


def is_blank(text: str) -> bool:
    """Whether a text holds nothing but spaces, controls and characters without a shape.

    Most tokenizers leave them out, so that the vector is that of no text at all.
    """
    return _UNSEEN.fullmatch(text) is not None


NO_TEXTS = "no-texts"
"""Code of the error for an input that holds nothing."""


def used_up(name: str) -> InputError:
    """The error for an iterable without a length, such as a generator, that gives nothing.

    An empty list is meant to be empty; an iterator that was read before looks the same as one that
    never had anything.
    """
    return InputError(
        f"There is no text in {name}: it is an iterator that gives nothing.",
        why="An iterator can be read once. This one was used up before, or had nothing to give.",
        fix="Make a new one for each call, or give a list.",
        code=NO_TEXTS,
    )


def is_missing(value: object) -> bool:
    """Whether a cell is empty: None, or what pandas writes for it (NaN, NA, NaT)."""
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def problem_of(text: object, limit: int = MAX_CHARACTERS) -> str | None:
    """Why a text of at most `limit` characters cannot be used, in a few words; None if it can."""
    if is_missing(text):
        return "is missing"
    if isinstance(text, int | float | Decimal) and not isinstance(text, bool):
        return "is a number, not text"
    if not isinstance(text, str):
        return f"is of type {type(text).__name__}, not text"
    if is_blank(text):
        return "holds no visible character" if text.strip() else "is empty"
    if len(text) > limit:
        return f"has {len(text):,} characters (the limit is {limit:,})"
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


def valid_text(text: str) -> str:
    """The text as valid Unicode: lone surrogates are replaced, pairs become a character."""
    if text.isascii() or lone_surrogate(text) is None:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


_BIDIRECTIONAL = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSAFE = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029{_BIDIRECTIONAL}]")


def printable(text: str, replacement: str = "\N{REPLACEMENT CHARACTER}") -> str:
    """The text with characters replaced that a terminal would act on.

    They are control characters, but for tabs and line feeds, separators of lines and paragraphs,
    and marks that change the order in which characters are shown.

    Args:
        text: any.
        replacement: of each such character.
    """
    return text if text.isprintable() else _UNSAFE.sub(replacement, text)


def printable_json(text: str) -> str:
    """The same JSON with characters escaped that a terminal would act on, as `printable` has it.

    Args:
        text: JSON.
    """
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


REPEATED_ID = "has the same id as"
"""Beginning of the reason why a text with the id of another one cannot be used."""

EMPTY = ("is empty", "holds no visible character")
"""Reasons why a text in which nothing can be read cannot be used."""


def unusable_texts(problems: Sequence[tuple[str, str]], total: int, source: str) -> InputError:
    """One error for all unusable texts of an input: `problems` are pairs of location and reason."""
    shown = "; ".join(f"{location} {reason}" for location, reason in problems[:5])
    more = f"; and {len(problems) - 5} more" if len(problems) > 5 else ""
    repeated = sum(problem.startswith(REPEATED_ID) for _, problem in problems)
    reasons = []
    if repeated:
        reasons.append("A result names a text by its id, which no other text may have.")
    if repeated < len(problems):
        reasons.append(
            "An embedding of an empty, broken or oversized text looks like any other and would end "
            "up in the result unnoticed."
        )
    fix = "Repair them, or leave them out with $skip_invalid."
    if repeated == len(problems):
        fix = (
            "Give each text an id of its own, name the column of the ids with $id_field, or leave "
            "them out with $skip_invalid."
        )
    return InputError(
        f"{len(problems)} of {total} texts of {source} cannot be used: {shown}{more}.",
        why=" ".join(reasons),
        fix=fix,
        parameters={"skip_invalid": True, "id_field": ...},
    )


def require_texts(texts: Iterable[str], *, name: str | None = None) -> None:
    """Raise InputError for the first text that is empty or not valid Unicode.

    A long text is not an error here: the model truncates it with a warning.

    Args:
        texts: for a model.
        name: of a single text in messages, such as `The query`.
    """
    for index, text in enumerate(texts):
        position = ErrorPosition(source=name) if name else ErrorPosition(index=index)
        _require_unicode(text, position)
        if is_blank(text):
            raise InputError(
                "$position holds no visible character." if text.strip() else "$position is empty.",
                position=position,
                why="An embedding of an empty text is similar to some text, like any other.",
                fix="Write what to find."
                if name
                else "Leave empty texts out (with their ids: metier.Texts.of(..., "
                "skip_invalid=True)).",
            )


def require_unicode(texts: Iterable[str]) -> None:
    """Raise InputError for the first text that is not valid Unicode."""
    for index, text in enumerate(texts):
        _require_unicode(text, ErrorPosition(index=index))


def _require_unicode(text: str, position: ErrorPosition) -> None:
    if not isinstance(text, str):
        raise InputError(
            f"$position is of type {type(text).__name__}, not text.",
            position=position,
            fix="Pass a list of strings.",
        )
    at = lone_surrogate(text)
    if at is not None:
        raise InputError(
            f"$position holds a lone surrogate at character {at}.",
            position=position,
            why="It is not valid Unicode: usually the rest of a broken JSON or UTF-16 export.",
            fix="Clean it with text.encode('utf-8', 'replace').decode().",
        )
