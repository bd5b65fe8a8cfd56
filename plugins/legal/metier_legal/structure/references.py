"""Cross-references of a contract: the clauses they mean, or that there is no such clause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metier_legal.structure.numbering import HEAD, MARK, numbers, roman_number

if TYPE_CHECKING:
    from metier_legal.structure.contract import Clause

_WORD = (
    r"[Cc]lauses?|CLAUSES?|[Ss]ections?|SECTIONS?|[Ss]ub-?(?:clauses?|sections?)|[Pp]aragraphs?"
    r"|[Aa]rticles?|ARTICLES?|Secs?\.|Arts?\.|\u00a7{1,2}"
)
_ATTACHED = (
    r"Schedules?|SCHEDULES?|Exhibits?|EXHIBITS?|Annex(?:es|ure)?|ANNEX(?:ES)?|Appendix|Appendices"
    r"|Attachments?|Addendum"
)
_ITEMS = r"(?:\s?\([a-z]{1,4}\)|\s?\(\d{1,2}\))*"
_NUMBER = rf"(?:\d{{1,3}}[A-Z]?(?:\.\d{{1,3}}[A-Z]?)*|[IVXLC]+\b|[A-Z]\b){_ITEMS}"
_JOINED = r"(?:\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or|to|through)\s+)"
_REFERENCE = re.compile(
    rf"(?<![\w.])(?P<word>{_WORD}|{_ATTACHED})\s*"
    rf"(?P<numbers>(?<=[\s\u00a7]){_NUMBER}(?:{_JOINED}{_NUMBER})*)"
)
_MOST_JOINED = 9
"""References after one word for a document that are looked at: "clauses 2, 3 and 4 of the Act"."""
_FURTHER = re.compile(rf"{_JOINED}{_REFERENCE.pattern}")
_EACH = re.compile(
    rf"(?P<number>\d{{1,3}}[A-Z]?(?:\.\d{{1,3}}[A-Z]?)*|[IVXLC]+\b|[A-Z]\b)(?P<items>{_ITEMS})"
)
_THIS = re.compile(
    r"\b[Tt]his (?P<this>[Cc]lause|[Ss]ection|[Aa]rticle|[Ss]chedule|[Pp]aragraph|Exhibit|Annex)\b"
    r"(?!\s+(?:\d|[IVXLC]+\b))"  # "this clause 7" is a reference with a number
    r"|\bthe (?P<near>foregoing|preceding|previous|following|next) "
    r"(?:clause|section|article|paragraph)\b(?!s)",
)
_ELSEWHERE = re.compile(
    r"\s*(?:\([^)]*\)\s*)?(?:,\s)?(?:of|to|in|under)\s+(?:the|that|its|any|title|an?)\s+"
    r"(?![Aa]greement|[Cc]ontract|[Ll]ease|Schedule|Exhibit|Annex|Appendix|General|Parties)"
    r"(?=[A-Z\d]|said|other|Act|Code)|\s+(?:U\.?S\.?C|C\.?F\.?R)\b"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference of one clause to another of the same contract.

    Attributes:
        text: as it is written, such as `clause 7.2(b)`; of several numbers after one word, the
            first with the word and each other alone.
        start: offset of its first character in the contract.
        end: offset after its last one.
        source: the clause that it stands in; None before the first.
        path: headings of what it means, outermost first; empty where there is no such clause.
        target: the first clause of what it means; None where there is no such clause.
    """

    text: str
    start: int
    end: int
    source: Clause | None
    path: tuple[str, ...]
    target: Clause | None

    @property
    def is_dangling(self) -> bool:
        """Whether the contract has no clause that it could mean."""
        return self.target is None


def find_references(text: str, clauses: Sequence[Clause]) -> tuple[Reference, ...]:
    """The references of a contract to its own clauses, in order.

    A reference to another document ("section 7 of the Companies Act") is none.
    """
    targets = _Targets(clauses)
    references: list[Reference] = []
    for position, source in enumerate(clauses):
        if source.kind == "contents":
            continue
        headed = source.start
        for match in _THIS.finditer(text, source.start, source.end):
            path, target = _near(match, clauses, position)
            references.append(Reference(match[0], match.start(), match.end(), source, path, target))
        for match in _REFERENCE.finditer(text, source.start, source.end):
            if match.start() == headed or _is_heading(text, match, source):
                continue
            if _is_elsewhere(text, match):
                continue
            for number, start, end in _numbers(match):
                path, target = targets.find(match["word"], number, source)
                written = text[start:end]
                references.append(Reference(written, start, end, source, path, target))
    return tuple(sorted(references, key=lambda reference: reference.start))


def _is_elsewhere(text: str, match: re.Match[str]) -> bool:
    """Whether a reference, or the last of those joined with it, is to another document."""
    end = match.end()
    for _ in range(_MOST_JOINED):
        joined = _FURTHER.match(text, end)
        if joined is None:
            break
        end = joined.end()
    return _ELSEWHERE.match(text, end) is not None


