"""Terms and parties that have another name throughout a contract: one finding, not hundreds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from metier_legal.comparison.clause_words import ClauseWords, Word, title_key
from metier_legal.structure.contract import Contract
from metier_legal.structure.defined_terms import DefinedTerm
from metier_legal.structure.parties import Party

_MOST_KEPT = 0.2
"""Share of the uses at which the old name may still stand where a term was renamed."""
_LEAST_SHARED = 0.7
_FEWEST_WORDS = 8
_LEAST_REPLACEMENTS = 3
_LONGEST_NAME = 12
_COMPANY_END = re.compile(r"\W+$")

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TermRename:
    """A term or a party that the right contract calls otherwise.

    Attributes:
        kind: `defined term`, or `party` for the name of a party.
        left: the name on the left.
        right: the name on the right.
        left_count: how often the left contract has it.
        right_count: how often the right one has the new name.
    """

    kind: Literal["defined term", "party"]
    left: str
    right: str
    left_count: int
    right_count: int


def find_renames(
    left: Contract,
    right: Contract,
    left_clauses: Sequence[ClauseWords],
    right_clauses: Sequence[ClauseWords],
    replacements: Mapping[tuple[str, str], int],
) -> list[TermRename]:
    """The terms and parties with another name on the right, most used first.

    Args:
        left: a contract.
        right: the other one.
        left_clauses: its clauses.
        right_clauses: those of the other one.
        replacements: words of the left one with those in their place on the right, and how often.
    """
    uses = (_PhraseCounts(left_clauses), _PhraseCounts(right_clauses))
    candidates = [
        *_renamed_parties(left.parties, right.parties),
        *_renamed_terms(left.definitions, right.definitions),
        *(
            ("defined term", *pair)
            for pair, count in sorted(replacements.items(), key=lambda item: (-item[1], item[0]))
            if count >= _LEAST_REPLACEMENTS and all(name[0].isupper() for name in pair)
        ),
    ]
    renames: list[TermRename] = []
    names: tuple[set[Phrase], set[Phrase]] = (set(), set())
    for kind, old, new in candidates:
        phrases = phrase_of(old), phrase_of(new)
        if not all(phrases) or _stem(phrases[0]) == _stem(phrases[1]):
            continue
        if any(_stem(phrase) in known for phrase, known in zip(phrases, names, strict=True)):
            continue
        # how often each contract has the old name, and how often the new one
        counts = [[side.count(phrase) for phrase in phrases] for side in uses]
        is_replaced = counts[1][0] <= _MOST_KEPT * counts[0][0]
        is_new = counts[0][1] <= _MOST_KEPT * counts[1][1]
        if not (counts[0][0] and counts[1][1] and is_replaced and is_new):
            continue
        for phrase, known in zip(phrases, names, strict=True):
            known.add(_stem(phrase))
        renames.append(TermRename(kind, old, new, counts[0][0], counts[1][1]))
    return sorted(renames, key=lambda rename: (-rename.left_count, rename.left))


def with_one_name(
    clauses: Sequence[ClauseWords], renames: Sequence[TermRename], *, side: Literal["left", "right"]
) -> tuple[ClauseWords, ...]:
    """Clauses in which a renamed term is one word with the same key on both sides."""
    forms: dict[str, list[tuple[Phrase, str]]] = {}
    for number, rename in enumerate(renames):
        phrase = phrase_of(rename.left if side == "left" else rename.right)
        for form, ending in _forms(phrase):
            forms.setdefault(form[0], []).append((form, f"\u2039{number}\u203a{ending}"))
    for alike in forms.values():
        alike.sort(key=lambda form: -len(form[0]))
    if not forms:
        return tuple(clauses)
    return tuple(
        replace(
            clause,
            words=tuple(_named(clause.words, forms)),
            head=tuple(_named(clause.head, forms)),
            titles=tuple(_named_title(title, forms) for title in clause.titles),
            headings=tuple(
                heading._replace(title=_named_title(heading.title, forms))
                for heading in clause.headings
            ),
        )
        for clause in clauses
    )


def phrase_of(name: str) -> Phrase:
    """The keys of the words of a name."""
    return tuple(title_key(name).split()[:_LONGEST_NAME])


def _named(
    words: Sequence[Word], forms: Mapping[str, Sequence[tuple[Phrase, str]]]
) -> Iterator[Word]:
    position = 0
    while position < len(words):
        word = words[position]
        match = next(
            (
                (key, end)
                for form, key in forms.get(word.key, ())
                if (end := _end_of(words, position, form))
            ),
            None,
        )
        if match is None:
            yield word
            position += 1
            continue
        key, end = match
        # its capitals say nothing: both names are the same term
        yield Word(key, key, word.start, words[end - 1].end, word.role)
        position = end


def _named_title(title: str, forms: Mapping[str, Sequence[tuple[Phrase, str]]]) -> str:
    words = [Word(key, key, 0, 0, "title") for key in title.split()]
    return " ".join(word.key for word in _named(words, forms))


def _end_of(words: Sequence[Word], start: int, phrase: Phrase) -> int:
    """Index after the words of a phrase, signs between them left out; 0 where it does not begin."""
    position = start
    for number, key in enumerate(phrase):
        while number and position < len(words) and words[position].role == "mark":
            position += 1
        if position >= len(words) or words[position].key != key:
            return 0
        position += 1
    return position


class _PhraseCounts:
    """How often clauses have a phrase."""

    def __init__(self, clauses: Sequence[ClauseWords]) -> None:
        self._clauses = clauses
        self._firsts: dict[str, list[tuple[int, int]]] = {}
        for row, clause in enumerate(clauses):
            for position, word in enumerate(clause.words):
                if word.role in ("word", "title"):
                    self._firsts.setdefault(word.key, []).append((row, position))

    def count(self, phrase: Phrase) -> int:
        """Uses of a phrase, in the singular and in the plural."""
        return sum(
            bool(_end_of(self._clauses[row].words, position, form))
            for form, _ in _forms(phrase)
            for row, position in self._firsts.get(form[0], ())
        )


def _forms(phrase: Phrase) -> Iterator[tuple[Phrase, str]]:
    """A phrase in the singular and in the plural, each with its ending."""
    stem = _stem(phrase)
    *first, last = stem
    yield stem, ""
    plural = f"{last[:-1]}ies" if last.endswith("y") and len(last) > 3 else f"{last}s"
    yield (*first, plural), "s"


def _stem(phrase: Phrase) -> Phrase:
    *first, last = phrase
    if last.endswith("ies") and len(last) > 4:
        last = f"{last[:-3]}y"
    elif last.endswith("s") and not last.endswith("ss") and len(last) > 3:
        last = last[:-1]
    return (*first, last)


def _renamed_parties(
    left: Sequence[Party], right: Sequence[Party]
) -> Iterator[tuple[Literal["defined term", "party"], str, str]]:
    """Roles of the same company, and companies in the same role."""
    for party in left:
        for other in right:
            same_name = phrase_of(party.name) == phrase_of(other.name)
            same_role = phrase_of(party.role) == phrase_of(other.role)
            if same_name and party.role and other.role and not same_role:
                yield "defined term", party.role, other.role
            elif same_role and party.role and not same_name:
                yield "party", party.name, other.name


def _renamed_terms(
    left: Sequence[DefinedTerm], right: Sequence[DefinedTerm]
) -> Iterator[tuple[Literal["defined term", "party"], str, str]]:
    """Terms that only one side defines, with nearly the same definition."""
    names = ({term.term for term in left}, {term.term for term in right})
    old = [term for term in left if term.term not in names[1]]
    new = [term for term in right if term.term not in names[0]]
    if not old or not new:
        return
    bags = [_definition_words(term) for term in new]
    totals = np.array([bag.total() for bag in bags])
    rows_of: dict[tuple[str, int], list[int]] = {}
    for row, bag in enumerate(bags):
        for use in _uses(bag):
            rows_of.setdefault(use, []).append(row)
    for term in old:
        own = _definition_words(term)
        rows = [row for use in _uses(own) for row in rows_of.get(use, ())]
        total = totals + own.total()
        # the share of the words of both that they share; 0 for definitions of hardly any words
        shares = (
            2 * np.bincount(np.array(rows, np.int64), minlength=len(new)) / np.maximum(total, 1)
        )
        shares[total < _FEWEST_WORDS] = 0.0
        best = int(shares.argmax())
        if shares[best] >= _LEAST_SHARED:
            yield "defined term", term.term, new[best].term


def _uses(words: Counter[str]) -> Iterator[tuple[str, int]]:
    """The first, second ... use of each word: definitions share as many words as uses."""
    return ((word, use) for word, count in words.items() for use in range(count))


def _definition_words(term: DefinedTerm) -> Counter[str]:
    words = Counter(title_key(term.definition).split())
    words.subtract(title_key(term.term).split())
    return +words


def count_replacements(pairs: Iterable[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """How often some words stand in the place of others; only those that may be names."""
    return Counter(
        (_name(old), _name(new))
        for old, new in pairs
        if 0 < len(old.split()) <= 4 and 0 < len(new.split()) <= 4
    )


def _name(words: str) -> str:
    return _COMPANY_END.sub("", " ".join(words.split())).removesuffix("'s").removesuffix("\u2019s")
