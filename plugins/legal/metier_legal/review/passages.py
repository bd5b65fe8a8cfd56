"""Passages of a contract: the sentences of its clauses, each with where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from metier.plugin import sentences
from metier_legal.structure import Clause, Contract
from metier_legal.structure.clauses import number_and_title

_LONGEST = 700
"""Characters of a passage; a longer sentence is divided where a part of it ends."""

_SHORTEST = 40
"""Characters below which a sentence is read with the next one."""

_MARKS = "#*_"
"""Marks of Markdown before a heading, and around it."""
_AFTER_HEADING = " \t\r\n.:-\u2013\u2014" + _MARKS
_LEFT_OUT = ("contents", "signatures")
_PART_END = re.compile(
    r"[;:]\s+(?=\S)|,\s+(?=\((?:[a-z]{1,4}|\d{1,2})\)\s)|\s+(?=\((?:[a-z]|[ivx]{1,4}|\d{1,2})\)\s)"
)


_DEFINED_ELSEWHERE = re.compile(
    r"(?:\W*[A-Z][\w\s&/,'\u2019-]{0,60}\W{0,3}\s+(?:shall\s+)?(?:has|have)\s+the\s+(?:respective\s+)?"
    r"meanings?\s+(?:given|set\s+(?:forth|out)|assigned|ascribed|specified|attributed|defined|stated)\b"
    r"(?:[^.;]|\.(?=\d)){0,120}[.;]?\s*)+"
)
"""A term whose definition stands elsewhere: it names a subject and regulates nothing."""


@dataclass(frozen=True, slots=True)
class ContractPassage:
    """A sentence of a contract, or a part of a long one: `contract.text[start:end]`.

    Attributes:
        clause: that it stands in.
        start: offset of its first character in the contract.
        end: offset after its last one.
        text: the words.
        content: what is compared: the words under the title of the clause.
    """

    clause: Clause
    start: int
    end: int
    text: str
    content: str


def contract_passages(contract: Contract) -> list[ContractPassage]:
    """The passages of a contract in order, without tables of contents and signatures.

    Terms whose definition stands elsewhere are left out, too.
    """
    passages = []
    for clause in contract.clauses:
        if clause.kind in _LEFT_OUT:
            continue
        body, title = _body_start(clause), _title(clause)
        for start, end in _joined(_stretches(clause.text, body)):
            text = clause.text[start:end]
            if _DEFINED_ELSEWHERE.fullmatch(text):
                continue
            content = f"{title}. {text}" if title else text
            passages.append(
                ContractPassage(clause, clause.start + start, clause.start + end, text, content)
            )
    return passages


def _title(clause: Clause) -> str:
    """The innermost title that a clause stands under."""
    titles = (number_and_title(heading)[1] for heading in reversed(clause.path))
    return next(filter(None, titles), "")


def _body_start(clause: Clause) -> int:
    """Where the text of a clause begins, after its headings; 0 where nothing else is there."""
    start = 0
    for heading in clause.path:
        marked = clause.text[start:]
        rest = marked.lstrip(_MARKS + " \t")
        if rest.startswith(heading):
            start += len(marked) - len(rest) + len(heading)
            rest = clause.text[start:]
            start += len(rest) - len(rest.lstrip(_AFTER_HEADING))
    return start if clause.text[start:].strip() else 0


def _joined(stretches: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Stretches of a text, those that are short with the next one."""
    first: int | None = None
    end = 0
    for start, end in stretches:
        first = start if first is None else first
        if end - first >= _SHORTEST:
            yield first, end
            first = None
    if first is not None:
        yield first, end


def _stretches(text: str, body: int) -> Iterator[tuple[int, int]]:
    """The sentences of a text from an offset on, long ones in parts."""
    for sentence in sentences(text[body:]):
        start, end = body + sentence.start, body + sentence.end
        while end - start > _LONGEST:
            cut = _cut(text, start)
            yield _visible(text, start, cut)
            start = cut
        if text[start:end].strip():
            yield _visible(text, start, end)


def _cut(text: str, start: int) -> int:
    """Where a long sentence is divided: after the last part of it, or at a space."""
    limit = start + _LONGEST
    ends = [match.end() for match in _PART_END.finditer(text, start + _SHORTEST, limit)]
    cut = ends[-1] if ends else text.rfind(" ", start + 1, limit) + 1
    return cut if cut > start else limit


def _visible(text: str, start: int, end: int) -> tuple[int, int]:
    """A stretch without the white space at its ends."""
    own = text[start:end]
    return start + len(own) - len(own.lstrip()), start + len(own.rstrip())
