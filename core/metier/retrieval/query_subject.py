"""What a query looks for, without the words that ask and the names of values of fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metier.registry.retrieval_settings import NamedValue, RetrievalSettings

_PREPOSITIONS = "in|with|using|for|by|of|on|from"
_VERSION = r"(?:\s?\d+(?:\.\d+)*)?"
"""Of what is named: Python 3.12."""

_BARE = re.compile(r"\(\s*\)|\[\s*\]")
_SIGNS = " ,.:;?!-"


@dataclass(frozen=True, slots=True)
class QuerySubject:
    """A query, read by the rules of a domain.

    Attributes:
        text: what is looked for; the whole query where nothing would be left.
        values: fields and the values that are named, in lower case.
    """

    text: str
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)


@lru_cache(maxsize=64)
def read_query(query: str, settings: RetrievalSettings) -> QuerySubject:
    """What a query looks for, and the values of fields that it names.

    Only the first line is read so: what follows is a text or code. A name is left out with the
    preposition before it. Where a query names several values of a
    field, it is about both, as in `convert Python to Java`: none of them is wanted, and nothing is
    left out.
    """
    line, newline, rest = query.partition("\n")
    text, values = line, {}
    for named in settings.named_fields:
        named_in = [value for value in named.values if _pattern(value).search(text)]
        if len(named_in) != 1:
            continue
        (value,) = named_in
        values[named.field] = frozenset(single.casefold() for single in value.values)
        text = _BARE.sub(" ", _pattern(value).sub(" ", text))
    shortened = _without_requests(" ".join(text.split()), settings.requests)
    if not values and len(shortened) == len(" ".join(line.split())):
        return QuerySubject(query)
    text = f"{shortened.strip(_SIGNS)}{newline}{rest}"
    return QuerySubject(text if any(letter.isalnum() for letter in text) else query, values)


def _without_requests(text: str, requests: tuple[str, ...]) -> str:
    if not requests:
        return text
    return re.sub(rf"^(?:(?:{_any_of(requests)})(?!\w)[\s,:]*)+", "", text, flags=re.IGNORECASE)


@lru_cache(maxsize=256)
def _pattern(value: NamedValue) -> re.Pattern[str]:
    """Where a query names a value."""
    before = rf"(?:(?<!\w)(?:{_PREPOSITIONS})\s+)?(?<![\w.])"
    after = r"(?![\w+#])"
    ways = []
    if value.words:
        ways.append(rf"{before}(?:{_any_of(value.words)}){_VERSION}{after}\s*:?")
    if value.unclear:
        names = _any_of(value.unclear)
        ways.append(rf"^\s*(?:{names}){_VERSION}\s*:")
        ways.append(rf"(?<!\w)in\s+(?:{names}){_VERSION}(?=\s*[.,:;?!]*\s*$)")
    return re.compile("|".join(ways), re.IGNORECASE)


def _any_of(phrases: Iterable[str]) -> str:
    """A pattern of phrases, the longest first, with any blanks between their words."""
    longest_first = sorted(phrases, key=len, reverse=True)
    return "|".join(r"\s+".join(map(re.escape, phrase.split())) for phrase in longest_first)
