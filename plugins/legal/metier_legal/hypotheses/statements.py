"""Statements of a contract: its sentences, and the entries of its lists with what they continue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from metier.plugin import sentences
from metier_legal.structure import Clause, Contract

_LEFT_OUT = ("contents", "signatures")
"""Kinds of clauses that state nothing."""

_LONGEST_LEAD = 300
"""Characters of the words before a list that its entries are read with."""

_FEWEST_LETTERS = 8
"""Letters of a statement; what has fewer is a number, a mark or a word left over by a division."""

_LONGEST_HEADING = 8
"""Words of four letters or more that a heading has at most."""

_MARK = (
    r"(?:\((?P<letter>[a-zA-Z]{1,2}|[ivx]{1,5}|\d{1,2})\)"
    r"|(?P<number>\d{1,2}(?:\.\d{1,2})*)[.)]?|(?P<bare>[a-z])[.)]|(?P<bullet>[-*\u2022\u25cf]))"
)
_LINK = r"(?:(?:and/or|and|or)\s+)?"
_NO_REFERENCE = r"\s+(?!above|below|and|or)\w"
_DIVISION = re.compile(
    rf"""(?<=[;:])\s+{_LINK}(?=\S)  # after a semicolon, and before a list
      | (?<=,)\s+{_LINK}(?=\((?:[a-z]|[ivx]{{1,4}}|\d)\){_NO_REFERENCE})
      | \s+(?:and/or|and|or)\s+(?=\((?:[b-z]|i[ivx]{{1,3}}|vi{{0,3}}|[2-9])\){_NO_REFERENCE})
      | \n\s*(?=(?:\([a-zA-Z0-9]{{1,4}}\)|\d{{1,2}}(?:\.\d{{1,2}})*[.)]|[a-z][.)]|[-*\u2022])\s)""",
    re.VERBOSE,
)
_MARKED = re.compile(rf"{_LINK}{_MARK}\s")
_OPEN = re.compile(
    r"(?:[:\u2014]-?|\b(?:that|not|if|which|to|is|are|who|by|where|for)(?:\s+either)?)$"
)
"""Ends of words that go on in the entries of a list."""
_HEADING_LINE = re.compile(
    r"^[ \t]*(?:\d{1,2}(?:\.\d{1,2})*[.)]?\s+)?(?P<words>[A-Z][^\n.;:,]{2,60})"
    r"\n\s*(?=[A-Z\d\"\u201c])",
    re.MULTILINE,
)
_VERBS = re.compile(
    r"^(?!What|How|Who|Why)(?:.*\W)?(?:shall|must|may|will|can|agrees?|is|are|means?|has|have)\b"
)
"""Words that a sentence has and a heading does not, unless it asks: `What you must do`."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of a contract, or a part of one that is a list: `contract.text[start:end]`.

    Attributes:
        clause: that it stands in.
        start: offset of its first character in the contract.
        end: offset after its last one.
        text: the words.
        lead: of an entry of a list the words before the list, without which it says nothing.
    """

    clause: Clause
    start: int
    end: int
    text: str
    lead: str = ""

    @property
    def content(self) -> str:
        """The words with the lead: `The Recipient shall not: (a) copy ...`."""
        return f"{self.lead} {self.text}" if self.lead else self.text


def contract_statements(contract: Contract) -> list[Statement]:
    """The statements of a contract in order, without tables of contents and signatures.

    A list is divided into its entries, also where they are paragraphs or clauses of their own.
    """
    statements = []
    leads = _Leads()
    for clause in contract.clauses:
        leads.enter(clause)
        if clause.kind in _LEFT_OUT:
            continue
        for start, end, begins in _parts(clause.text):
            text = clause.text[start:end]
            lead = leads.lead_of(text, begins)
            if sum(map(str.isalpha, text)) >= _FEWEST_LETTERS and not _is_heading(text):
                first = clause.start + start
                statements.append(Statement(clause, first, clause.start + end, text, lead))
    return statements


def _is_heading(text: str) -> bool:
    """Whether a text is a heading or a line to fill in, and states nothing."""
    words = re.findall(r"[^\W\d_]{4,}", text)
    return len(words) <= _LONGEST_HEADING and not any(word.islower() for word in words)


@dataclass(frozen=True, slots=True)
class _Lead:
    """Words that entries of a list continue.

    Attributes:
        path: of the clause that they stand in.
        kind: of the mark that they have themselves, which their entries do not have.
        text: the words, after those that they continue.
    """

    path: tuple[str, ...]
    kind: str
    text: str


class _Leads:
    """What the next part of a contract may continue, the innermost last."""

    def __init__(self) -> None:
        self._open: list[_Lead] = []
        self._head: _Lead | None = None  # the first part of a sentence, for its later parts
        self._path: tuple[str, ...] = ()

    def enter(self, clause: Clause) -> None:
        """Begin a clause: what is open above it stays open."""
        self._path = clause.path
        self._head = None
        self._open = [
            lead
            for lead in self._open
            if len(lead.path) < len(clause.path) and clause.path[: len(lead.path)] == lead.path
        ]

    def lead_of(self, text: str, begins: bool) -> str:
        """The words that a part continues; it may open a list itself.

        Args:
            text: the part.
            begins: whether a sentence begins with it.
        """
        kind = _kind_of(text)
        if begins:
            self._head = None
            if not kind:
                self._open = [lead for lead in self._open if len(lead.path) < len(self._path)]
        while kind and self._open and self._open[-1].kind == kind:
            self._open.pop()
        above = self._open[-1:] or ([self._head] if self._head is not None else [])
        lead = above[0].text if above and (kind or not begins) else ""
        own = _Lead(self._path, kind, _shortened(f"{lead} {text}" if lead else text))
        if _OPEN.search(text):
            self._open.append(own)
        elif begins:
            self._head = own
        return lead


def _kind_of(text: str) -> str:
    """The kind of the mark of an entry; empty for a text that is none."""
    match = _MARKED.match(text)
    if match is None:
        return ""
    if letter := match["letter"]:
        if letter.isdigit():
            return "(1)"
        return "(i)" if re.fullmatch("[ivx]+", letter) else "(a)"
    if number := match["number"]:
        return ".".join("1" for _ in number.split("."))
    return "a." if match["bare"] else "-"


def _shortened(lead: str) -> str:
    """The last words of a lead, from a word on."""
    if len(lead) <= _LONGEST_LEAD:
        return lead
    return lead[-_LONGEST_LEAD:].partition(" ")[2]


def _parts(text: str) -> Iterator[tuple[int, int, bool]]:
    """Start and end of the parts of a clause, and whether a sentence begins with each."""
    for sentence in sentences(text):
        divisions = [
            match.end() for match in _DIVISION.finditer(text, sentence.start, sentence.end)
        ]
        start, begins = _after_headings(text, sentence.start, sentence.end), True
        for end in [*divisions, sentence.end]:
            own = text[start:end]
            if own.strip():
                first = start + len(own) - len(own.lstrip())
                yield first, start + len(own.rstrip()), begins
                begins = False
            start = max(start, end)


def _after_headings(text: str, start: int, end: int) -> int:
    """Where a sentence begins that has headings on lines of their own before it."""
    while start < end and (match := _HEADING_LINE.match(text, start)):
        words = match["words"]
        if len(words.split()) > _LONGEST_HEADING or _VERBS.search(words) or _OPEN.search(words):
            break
        start = match.end()
    return min(start, end)