def _is_heading(text: str, match: re.Match[str], source: Clause) -> bool:
    """Whether the words are a heading of their own clause: Section 4. Fees."""
    line_start = text.rfind("\n", 0, match.start()) + 1
    begins_line = not text[line_start : match.start()].strip(" \t#*_")
    return begins_line and any(heading.startswith(match[0]) for heading in source.path)


def _numbers(match: re.Match[str]) -> Iterator[tuple[re.Match[str], int, int]]:
    """The numbers after a word, each with the offsets of what is shown of it."""
    offset = match.start("numbers")
    for position, number in enumerate(_EACH.finditer(match["numbers"])):
        start = offset + number.start() if position else match.start()
        yield number, start, offset + number.end()


def _near(
    match: re.Match[str], clauses: Sequence[Clause], position: int
) -> tuple[tuple[str, ...], Clause | None]:
    """What "this Section" and "the foregoing paragraph" mean."""
    source = clauses[position]
    near = match["near"]
    if near is not None:
        step = 1 if near in ("following", "next") else -1
        other = position + step
        if 0 <= other < len(clauses) and clauses[other].path:
            return clauses[other].path, clauses[other]
        return (), None
    path = source.path
    if match["this"].lower() in ("article", "schedule", "exhibit", "annex"):
        path = path[:1]
    inside = next((clause for clause in clauses if clause.path[: len(path)] == path), None)
    return (path, inside) if path else ((), None)


class _Targets:
    """Clauses by their numbers."""

    def __init__(self, clauses: Sequence[Clause]) -> None:
        self._clauses = clauses
        self._by_key: dict[tuple[str, object], list[tuple[tuple[str, ...], Clause]]] = {}
        for clause in clauses:
            for depth, label in enumerate(clause.path, start=1):
                path = clause.path[:depth]
                for key in _keys(label):
                    known = self._by_key.setdefault(key, [])
                    if not any(path == other for other, _ in known):
                        known.append((path, clause))

    def find(
        self, word: str, number: re.Match[str], source: Clause
    ) -> tuple[tuple[str, ...], Clause | None]:
        """Path and first clause of what a number after a word means."""
        for key in _requested_keys(word, number["number"]):
            if known := self._by_key.get(key):
                path, clause = self._nearest(known, source, word)
                if self._has_items(path, number["items"]):
                    return path, clause
                return (), None
        return (), None

    def _nearest(
        self, targets: Sequence[tuple[tuple[str, ...], Clause]], source: Clause, word: str
    ) -> tuple[tuple[str, ...], Clause]:
        """In a schedule a paragraph is one of the schedule; elsewhere none of a schedule."""
        same = [target for target in targets if target[0][:1] == source.path[:1]]
        outside = [target for target in targets if target[1].kind != "schedule"]
        is_inner = word.lower().startswith("paragraph") and source.kind == "schedule"
        ranked = [*same, *targets] if is_inner else [*outside, *same, *targets]
        return ranked[0]

    def _has_items(self, path: tuple[str, ...], items: str) -> bool:
        """Whether clauses under a path have the item (b) that a reference names."""
        first = re.match(r"\s?\((\w+)\)", items)
        if first is None:
            return True
        item = re.compile(rf"(?<!\w)\(?{re.escape(first[1])}[.)]")
        return any(
            item.search(clause.text) for clause in self._clauses if clause.path[: len(path)] == path
        )


def _keys(label: str) -> Iterator[tuple[str, object]]:
    """What a heading may be called: its number, and the word of a part with its number."""
    match = HEAD.match(label)
    if match is not None and match["number"]:
        yield "number", numbers(match["number"])
    elif match is not None and match["part"]:
        word, _, rest = match["part"].rpartition(" ")
        value = rest.strip('"\u201c\u201d')
        if word:  # there is none in a language that writes them as one, such as Chinese
            yield _stem(word), _value(value)
    elif (mark := MARK.match(label)) is not None:
        alpha = mark["alpha"] or mark["named"] or ""
        if alpha:
            yield "letter", alpha
            yield "roman", roman_number(alpha)


def _requested_keys(word: str, number: str) -> Iterator[tuple[str, object]]:
    """What a number after a word may be called, the likeliest first."""
    stem = _stem(word)
    yield stem, _value(number)
    if stem in ("SCHEDULE", "EXHIBIT", "ANNEX", "APPENDIX", "ATTACHMENT", "ADDENDUM"):
        return
    if number[0].isdigit():
        yield "number", numbers(number)
        return
    yield "letter", number
    yield "roman", roman_number(number)


def _stem(word: str) -> str:
    word = word.upper().split()[0].rstrip(".")
    if word.startswith("ART"):
        return "ARTICLE"
    if word.startswith("ANNEX"):
        return "ANNEX"
    if word.startswith("APPEND"):
        return "APPENDIX"
    return word.rstrip("S")


def _value(number: str) -> object:
    """A number of a part: digits and Roman numerals alike."""
    if number.isdecimal():
        return int(number)
    return roman_number(number) or number
