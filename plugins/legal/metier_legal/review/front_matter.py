"""What a contract says of itself at its beginning: its name, its parties and its date."""

from __future__ import annotations

import re

from metier_legal.structure import Clause, Contract

NAME, PARTIES, DATE = "document-name", "parties", "agreement-date"
FRONT_MATTER = (NAME, PARTIES, DATE)
"""Ids of the questions that are answered by where a contract says it, not by how."""

_LONGEST_NAME = 120
_MOST_SEARCHED = 4_000
"""Characters of a contract that its date is looked for in."""

_KIND = (
    r"(?:agreement|contract|licen[cs]e|lease|deed|amendment|addendum|memorandum of understanding"
    r"|statement of work|terms and conditions|terms of service|letter of intent)"
)
_NAME = re.compile(rf"\b{_KIND}s?\b", re.IGNORECASE)
_THIS = re.compile(
    rf"\b[Tt](?:his|HIS) (?:[A-Z][\w&/-]*,? (?:and |of |for )?){{1,8}}(?i:{_KIND})\b"
)
"""The name of a contract has a word of its own: `this Agreement` names none."""
_MONTH = (
    r"(?:jan(?:uary|\.)?|feb(?:ruary|\.)?|mar(?:ch|\.)?|apr(?:il|\.)?|may|june?|july?|aug(?:ust|\.)?"
    r"|sept?(?:ember|\.)?|oct(?:ober|\.)?|nov(?:ember|\.)?|dec(?:ember|\.)?)"
)
_DATE = re.compile(
    rf"\b(?:{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:day\s+of\s+)?{_MONTH},?\s+\d{{4}}"
    r"|\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{4})\b",
    re.IGNORECASE,
)

_ADDRESS = re.compile(
    r"\.?(?:,[^\n()\[\];]{1,160}?)?\s*[(\[][^()\[\]\n]{1,160}[)\]]"
    r"|(?:,\s*[A-Z0-9][\w'\u2019-]*(?:[ \t]+[\w'\u2019-]+){0,4})+(?=[.;]?\s*(?:\n|\Z)|\.\s)"
)
"""What follows the name of the last party: its address, and what it is called in brackets."""
_MARKS = "#*_ \t"
"""Marks of Markdown at the ends of a line."""


def front_matter(contract: Contract, question: str) -> tuple[int, int] | None:
    """Where a contract says its name, its parties or its date; None where that is not certain.

    Args:
        contract: with its clauses.
        question: id of a question; for any other the answer is None.
    """
    if question == NAME:
        return _name(contract)
    if question == PARTIES:
        parties = contract.parties
        if len(parties) < 2:
            return None
        address = _ADDRESS.match(contract.text, parties[-1].end)
        return parties[0].start, parties[-1].end if address is None else address.end()
    if question == DATE:
        match = _DATE.search(contract.text, 0, _preamble_end(contract))
        return None if match is None else match.span()
    return None


def _name(contract: Contract) -> tuple[int, int] | None:
    """The first line that names the document, else the first words that do."""
    for clause in contract.clauses[:2]:
        marked = clause.text.partition("\n")[0].rstrip(_MARKS)
        line = marked.lstrip(_MARKS)
        if len(line) <= _LONGEST_NAME and _NAME.search(line) and not _is_sentence(line):
            return clause.start + len(marked) - len(line), clause.start + len(marked)
    match = _THIS.search(contract.text, 0, _preamble_end(contract))
    return None if match is None else match.span()


def _is_sentence(line: str) -> bool:
    return (
        line.endswith((".", ";", ",")) or re.search(r"\b(?:is|are|shall|made)\b", line) is not None
    )


def _preamble_end(contract: Contract) -> int:
    """Where the clauses begin that have a number, or what is likely to be before them."""
    numbered = (clause.start for clause in contract.clauses if _is_numbered(clause))
    return min(next(numbered, _MOST_SEARCHED), _MOST_SEARCHED)


def _is_numbered(clause: Clause) -> bool:
    return bool(clause.number) and clause.kind == "clause"
