"""Patterns of phrases, read into sequences of words.

A pattern is written in words: `word*` is every word that begins so, `(late|behind)` alternatives,
`[ever]` what may be left out, `...` up to three words, `{name}` one of the words of that name.
`{number}` is any number in digits, `{year}` one from 1900 to 2099, and `{end}` no word, where none
follows in the sentence.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection

from metier.close_names import did_you_mean, known_names
from metier.texts.phrase_tokens import APOSTROPHES, Tokens

MAX_FORMS = 20_000
"""Word sequences that one pattern may stand for."""

NUMBER, YEAR, END = "number", "year", "end"
"""Names that every pattern may refer to."""

GAP = "..."

_PART = re.compile(r"[()|\[\]]|\{[^{}\s]*\}|\.\.\.|[^\s()|\[\]{}]+|[{}]")


class PatternError(ValueError):
    """A pattern that cannot be read; its text says why."""


def expand_pattern(pattern: str, names: Collection[str] = ()) -> list[tuple[str, ...]]:
    """Sequences of words, word beginnings (`late*`), names (`{number}`) and `...`.

    Args:
        pattern: as the module describes.
        names: that it may refer to, beside `number`, `year` and `end`.

    Raises:
        PatternError: it cannot be read, or stands for too many sequences.
    """
    parts = _PART.findall(pattern)
    forms, position = _alternatives(parts, 0, names)
    if position < len(parts):
        raise PatternError(f"{parts[position]!r} closes nothing")
    unique = list(dict.fromkeys(forms))
    for form in unique:
        if not form:
            raise PatternError("it stands for no word at all")
        if f"{{{END}}}" in form[:-1] or form == (f"{{{END}}}",):
            raise PatternError(f"'{{{END}}}' has to be the last of several words")
        if GAP in (form[0], form[-1]) or (GAP, GAP) in itertools.pairwise(form):
            raise PatternError("'...' has to be between two words")
    return unique


def _alternatives(
    parts: list[str], position: int, names: Collection[str]
) -> tuple[list[tuple[str, ...]], int]:
    """Forms of alternatives up to a closing bracket or the end, and the position after them."""
    options: list[tuple[str, ...]] = []
    forms: list[tuple[str, ...]] = [()]
    while position < len(parts) and parts[position] not in ")]":
        part = parts[position]
        if part == "|":
            options += forms
            forms = [()]
            position += 1
            continue
        if part in "([":
            inner, position = _alternatives(parts, position + 1, names)
            if position == len(parts) or parts[position] != (")" if part == "(" else "]"):
                raise PatternError(f"{part!r} is not closed")
            choices = inner if part == "(" else [(), *inner]
        else:
            choices = [_sequence(part, names)]
        if len(forms) * len(choices) > MAX_FORMS:
            raise PatternError(f"it stands for more than {MAX_FORMS:,} sequences of words")
        forms = [(*form, *choice) for form in forms for choice in choices]
        position += 1
    return [*options, *forms], position


def _sequence(part: str, names: Collection[str]) -> tuple[str, ...]:
    """What one part of a pattern stands for."""
    if part == GAP:
        return (GAP,)
    if part in "{}":
        raise PatternError(f"{part!r} is not part of a name such as {{number}}")
    if part.startswith("{"):
        return (_require_name(part, [*names, NUMBER, YEAR, END]),)
    is_beginning = len(part) > 1 and part.endswith("*")
    # an ending such as 's is read as one only after a word
    ending = part[0] in APOSTROPHES and len(part) > 1
    keys = Tokens.of(
        ("x" if ending else "") + (part.removesuffix("*") if is_beginning else part)
    ).keys[ending:]
    if not keys or "*" in keys or (is_beginning and not keys[-1][0].isalnum()):
        raise PatternError(f"{part!r} is no word")
    return (*keys[:-1], keys[-1] + "*") if is_beginning else tuple(keys)


def _require_name(part: str, known: Collection[str]) -> str:
    name = part[1:-1]
    if name not in known:
        hint = did_you_mean(name, known) or known_names(known)
        raise PatternError(f"no words are called {name!r}. {hint.rstrip('.')}")
    return part
