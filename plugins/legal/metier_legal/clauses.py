"""Clauses of a contract: where one ends and the next begins, with exact character offsets."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 1800
"""Characters of a clause before it is divided at paragraphs: what models read whole is about that."""

_NUMBER = r"\d{1,3}(?:\.\d{1,3})*\.?"
_ROMAN = r"[IVXLC]{1,7}"
_HEADING = re.compile(
    rf"""^[ \t]*(?:
        (?P<major>(?:ARTICLE|Article|CLAUSE|Clause)\s+(?:{_ROMAN}|\d+)\b[^\n]{{0,80}})
      | (?P<section>(?:SECTION|Section|\u00a7)\s*{_NUMBER})
      | (?P<number>{_NUMBER})(?=[ \t]+[\w"\u201c(\[])
      | (?P<capitals>[A-Z][A-Z0-9 ,;&'/()-]{{3,70}})[.:]?[ \t]*$
    )""",
    re.VERBOSE | re.MULTILINE,
)
_PARAGRAPH = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause: `contract[start:end]` is its text.

    Attributes:
        heading: the article it stands in and its own number or title; empty if it has none.
    """

    start: int
    end: int
    text: str
    heading: str


def split_clauses(contract: str) -> list[Clause]:
    """Divide a contract at its numbered or capitalised headings.

    A text without such headings is one clause, or one per paragraph if it is long. A heading
    without a body (an article's title) is carried by the clauses under it.
    """
    starts = [match for match in _HEADING.finditer(contract) if _begins_clause(contract, match)]
    if not starts:
        return _pieces(contract, 0, len(contract), "")
    clauses = _pieces(contract, 0, starts[0].start(), "") if starts[0].start() else []
    article = ""
    for match, following in zip(starts, [*starts[1:], None], strict=True):
        end = following.start() if following else len(contract)
        label = " ".join(match.group().split()).rstrip(".:")
        if match["major"] or match["capitals"] or _is_title(contract[match.start() : end]):
            title = " ".join(contract[match.start() : end].split())
            article = label if len(title) > 90 else title.rstrip(".:")
            if not contract[match.end() : end].strip() or _is_title(contract[match.start() : end]):
                continue
            label = ""
        heading = ", ".join(part for part in (article, label) if part)
        clauses.extend(_pieces(contract, match.start(), end, heading))
    return clauses


def _begins_clause(contract: str, match: re.Match[str]) -> bool:
    """A number inside wrapped prose ("at least\\n30 days") begins no clause."""
    if not match["number"]:
        return True
    before = contract[: match.start()].rstrip(" \t")
    ends_prose = before.rstrip().endswith((".", ":", ";", "and", "or")) or not before.strip()
    dotted = "." in match["number"]
    return before.endswith("\n\n") or not before or (dotted and ends_prose)


def _is_title(block: str) -> bool:
    """A numbered line without a sentence ("7. Liability"): the title of what follows."""
    line = " ".join(block.split())
    return len(line) <= 80 and not re.search(r"[a-z][.;]\s*$", line)


def _pieces(contract: str, start: int, end: int, heading: str) -> list[Clause]:
    """The stretch as one clause, or as groups of its paragraphs if it is too long."""
    if not contract[start:end].strip():
        return []
    if end - start <= LONGEST:
        return [_trimmed(contract, start, end, heading)]
    pieces: list[Clause] = []
    first = start
    last = start
    breaks = [match.end() for match in _PARAGRAPH.finditer(contract, start, end)] + [end]
    for stop in breaks:
        if stop - first > LONGEST and last > first:
            pieces.append(_trimmed(contract, first, last, heading))
            first = last
        last = stop
    if contract[first:end].strip():
        pieces.append(_trimmed(contract, first, end, heading))
    return [piece for piece in pieces if piece.text]


def _trimmed(contract: str, start: int, end: int, heading: str) -> Clause:
    raw = contract[start:end]
    first = start + len(raw) - len(raw.lstrip())
    last = start + len(raw.rstrip())
    return Clause(first, last, contract[first:last], heading)
