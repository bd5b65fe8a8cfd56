"""A sentence as the rules read it: clauses, scopes of words, and the status of a target."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from metier.assertion.assertion import Assertion, Basis, Denial, Modifier, make_assertion
from metier.assertion.rule_file import AssertionRule as Rule
from metier.texts.phrase_tokens import Tokens
from metier.texts.phrases import PhraseMatch, Phrases, PhraseTrie
from metier.texts.sentences import Span

LEAST_COVERED = 0.5
"""Share of the words of a clause that a status has to reach to be the status of the clause."""

_COMMAS = frozenset(",、")


class Scope(NamedTuple):
    """Words with a status, and the tokens that it reaches.

    Attributes:
        rule: that the words are of.
        match: the words.
        first: the first token reached.
        last: the one after the last.
        status: what they make of these tokens.
        exception: words that changed it to that status; None where none did.
    """

    rule: Rule
    match: PhraseMatch[Rule]
    first: int
    last: int
    status: Denial
    exception: _Exception | None = None


class _Exception(NamedTuple):
    """Words that undo others: "except once".

    Attributes:
        rule: that they are of.
        match: the words.
    """

    rule: Rule
    match: PhraseMatch[Rule]


def read_sentence(trie: PhraseTrie[Rule], text: str, span: Span) -> Reading:
    """Find the words of rules in a sentence.

    Args:
        trie: the rules.
        text: the whole text.
        span: the sentence in it.
    """
    tokens = Tokens.of(span.text)
    return Reading(text, span.start, tokens, trie.matches(tokens))


@dataclass(frozen=True)
class TextReading:
    """A text that is read once, to be judged for any number of terms.

    Attributes:
        text: the text.
        sentences: of it, or parts of those that are very long.
    """

    text: str
    sentences: tuple[Reading, ...]

    def judge(self, terms: Phrases | None = None) -> Assertion:
        """The status of the text, as of `AssertionRules.judge`."""
        of_terms = self.judge_each(terms) if terms is not None else []
        return min(of_terms or self._of_clauses, key=lambda assertion: assertion.denial)

    def judge_each(self, terms: Phrases) -> list[Assertion]:
        """The status of every term, as of `AssertionRules.judge_each`."""
        return [
            reading.judge(match.first, match.last, "term")
            for reading in self.sentences
            for match in terms._matches(reading.tokens)  # of tokens that are read already
        ]

    @cached_property
    def _of_clauses(self) -> list[Assertion]:
        clauses = [clause for reading in self.sentences for clause in reading.clauses()]
        return clauses or [make_assertion(0, len(self.text), self.text, (), "clause")]


@dataclass(frozen=True)
class Reading:
    """A sentence with the words of rules in it.

    Attributes:
        text: the whole text.
        offset: of the sentence in it.
        tokens: of the sentence.
        matches: words of rules, in order.
    """

    text: str
    offset: int
    tokens: Tokens
    matches: list[PhraseMatch[Rule]]

    @cached_property
    def scopes(self) -> list[Scope]:
        """The scopes of all words with a status that nothing undoes."""
        scopes: list[Scope] = []
        for match in self.matches:
            for rule in match.payloads:
                if rule.status is None or rule.cancels:
                    continue
                exception = self._exception_to(match, rule, rule.status)
                of_words = self._scopes_of(match, rule, rule.status)
                if exception is None:
                    scopes += of_words
                elif exception.rule.status is not None:
                    status = exception.rule.status
                    scopes += [
                        scope._replace(status=status, exception=exception) for scope in of_words
                    ]
        return scopes

    @cached_property
    def clause_starts(self) -> list[int]:
        """First tokens of the clauses; words that divide clauses begin one."""
        starts = [0]
        for match in self.matches:
            if match.first and any("all" in rule.ends for rule in match.payloads):
                starts.append(match.first)
        return starts

    @cached_property
    def openings(self) -> frozenset[int]:
        """Tokens that stand first in a clause, or right after the words that divide it off."""
        ends = {match.first: match.last for match in self.matches}
        starts = self.clause_starts
        return frozenset([*starts, *(ends[start] for start in starts if start in ends)])

    def judge(self, first: int, last: int, basis: Basis) -> Assertion:
        """The status of tokens.

        Args:
            first: the first one.
            last: the one after the last.
            basis: of the assertion.
        """
        reaching = [scope for scope in self.scopes if _reaches(scope, first, last)]
        start, end = self._characters(first, last)
        modifiers = self._modifiers(reaching)
        return make_assertion(start, end, self.text[start:end], modifiers, basis)

    def judge_characters(self, start: int, end: int) -> Assertion:
        """The status of a part of the text, by its offsets there."""
        tokens = self.tokens
        within = [
            index
            for index in range(len(tokens.keys))
            if tokens.starts[index] + self.offset < end and start < tokens.ends[index] + self.offset
        ]
        if not within:  # a part of nothing but spaces
            return make_assertion(start, end, self.text[start:end], (), "span")
        assertion = self.judge(within[0], within[-1] + 1, "span")
        return replace(assertion, start=start, end=end, target=self.text[start:end])

    def clauses(self) -> Iterator[Assertion]:
        """The status of each clause, that of scopes which cover enough of its words."""
        bounds = [*self.clause_starts, len(self.tokens.keys)]
        for first, last in itertools.pairwise(bounds):
            words = self._free_words(first, last)
            if not words:
                continue
            covering = [
                scope
                for scope in self.scopes
                if sum(scope.first <= word < scope.last for word in words)
                >= LEAST_COVERED * len(words)
            ]
            spoken = [index for index in range(first, last) if self.tokens.is_word(index)]
            start, end = self._characters(spoken[0], spoken[-1] + 1)  # without signs around it
            modifiers = self._modifiers(covering)
            yield make_assertion(start, end, self.text[start:end], modifiers, "clause")

    def _free_words(self, first: int, last: int) -> list[int]:
        """Words of a clause that are not themselves of a rule."""
        used = {token for match in self.matches for token in range(match.first, match.last)}
        return [
            index
            for index in range(first, last)
            if index not in used and self.tokens.is_word(index)
        ]

    def _scopes_of(self, match: PhraseMatch[Rule], rule: Rule, status: Denial) -> Iterator[Scope]:
        if rule.direction != "backward":
            yield Scope(rule, match, match.last, self._end(match, rule, status), status)
        if rule.direction != "forward":
            yield Scope(rule, match, self._start(match, rule, status), match.first, status)

    def _end(self, match: PhraseMatch[Rule], rule: Rule, status: Denial) -> int:
        """The token after the last one that words reach forward."""
        limit = len(self.tokens.keys)
        opens = match.first in self.openings  # "ten years ago, I was late"
        for other in self.matches:
            is_after = other.first >= match.last + opens
            if is_after and _ends(other, status):
                limit = other.first
                break
        return self._nearest(match.last, limit, 1, rule)

    def _start(self, match: PhraseMatch[Rule], rule: Rule, status: Denial) -> int:
        """The first token that words reach backward."""
        limit = 0
        for other in reversed(self.matches):
            if other.last <= match.first and _ends(other, status):
                limit = other.last
                break
        if any("all" in payload.ends for payload in match.payloads):
            return match.first
        return self._nearest(match.first, limit, -1, rule)

    def _nearest(self, start: int, limit: int, step: int, rule: Rule) -> int:
        """The bound of a scope from `start` to `limit` that holds at most `max_words` words."""
        if rule.max_words is None:
            return limit
        words = 0
        bound = start
        while bound != limit:
            token = bound if step > 0 else bound - 1
            words += self.tokens.is_word(token)
            if rule.lists and self.tokens.keys[token] in _COMMAS:
                words = 0
            if words > rule.max_words:
                break
            bound += step
        return bound

    def _exception_to(
        self, match: PhraseMatch[Rule], rule: Rule, status: Denial
    ) -> _Exception | None:
        """Other words of the clause that undo words with a status; None where there are none."""
        if rule.always:
            return None
        starts = self.clause_starts
        first = max(start for start in starts if start <= match.first)
        last = min(
            (start for start in starts if start > match.first), default=len(self.tokens.keys)
        )
        for other in self.matches:
            if other is match or not first <= other.first < last:
                continue
            for canceling in other.payloads:
                if status not in canceling.cancels:
                    continue
                is_before = other.first < match.first
                distance = max(other.first - match.last, match.first - other.last)
                if canceling.max_words is not None and distance > canceling.max_words:
                    continue
                if canceling.direction == "both" or is_before == (canceling.direction == "forward"):
                    return _Exception(canceling, other)
        return None

    def _modifiers(self, scopes: list[Scope]) -> list[Modifier]:
        """The words of scopes; of a denial that denies another, both are uncertain."""
        undone: set[int] = set()
        for outer in scopes:
            if not outer.rule.flips:
                continue
            for inner in scopes:
                is_other = inner.status == "negated" and inner.match is not outer.match
                if is_other and outer.first <= inner.match.first < outer.last:
                    undone |= {outer.match.first, inner.match.first}
        modifiers: dict[tuple[int, int, Denial], Modifier] = {}
        for scope in scopes:
            is_undone = scope.status == "negated" and scope.match.first in undone
            status: Denial = "uncertain" if is_undone else scope.status
            words = [(scope.rule, scope.match), *([scope.exception] if scope.exception else [])]
            for rule, match in words:
                start, end = self._characters(match.first, match.last)
                modifier = Modifier(status, start, end, self.text[start:end], rule.id)
                modifiers.setdefault((start, end, status), modifier)
        return list(modifiers.values())

    def _characters(self, first: int, last: int) -> tuple[int, int]:
        """Offsets in the whole text of tokens."""
        tokens, offset = self.tokens, self.offset
        return tokens.starts[first] + offset, tokens.ends[last - 1] + offset


def _reaches(scope: Scope, first: int, last: int) -> bool:
    """Whether tokens are in a scope; words with a status that hold a part of them say nothing.

    Of those that hold all of them they are the second part, as `late` in "my late husband".
    """
    words = scope.match
    if words.first < last and first < words.last:
        return words.first < first and last <= words.last
    return scope.first < last and first < scope.last


def _ends(match: PhraseMatch[Rule], status: Denial) -> bool:
    return any(rule.ends_scope_of(status) for rule in match.payloads)
