"""Dictionaries of conditions, drugs and measurements, and where texts name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from metier.plugin import InputError, Phrases, Texts, load_data

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]

DEFAULT_KIND = "condition"

_DATA_FILES = (".yaml", ".yml", ".toml")
_SEPARATOR = re.compile(r"\s*[;|]\s*")
_WORD = re.compile(r"[^\s()\[\]{}|*\u2026]+")
_LONGEST_EXACT = 5
"""Letters of the longest form in capitals that is found in capitals only: `MI`, but not `Mi`."""

_SHORTEST_WITH_PLURAL = 2
_SHORTEST_WITH_SINGULAR = 6
"""Letters of words that are read in the other number: `sats` is not the plural of `sat`."""


class Term(BaseModel):
    """Something to find, with all the forms in which it is written.

    Attributes:
        term: its name, found as well as its synonyms.
        synonyms: other forms, among them abbreviations.
        kind: such as `condition`, `drug` or `measurement`; values are read after the last two.
        code: of a terminology; may be empty.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    term: Name
    synonyms: tuple[Name, ...] = ()
    kind: Name = DEFAULT_KIND
    code: str = ""


class TermFile(BaseModel):
    """A dictionary in YAML or TOML."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # `schema` is a method of pydantic's models
    schema_: Annotated[int, Field(alias="schema", ge=1, le=1)]
    terms: tuple[Term, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class TermMatch:
    """A term in a text: `form == text[start:end]`."""

    start: int
    end: int
    form: str
    term: Term


class Dictionary:
    """Terms, ready to find them in texts. It does not change.

    Of terms that overlap the longest counts, and a form that two terms have belongs to the first.
    Case, hyphens and an ending of the plural make no difference; a form of up to five capitals is
    found in capitals only.

    Args:
        terms: at least one.

    Attributes:
        phrases: all forms, as patterns.
    """

    def __init__(self, terms: Sequence[Term]) -> None:
        self.terms = tuple(terms)
        self._forms: dict[str, tuple[Term, bool]] = {}
        for term in self.terms:
            for form in (term.term, *term.synonyms):
                pattern = _pattern(form)
                if pattern:
                    self._forms.setdefault(pattern, (term, _is_exact(form)))
        self.phrases = Phrases(self._forms)

    @classmethod
    def load(cls, *paths: Path) -> Dictionary:
        """Read dictionaries.

        Args:
            paths: tables and JSON with the fields `term`, `synonyms` (a list, or divided by `;`),
                `kind` and `code`, or YAML with these under the key `terms`. A term of a later file
                replaces that of the same name, and its forms are no longer those of earlier files.

        Raises:
            InputError: a table has no such fields or no terms.
            PackError: a YAML file breaks the schema.
        """
        terms: dict[str, Term] = {}
        for path in reversed(paths):  # a form that two terms have belongs to the first
            of_file = {term.term.casefold(): term for term in _read(path)}
            terms |= {name: term for name, term in of_file.items() if name not in terms}
        return cls(list(terms.values()))

    def find(self, text: str) -> list[TermMatch]:
        """Where a text names terms, in order and without overlap."""
        matches = []
        for span, pattern in self.phrases.find_patterns(text):
            term, is_exact = self._forms[pattern]
            if is_exact and not span.text.removesuffix("s").isupper():
                continue
            matches.append(TermMatch(span.start, span.end, span.text, term))
        return matches


def _read(path: Path) -> Iterable[Term]:
    if path.suffix.lower() in _DATA_FILES:
        return load_data(path.expanduser(), TermFile).terms
    rows = Texts.read(path, text_field="term")
    return [
        _term(row.text, {name.lower(): value for name, value in row.fields.items()}, path)
        for row in rows
    ]


def _term(name: str, fields: dict[str, Any], path: Path) -> Term:
    synonyms = fields.get("synonyms") or ()
    if isinstance(synonyms, str):
        synonyms = _SEPARATOR.split(synonyms)
    kind, code = fields.get("kind"), fields.get("code")
    try:
        return Term(
            term=name,
            synonyms=tuple(str(form) for form in synonyms if str(form).strip()),
            kind=str(kind) if kind else DEFAULT_KIND,
            code="" if code is None else str(code),
        )
    except (TypeError, ValueError) as error:
        raise InputError(
            f"The term {name[:60]!r} of {path.name} cannot be used.",
            why=str(error).splitlines()[0],
            fix="Give term and synonyms as texts of up to 200 characters, kind and code as texts.",
        ) from None


def _is_exact(form: str) -> bool:
    return form.isalpha() and form.isupper() and len(form) <= _LONGEST_EXACT


def _pattern(form: str) -> str:
    """The form as a pattern of `Phrases`, with the plural of its last word; empty for no words."""
    words = [word for word in _WORD.findall(form) if any(map(str.isalnum, word)) and word != "..."]
    if not words:
        return ""
    *before, last = words
    alternatives = dict.fromkeys((last, *_other_numbers(last)))
    return " ".join((*before, f"({'|'.join(alternatives)})"))


def _other_numbers(word: str) -> Iterable[str]:
    """The plural of a word, or the singular of one that ends as a plural does."""
    lower = word.lower()
    if not word[-1:].isalpha() or len(word) < _SHORTEST_WITH_PLURAL:
        return ()
    if lower.endswith("sis"):
        return (f"{word[:-2]}es",)
    if lower.endswith("ses"):
        return (f"{word[:-2]}is", f"{word[:-1]}")
    if lower.endswith("ies"):
        return (f"{word[:-3]}y",)
    if lower.endswith(("ss", "us", "is", "x", "ch", "sh")):
        return (f"{word}es",)
    if lower.endswith("s"):
        return () if len(word) < _SHORTEST_WITH_SINGULAR else (word[:-1],)
    if lower.endswith("y") and lower[-2] not in "aeiou":
        return (f"{word[:-1]}ies",)
    return (f"{word}s",)
