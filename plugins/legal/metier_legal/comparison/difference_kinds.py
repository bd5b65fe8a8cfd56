"""What a difference changes: a negation, a number, a date, a duty, a party, a term ..."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from metier_legal.comparison.clause_words import Word, party_words
from metier_legal.comparison.frame_words import DUTIES, NEGATIONS, NUMBERS, UNITS
from metier_legal.review.quantities import number_value
from metier_legal.structure.contract import Contract

DifferenceKind = Literal[
    "negation", "number", "date", "frequency", "duty", "law", "party", "definition",
    "defined term", "reference", "wording", "heading", "order", "notation", "punctuation",
    "capitals",
]  # fmt: skip

IMPORTANCE: dict[DifferenceKind, float] = {
    "negation": 1.0, "number": 0.95, "date": 0.9, "frequency": 0.88, "duty": 0.85, "law": 0.82,
    "party": 0.8, "definition": 0.75, "defined term": 0.7, "reference": 0.5, "wording": 0.6,
    "heading": 0.3, "order": 0.2, "notation": 0.1, "punctuation": 0.1, "capitals": 0.05,
}  # fmt: skip
"""What is read first, in [0, 1]: what turns a duty into its opposite before what is only put
otherwise. `law` is a place whose law or courts decide, and `notation` a number in words that was in
figures, or the reverse."""

_ORDINALS_TEXT = "one first second third fourth fifth sixth seventh eighth ninth tenth"
_ORDINALS = frozenset(_ORDINALS_TEXT.split())
_LAW = re.compile(
    r"\b(?:govern(?:ed|s|ing)?|construed|jurisdictions?|courts?|tribunals?|venue|seat(?:ed)?"
    r"|arbitrat\w+|laws?\s+of|law\s+applies)\b",
    re.IGNORECASE,
)
"""Words of sentences that say whose law holds, and whose courts decide."""
_SENTENCE_END = re.compile(r"[.;](?=\s)|\n\s*\n")
_PERIOD = r"(?:hour|day|week|month|quarter|year|season|(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
_FREQUENCY = re.compile(
    r"\b(?:hourly|daily|nightly|weekly|fortnightly|biweekly|monthly|bimonthly|quarterly"
    r"|(?:semi-?|bi-?)?annual(?:ly)?|yearly"
    rf"|(?:every|each|per)\s+(?:\w+\s+){{0,2}}?{_PERIOD}s?"
    rf"|(?<!within\s)(?<!after\s)(?<!for\s)(?<!of\s)(?<!than\s)a\s+{_PERIOD})\b",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_AROUND = 200
_QUOTES = "\"'\u201c\u2018*_"
_SENTENCE = 8
"""Words from which an insertion is a statement of its own."""
_SIGNS = frozenset("%$\u20ac\u00a3\u00a5")
_MONTHS = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?"
)
_MONTH = re.compile(_MONTHS)
_DATE = re.compile(
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)?(?: day)?(?: of)? {_MONTHS},?(?: \d{{4}})?"
    rf"|{_MONTHS} \d{{1,2}}(?:st|nd|rd|th)?(?:, ?\d{{4}}|\b(?! days?))|{_MONTHS} \d{{4}}"
    r"|\d{4}-\d{2}-\d{2}|\d{1,2}[/.]\d{1,2}[/.]\d{2,4})\b",
    re.IGNORECASE,
)


class Vocabulary:
    """Words of a contract that matter: its parties, its defined terms and its dates.

    Args:
        contract: that has them.
    """

    def __init__(self, contract: Contract) -> None:
        self._text = contract.text
        self._definitions = [
            (term.start, term.end, term.term)
            for term in contract.definitions
            if term.definition.lstrip(_QUOTES).startswith(term.term)
        ]
        self._uses = sorted(
            (offset, term.term) for term in contract.definitions for offset in term.uses
        )
        self._use_starts = [offset for offset, _ in self._uses]
        self.parties = party_words(contract)

    def terms(self, start: int, end: int) -> Counter[str]:
        """The defined terms that are used within some offsets."""
        first, last = bisect_left(self._use_starts, start), bisect_right(self._use_starts, end - 1)
        return Counter(term for _, term in self._uses[first:last])

    def definition(self, start: int, end: int) -> str:
        """The term within whose definition some offsets are; empty where they are in none."""
        return next(
            (term for first, last, term in self._definitions if first <= start and end <= last), ""
        )

    def frequencies(self, words: Sequence[Word]) -> list[tuple[int, int]]:
        """Offsets of what says how often, such as `weekly`, that some words belong to."""
        if not words:
            return []
        begin = max(0, words[0].start - _AROUND)
        matches = _FREQUENCY.finditer(self._text, begin, words[-1].end + _AROUND)
        return [match.span() for match in matches]

    def is_of_law(self, word: Word) -> bool:
        """Whether a name stands in a sentence that says whose law holds or whose courts decide."""
        if not word.text[:1].isupper() or word.key in self.parties or _LAW.match(word.text):
            return False
        if self.terms(word.start, word.end):
            return False
        before = self._text[max(0, word.start - _AROUND) : word.start]
        after = self._text[word.end : word.end + _AROUND]
        before, after = _SENTENCE_END.split(before)[-1], _SENTENCE_END.split(after)[0]
        return bool(before.strip()) and bool(_LAW.search(before) or _LAW.search(after))

    def dates(self, words: Sequence[Word]) -> list[tuple[int, int]]:
        """Offsets of the dates that some words belong to."""
        if not words:
            return []
        begin = max(0, words[0].start - 30)
        spans = [
            (begin + match.start(), begin + match.end())
            for match in _DATE.finditer(self._text[begin : words[-1].end + 30])
        ]
        return [
            (start, end) for start, end in spans if start < words[-1].end and words[0].start < end
        ]


def kinds_of(
    left: Sequence[Word],
    right: Sequence[Word],
    vocabularies: tuple[Vocabulary, Vocabulary],
    *,
    is_case: bool = False,
) -> tuple[DifferenceKind, ...]:
    """What words that differ change, what matters most first.

    Args:
        left: the words on the left; may be empty.
        right: those in their place.
        vocabularies: of both contracts.
        is_case: whether only capitals differ.
    """
    both = (*left, *right)
    removed = _difference(left, right), _difference(right, left)
    changed = {key for side in removed for key in side}
    kinds = _kinds_of_words((left, right), removed, vocabularies)
    laws, frequencies = _laws_and_frequencies((left, right), removed, vocabularies)
    named = laws | frequencies
    kinds |= {"law"} if laws else set()
    kinds |= {"frequency"} if frequencies else set()
    kinds |= _kinds_of_terms((left, right), changed, vocabularies)
    if both and all(word.role == "title" for word in both):
        kinds = {"heading"}
    elif is_case:
        kinds = kinds & {"defined term", "party"} or {"capitals"}
    elif all(word.role in ("mark", "item") for word in both) and not changed & _SIGNS:
        kinds = {"punctuation"}
    elif not kinds or any(_is_content(word, changed - named) for word in both):
        kinds.add("wording")
    ordered = sorted(kinds, key=lambda kind: -IMPORTANCE[kind])
    is_one_sided = min(len(left), len(right)) == 0 and len(both) >= _SENTENCE
    if is_one_sided and "wording" in kinds:
        ordered.sort(key=lambda kind: kind != "wording")  # a sentence of its own changes no other
    return tuple(ordered)


def _kinds_of_words(
    sides: tuple[Sequence[Word], Sequence[Word]],
    removed: tuple[Counter[str], Counter[str]],
    vocabularies: tuple[Vocabulary, Vocabulary],
) -> set[DifferenceKind]:
    """Negations, numbers, dates and duties among the words that only one side has."""
    kinds: set[DifferenceKind] = set()
    changed = {key for side in removed for key in side}
    if changed & NEGATIONS:
        kinds.add("negation")
    has_number = [any(is_count(word) for word in words) for words in sides]
    for words, keys, vocabulary in zip(sides, removed, vocabularies, strict=True):
        spans = vocabulary.dates(words)
        often = vocabulary.frequencies(words)
        for word in words:
            if word.key not in keys or (word.key == "quarter" and _is_within(word, often)):
                continue
            if word.role == "word" and _is_within(word, spans):
                kinds.add("date")
            elif is_count(word) or (is_number(word) and (all(has_number) or len(words) == 1)):
                kinds.add("number")
    if "date" not in kinds and changed & DUTIES:
        kinds.add("duty")
    if "number" in kinds and (values := _values(sides[0])) and values == _values(sides[1]):
        kinds = kinds - {"number"} | {"notation"}
    return kinds


def _is_within(word: Word, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= word.start < end for start, end in spans)


def _values(words: Sequence[Word]) -> set[float | str] | None:
    """The numbers that words state, and the signs of amounts; None where some is not read."""
    values: set[float | str] = set()
    written: list[str] = []
    for word in (*words, None):
        is_word = word is not None and word.role == "word"
        if word is not None and is_word and word.key in NUMBERS:
            written.append(word.key)
            continue
        if word is not None and written and word.key in ("-", "and"):
            continue
        if written:
            value = number_value(" ".join(written))
            if not value:
                return None
            values.add(value)
            written = []
        if word is not None and is_number(word):
            is_plain = _DIGITS.fullmatch(word.key) is not None
            values.add(number_value(word.key) if is_plain else word.key)
    return values


def _laws_and_frequencies(
    sides: tuple[Sequence[Word], Sequence[Word]],
    removed: tuple[Counter[str], Counter[str]],
    vocabularies: tuple[Vocabulary, Vocabulary],
) -> tuple[set[str], set[str]]:
    """Keys of changed words that name a place of law, and of those that say how often."""
    laws: set[str] = set()
    frequencies: set[str] = set()
    for words, keys, vocabulary in zip(sides, removed, vocabularies, strict=True):
        spans = vocabulary.frequencies(words)
        for word in words:
            if word.role != "word" or word.key not in keys:
                continue
            if _is_within(word, spans):
                frequencies.add(word.key)
            elif vocabulary.is_of_law(word):
                laws.add(word.key)
    return laws, frequencies


def _kinds_of_terms(
    sides: tuple[Sequence[Word], Sequence[Word]],
    changed: set[str],
    vocabularies: tuple[Vocabulary, Vocabulary],
) -> set[DifferenceKind]:
    """Parties, definitions, defined terms and references that words are about."""
    kinds: set[DifferenceKind] = set()
    if changed & (vocabularies[0].parties | vocabularies[1].parties):
        kinds.add("party")
    terms: list[Counter[str]] = []
    for words, vocabulary in zip(sides, vocabularies, strict=True):
        if not words:
            continue
        if vocabulary.definition(words[0].start, words[-1].end):
            kinds.add("definition")
        terms.append(vocabulary.terms(words[0].start, words[-1].end))
    if (terms[0] != terms[1]) if len(terms) == 2 else any(terms):
        kinds.add("defined term")
    if any(word.role == "reference" for side in sides for word in side):
        kinds.add("reference")
    return kinds


def is_number(word: Word) -> bool:
    """Whether a word is a number in digits or in letters, or a sign of an amount."""
    if word.role == "mark":
        return word.key in _SIGNS
    return word.role == "word" and (word.key[0].isdigit() or word.key in NUMBERS)


def is_count(word: Word) -> bool:
    """Whether a word is a number and neither `one` nor an ordinal, which often are no amounts."""
    return is_number(word) and word.key not in _ORDINALS


def is_negation(word: Word) -> bool:
    """Whether a word denies."""
    return word.key in NEGATIONS


def is_duty(word: Word) -> bool:
    """Whether a word says that something is due or allowed."""
    return word.key in DUTIES


def _difference(words: Iterable[Word], others: Iterable[Word]) -> Counter[str]:
    """Keys that some words have more often than others."""
    return Counter(word.key for word in words) - Counter(word.key for word in others)


def _is_content(word: Word, changed: set[str]) -> bool:
    """Whether a word that differs is none of those that have a kind of their own."""
    return (
        word.role == "word"
        and word.key in changed
        and not is_number(word)
        and not is_negation(word)
        and not is_duty(word)
        and word.key not in UNITS
        and not _MONTH.fullmatch(word.key)
        and len(word.key) > 3
    )
