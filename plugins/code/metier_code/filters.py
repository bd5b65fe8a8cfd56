"""Conditions on definitions: their language, their file and their kind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated

from pydantic import BeforeValidator, Field

from metier import Condition, field
from metier.plugin import ParameterError
from metier_code.parsing.definition import Kind
from metier_code.parsing.languages import language_named, languages, languages_by_ending
from metier_code.trees.listing import Listing


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


LanguageNames = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_tuple),
    Field(
        description="Only definitions in these languages, such as Python or js; may be given again."
    ),
]
"""Names of languages in any case, short ones, or endings of files; none for all."""

FilePatterns = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_tuple),
    Field(
        description="Only files whose paths match one of these patterns, such as 'src/**/*.py' or "
        "'*_test.go'; may be given again."
    ),
]
"""Patterns of paths below the tree that is searched; none for all."""

Kinds = Annotated[
    tuple[Kind, ...],
    BeforeValidator(_as_tuple),
    Field(description="Only definitions of these kinds; may be given again."),
]
"""Kinds of definitions; none for all."""


def condition_of(
    listing: Listing, *, language: Sequence[str], files: Sequence[str], kind: Sequence[str]
) -> Condition | None:
    """What definitions have to be; None for no condition.

    Args:
        listing: the sources that are searched.
        language: names of languages in any case, short ones, or endings of files.
        files: patterns of paths. One without a slash is about the names of files alone.
        kind: kinds of definitions.

    Raises:
        ParameterError: there is no such language, or no file matches a pattern.
    """
    conditions = []
    if language:
        conditions.append(field("language").is_in([known_language(name) for name in language]))
    if files:
        conditions.append(field("path").is_in(_matching(listing, files)))
    if kind:
        conditions.append(field("kind").is_in(kind))
    if not conditions:
        return None
    whole = conditions[0]
    for condition in conditions[1:]:
        whole = whole & condition
    return whole


def known_language(name: str) -> str:
    """The language that a person calls by its name, a short one (`js`) or an ending (`py`).

    Raises:
        ParameterError: there is no such language.
    """
    known = language_named(name) or languages_by_ending().get(f".{name.lower().lstrip('.')}")
    if known is None:
        by_lower = {known.lower(): known for known in languages()}
        close = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5)
        raise ParameterError(
            f"There is no language {name!r}.",
            why=f"Did you mean {by_lower[close[0]]!r}?"
            if close
            else f"Known: {', '.join(languages())}.",
            fix="Check $language",
            code="unknown-language",
            parameter="language",
            parameters={"language": ...},
        )
    return known


def _matching(listing: Listing, patterns: Sequence[str]) -> list[str]:
    """The names of the files that match one of several patterns."""
    paths = {name: listing.shown(name) for name in listing.files}
    matching: set[str] = set()
    for pattern in patterns:
        expression = _expression(pattern)
        names = {
            name
            for name, path in paths.items()
            if expression.fullmatch(path if "/" in pattern else path.rpartition("/")[2])
        } or {name for name, path in paths.items() if path.startswith(f"{pattern}/")}
        if not names:
            raise ParameterError(
                f"No file matches {pattern!r}.",
                why=f"The sources are, for example, {', '.join(sorted(paths.values())[:3])}.",
                fix="Check $files: ** stands for any folders, * for any characters of a name.",
                parameter="files",
                parameters={"files": ...},
            )
        matching |= names
    return sorted(matching)


def _expression(pattern: str) -> re.Pattern[str]:
    """A pattern of paths as a regular expression; a folder stands for all that is in it."""
    whole = re.sub(r"\*{3,}", "**", pattern.removeprefix("./"))
    if whole.endswith("/"):
        whole += "**"
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", whole)
    signs = {"**/": r"(?:[^/]+/)*", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    return re.compile("".join(signs.get(part) or re.escape(part) for part in parts), re.DOTALL)
