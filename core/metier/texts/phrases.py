"""Phrases found in texts: many patterns of words in one pass over the words of a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Generic, NamedTuple, TypeVar

from metier.errors import ParameterError
from metier.texts.phrase_patterns import END, GAP, NUMBER, YEAR, PatternError, expand_pattern
from metier.texts.phrase_tokens import Tokens
from metier.texts.sentences import Span

MAX_GAP = 3
"""Words that `...` stands for, at most."""

_YEAR = re.compile(r"(?:19|20)\d\d")

P = TypeVar("P")


class PhraseMatch(NamedTuple, Generic[P]):
    """A pattern in a text: tokens `first` to `last`, `last` not included, and its payloads."""

    first: int
    last: int
    payloads: list[P]


@dataclass(slots=True)
class _Node(Generic[P]):
    """Where a sequence of words leads to."""

    words: dict[str, _Node[P]] = field(default_factory=dict)
    beginnings: dict[str, _Node[P]] = field(default_factory=dict)
    lengths: tuple[int, ...] = ()
    names: dict[str, _Node[P]] = field(default_factory=dict)
    gap: _Node[P] | None = None
    payloads: list[P] = field(default_factory=list)

    def child(self, element: str) -> _Node[P]:
        """The node after one more element, made where it is not there."""
        if element == GAP:
            self.gap = self.gap or _Node()
            return self.gap
        if len(element) > 1 and element[0] == "{":
            return self.names.setdefault(element[1:-1], _Node())
        if len(element) > 1 and element[-1] == "*":
            beginning = element[:-1]
            self.lengths = tuple(sorted({*self.lengths, len(beginning)}))
            return self.beginnings.setdefault(beginning, _Node())
        return self.words.setdefault(element, _Node())


@dataclass(slots=True)
class _Starts:
    """First words of patterns, to pass over the many words that begin none."""

    words: set[str] = field(default_factory=set)
    beginnings: tuple[str, ...] = ()
    number: bool = False

    def add(self, element: str, named: _Starts | None) -> None:
        """Add the first element of a pattern.

        Args:
            element: of the pattern.
            named: those of the words that it names; None where it names none.
        """
        if len(element) > 1 and element[0] == "{":
            self.number = self.number or element[1:-1] in (NUMBER, YEAR)
        elif len(element) > 1 and element[-1] == "*":
            self.beginnings = tuple({*self.beginnings, element[:-1]})
        else:
            self.words.add(element)
        if named is not None:
            self.words |= named.words
            self.beginnings = tuple({*self.beginnings, *named.beginnings})
            self.number = self.number or named.number

    def hold(self, key: str) -> bool:
        """Whether a pattern may begin with a token."""
        return (
            key in self.words
            or (self.number and key.isdigit())
            or (bool(self.beginnings) and key.startswith(self.beginnings))
        )


class PhraseTrie(Generic[P]):
    """Patterns with payloads, as a tree over their words.

    Args:
        words: patterns by the name that `{name}` refers to; they refer to no other names than
            `{number}` and `{year}`.

    Raises:
        PatternError: one of them cannot be read.
    """

    def __init__(self, words: Mapping[str, Iterable[str]] = MappingProxyType({})) -> None:
        self._root: _Node[P] = _Node()
        self._words: dict[str, PhraseTrie[str]] = {}
        self._starts = _Starts()
        for name, patterns in words.items():
            trie: PhraseTrie[str] = PhraseTrie()
            for pattern in patterns:
                trie.add(pattern, name)
            self._words[name] = trie

    def add(self, pattern: str, payload: P) -> None:
        """Add a pattern.

        Args:
            pattern: as the module describes.
            payload: what a match returns.

        Raises:
            PatternError: it cannot be read.
        """
        for form in expand_pattern(pattern, self._words):
            node = self._root
            for element in form:
                node = node.child(element)
            named = self._words.get(form[0][1:-1])
            self._starts.add(form[0], None if named is None else named._starts)
            if payload not in node.payloads:
                node.payloads.append(payload)

    def matches(self, tokens: Tokens) -> list[PhraseMatch[P]]:
        """Patterns in the tokens of a text, the longest at each position, without overlap."""
        matches = []
        first, count = 0, len(tokens.keys)
        while first < count:
            match = self._longest(tokens, first) if self._starts.hold(tokens.keys[first]) else None
            if match is None:
                first += 1
            else:
                matches.append(match)
                first = match.last
        return matches

    def _longest(self, tokens: Tokens, first: int) -> PhraseMatch[P] | None:
        joined = tokens.joined
        if joined[first] and not tokens.keys[first - 1].isdigit():
            return None
        last, payloads = 0, []
        for node, end in self._walk(tokens, first):
            if end < last or (end < len(joined) and joined[end]):
                continue
            if end > last:
                last, payloads = end, node.payloads
            else:
                payloads = [*payloads, *(new for new in node.payloads if new not in payloads)]
        return PhraseMatch(first, last, payloads) if payloads else None

    def _walk(self, tokens: Tokens, first: int) -> Iterator[tuple[_Node[P], int]]:
        """Nodes with payloads that tokens from `first` on lead to, and the token after them."""
        count = len(tokens.keys)
        pending = self._steps(self._root, tokens, first)
        while pending:
            node, last = pending.pop()
            if node.payloads:
                yield node, last
            if last >= tokens.words_end and END in node.names:
                yield node.names[END], last
            if last < count:
                pending += self._steps(node, tokens, last)

    def _steps(self, node: _Node[P], tokens: Tokens, index: int) -> list[tuple[_Node[P], int]]:
        """Nodes that the token at an index leads to, and the tokens after it."""
        key = tokens.keys[index]
        word = node.words.get(key)
        steps = [(word, index + 1)] if word is not None else []
        for length in node.lengths:
            beginning = node.beginnings.get(key[:length])
            if beginning is not None:
                steps.append((beginning, index + 1))
        for name, child in node.names.items():
            if key.isdigit() and (name == NUMBER or (name == YEAR and _YEAR.fullmatch(key))):
                steps.append((child, index + 1))
            trie = self._words.get(name)
            if trie is not None and trie._starts.hold(key):
                ends = {end for _, end in trie._walk(tokens, index)}
                steps += [(child, end) for end in ends]
        if node.gap is not None:
            for after in range(index, min(index + MAX_GAP + 1, len(tokens.keys))):
                steps += self._steps(node.gap, tokens, after)
                if not tokens.is_word(after):
                    break
        return steps


class Phrases:
    """Patterns of words to find in texts, such as the words that a risk is told by.

    In a pattern `word*` is every word that begins so, `(late|behind)` are alternatives, `[ever]`
    may be left out, `...` is up to three words, `{number}` a number in digits, `{year}` a year and
    `{end}` where no word follows.
    Case, white space and kinds of apostrophes and hyphens make no difference, and nothing is found
    inside of a word.

    Args:
        patterns: at least one.

    Raises:
        ParameterError: there is none, or one cannot be read.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self.patterns = tuple(patterns)
        if not self.patterns or isinstance(patterns, str):
            raise ParameterError(
                "Phrases need at least one pattern.",
                why="They are a list, such as ['missed', 'behind on'].",
                parameter="patterns",
            )
        for pattern in self.patterns:
            try:
                expand_pattern(pattern)
            except PatternError as error:
                raise ParameterError(
                    f"The pattern {pattern!r} cannot be read: {error}.", parameter="patterns"
                ) from None

    @cached_property
    def _trie(self) -> PhraseTrie[str]:
        """The patterns as a tree; a match returns the patterns that it is of."""
        trie: PhraseTrie[str] = PhraseTrie()
        for pattern in self.patterns:
            trie.add(pattern, pattern)
        return trie

    def _matches(self, tokens: Tokens) -> list[PhraseMatch[str]]:
        """Where the patterns are in tokens of a text."""
        return self._trie.matches(tokens)

    def find(self, text: str) -> list[Span]:
        """Where the patterns are in a text, without overlap; of several the longest."""
        tokens = Tokens.of(text)
        spans = []
        for match in self._matches(tokens):
            start, end = tokens.starts[match.first], tokens.ends[match.last - 1]
            spans.append(Span(start, end, text[start:end]))
        return spans

    def find_patterns(self, text: str) -> list[tuple[Span, str]]:
        """Where the patterns are, as `find` has it, each span with the first pattern that fits."""
        tokens = Tokens.of(text)
        spans = []
        for match in self._matches(tokens):
            start, end = tokens.starts[match.first], tokens.ends[match.last - 1]
            pattern = min(match.payloads, key=self._positions.__getitem__)
            spans.append((Span(start, end, text[start:end]), pattern))
        return spans

    @cached_property
    def _positions(self) -> dict[str, int]:
        """The position of each pattern among all."""
        return {pattern: position for position, pattern in enumerate(self.patterns)}

    def __repr__(self) -> str:
        return f"Phrases({list(self.patterns)!r})"
