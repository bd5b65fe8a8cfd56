"""Words that name no subject, by language: articles, pronouns and the like, and such verbs and
adverbs as `take` and `really`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field

from metier.datafiles.data_model import DataModel
from metier.datafiles.loader import SchemaVersion, load_data

_ENGLISH = "en"

_LEAST_SHARE = 0.05
"""Share of the texts in a language from which on its words are left out."""

_LEAST_FUNCTION_WORDS = 0.1
"""Share of the words of a text that its language has at least."""

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")


def _words(text: object) -> object:
    return frozenset(text.split()) if isinstance(text, str) else text


Words = Annotated[frozenset[str], BeforeValidator(_words)]


class FunctionWords(DataModel):
    """Words of a language that name no subject, in lower case.

    Attributes:
        version: of the schema.
        language: name of its Snowball algorithm.
        connecting: words that may stand inside of a phrase, such as `of` in `shortness of breath`.
        function: articles, pronouns, prepositions, conjunctions and auxiliaries, by which the
            language is recognized, too.
        empty: verbs, adverbs, adjectives and nouns that mean little by themselves.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: SchemaVersion = Field(alias="schema")
    language: str
    connecting: Words
    function: Words
    empty: Words


@cache
def known_languages() -> dict[str, FunctionWords]:
    """Return the words of each known language, by its code in ISO 639."""
    folder = Path(str(files("metier") / "analysis" / "function_words"))
    return {path.stem: load_data(path, FunctionWords) for path in sorted(folder.glob("*.yaml"))}


def languages_of(texts: Iterable[str]) -> list[FunctionWords]:
    """Return the known languages that texts are written in, the most frequent first.

    A text is in the language with most of its function words. A language of fewer than 5 % of the
    texts does not count. English where no text has a function word of any.
    """
    known = known_languages()
    counts = Counter(code for text in texts if (code := _language_of(text)))
    codes = [
        code
        for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if count >= _LEAST_SHARE * counts.total()
    ]
    return [known[code] for code in codes or [_ENGLISH]]


def main_language(text: str) -> str | None:
    """Return the name of the language of a text, such as `english`; None where none is known.

    A tenth of the words of a text are function words of its language at least.
    """
    words = _WORD.findall(text.lower())
    code = _language_of(text)
    if code is None:
        return None
    language = known_languages()[code]
    share = sum(word in language.function for word in words) / len(words)
    return language.language if share >= _LEAST_FUNCTION_WORDS else None


def _language_of(text: str) -> str | None:
    """Return the code of the language of a text; English where another has as many words of it."""
    words = Counter(_WORD.findall(text.lower()))
    sums = {
        code: sum(count for word, count in words.items() if word in language.function)
        for code, language in known_languages().items()
    }
    best = max(sums, key=lambda code: (sums[code], code == _ENGLISH, code))
    return best if sums[best] else None
