"""Clauses as sequences of words that can be compared, each with its offsets."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from metier_legal.comparison.frame_words import content_stems, has_frame
from metier_legal.structure.clauses import number_and_title
from metier_legal.structure.contract import Clause, Contract
from metier_legal.structure.references import Reference
from metier_legal.structure.titles import LONGEST_ENTRY, is_contents_entry, is_page_line

WordRole = Literal["word", "title", "number", "mark", "item", "reference"]
"""`mark` is punctuation, `item` the letter of an entry in a list, `number` that of a clause."""

_TOKEN = re.compile(
    r"\d+(?:[.,:/]\d+)*[^\W\d_]*"
    r"|[^\W\d_][^\W_\u00ad\u200b-\u200d\ufeff]*(?:(?:['\u2019](?!s\b)|[\u00ad\u200b-\u200d\ufeff])"
    r"[^\W\d_]+)*"
    r"|['\u2019]s\b|_{2,}|\.{3,}|[^\w\s]|_"
)
_BRACKETS = r"\((?:[a-z]{1,2}|[ivxl]{1,6}|[A-Z]|\d{1,2})\)"
_ITEM = re.compile(
    rf"(?:\A|\n)[ \t]*(?P<line>{_BRACKETS}|(?:[a-z]|[ivxl]{{1,5}}|\d{{1,2}})[.)]"
    rf"|[\u2022\u00b7*\u2013\u2014-])(?=\s)"
    rf"|[;:]\s+(?:(?:and|or)\s+)?(?P<inline>{_BRACKETS})(?=\s)"
)
"""The letter or number of an entry of a list, at the start of a line or after ";" or ":"."""
_GOES_ON = re.compile(
    r"(?:\b(?:paragraphs?|clauses?|sections?|articles?|items?|and|or|to|of|in|under)|[^\W\d_],)"
    r"[ \t]*\Z",
    re.IGNORECASE,
)
_ENDED = re.compile(r"(?:[.;:]|[;,]\s*(?:and|or)|\n[ \t]*)\s*\Z")
_LINE = re.compile(r"(?<![^\n])[^\n]*\d[^\n]*(?![^\n])")
"""A whole line with a number, which may be that of a page."""
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\ufeff]")
_LIKE = str.maketrans(
    {**dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
     **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u0060\u00b4", "'"),
     **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad", "-")}
)  # fmt: skip
_HEADING_END = re.compile(r"[\s.:;)\]*_#|\u2013\u2014-]*")
_LABEL_WORD = re.compile(r"[^\W_]+")
_COMPANY_WORDS_TEXT = """
inc ltd limited llc llp lp corp corporation company co plc gmbh ag sa the and of group
"""
_COMPANY_WORDS = frozenset(_COMPANY_WORDS_TEXT.split())


class Word(NamedTuple):
    """A word, number or sign of a clause.

    Attributes:
        key: what is compared; equal for other capitals, quotation marks and dashes.
        text: the same with its capitals.
        start: offset in the contract.
        end: offset after it.
        role: what it is.
        reference: of a cross-reference, which is one word.
    """

    key: str
    text: str
    start: int
    end: int
    role: WordRole
    reference: Reference | None = None


class Heading(NamedTuple):
    """A heading that a clause begins with: its own, or that of a part above it.

    Attributes:
        path: of the part that it heads.
        title: its words without the number, for comparison.
        start: offset of its title in the contract.
        end: offset after it.
    """

    path: tuple[str, ...]
    title: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ClauseWords:
    """A clause with its words.

    Attributes:
        clause: as the contract has it.
        titles: of the headings that it stands under, outermost first, for comparison.
        headings: those that it begins with, its own last.
        words: of its own title and its text, without its number.
        head: all words and signs of its headings, their numbers with them.
        is_passage: whether it is a part of a clause, which another clause of the other contract is.
        names: words of the names of the parties.
    """

    clause: Clause
    titles: tuple[str, ...]
    headings: tuple[Heading, ...]
    words: tuple[Word, ...]
    head: tuple[Word, ...]
    is_passage: bool = False
    names: frozenset[str] = frozenset()

    @property
    def key(self) -> tuple[str, ...]:
        """What is equal for clauses that say the same."""
        return tuple(word.key for word in self.words)

    @property
    def body(self) -> tuple[Word, ...]:
        """The words without the title."""
        return tuple(word for word in self.words if word.role != "title")

    @property
    def body_key(self) -> tuple[str, ...]:
        """The same as `key`, without the title."""
        return tuple(word.key for word in self.body)

    @property
    def content(self) -> frozenset[str]:
        """Stems of the words that say what it is about; none in a language that is not known."""
        return content_stems(self.key, self.names) if has_frame(self.key) else frozenset()


def party_words(contract: Contract) -> frozenset[str]:
    """Words of the names and roles of the parties."""
    return frozenset(
        word
        for party in contract.parties
        for name in (party.name, party.role)
        for word in title_key(name).split()
        if len(word) > 2 and word not in _COMPANY_WORDS
    )


def clause_words(contract: Contract) -> tuple[ClauseWords, ...]:
    """The clauses of a contract with their words; tables of contents are left out."""
    references = contract.references
    starts = [reference.start for reference in references]
    names = party_words(contract)
    clauses = []
    for clause in map(_without_contents, contract.clauses):
        if clause is None:
            continue
        headings, body = _headings(contract.text, clause)
        first, last = (bisect_left(starts, offset) for offset in (body, clause.end))
        words = tuple(_words(contract.text, body, clause.end, references[first:last]))
        own = headings[-1] if headings and headings[-1].path == clause.path else None
        title = () if own is None else tuple(_title_words(contract.text, own))
        titles = tuple(title_key(number_and_title(label)[1]) for label in clause.path)
        head = tuple(_head_words(contract.text, clause.start, body, headings))
        clauses.append(ClauseWords(clause, titles, headings, title + words, head, names=names))
    return tuple(clauses)


def joined_words(clauses: Sequence[ClauseWords]) -> tuple[Word, ...]:
    """The words of several clauses on end; those after the first with their numbers."""
    first, *others = clauses
    return first.words + tuple(word for clause in others for word in (*clause.head, *clause.body))


def _without_contents(clause: Clause) -> Clause | None:
    """A clause, or the paragraphs below a table of contents; None for a table alone."""
    if clause.kind != "contents":
        return clause
    end, is_prose = 0, False
    for line in clause.text.splitlines(keepends=True):
        text = line.strip()
        is_prose = len(text) > LONGEST_ENTRY and not is_contents_entry(text)
        if is_prose:
            break
        end += len(line)
    if not is_prose:
        return None
    text = clause.text[end:]
    start = clause.start + end + len(text) - len(text.lstrip())
    return replace(
        clause, number="", title="", path=(), kind="clause", start=start, text=text.lstrip()
    )


def title_key(title: str) -> str:
    """A title for comparison: without capitals and signs."""
    return " ".join(_LABEL_WORD.findall(_like(title).casefold()))


def _like(text: str) -> str:
    """A text whose signs and letters have one form each."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).translate(_LIKE)


def _headings(text: str, clause: Clause) -> tuple[tuple[Heading, ...], int]:
    """The headings that a clause begins with, and the offset of the text after them."""
    matches = list(_LABEL_WORD.finditer(text, clause.start, min(clause.end, clause.start + 600)))
    read = [match[0].casefold() for match in matches]
    labels = [[word.casefold() for word in _LABEL_WORD.findall(label)] for label in clause.path]
    if clause.path == ("Signatures",) or not labels:
        return (), clause.start
    for first in range(len(labels)):
        words = [word for label in labels[first:] for word in label]
        skipped = _position_of(words, read) if first == len(labels) - 1 else 0
        if not words or skipped is None or read[skipped : skipped + len(words)] != words:
            continue
        headings, position = [], skipped
        for depth in range(first, len(labels)):
            start, position = position, position + len(labels[depth])
            title = _LABEL_WORD.findall(number_and_title(clause.path[depth])[1])
            begin = min(position - len(title), position - 1) if start < position else start
            headings.append(
                Heading(
                    clause.path[: depth + 1],
                    title_key(" ".join(title)),
                    matches[begin].start() if title else matches[position - 1].end(),
                    matches[position - 1].end(),
                )
            )
        after = _HEADING_END.match(text, matches[position - 1].end(), clause.end)
        return tuple(headings), clause.end if after is None else _body_start(text, after)
    return (), clause.start


def _body_start(text: str, after: re.Match[str]) -> int:
    """Where the text after a heading begins; what opens the first entry of a list belongs to it."""
    line = text.rfind("\n", after.start(), after.end())
    rest = text[line + 1 : after.end()]
    return line + 1 if line >= 0 and rest.strip() else after.end()


def _position_of(words: Sequence[str], read: Sequence[str]) -> int | None:
    """Where the words of a heading begin among the first of a clause."""
    for start in range(min(len(read), 40)):
        if list(read[start : start + len(words)]) == list(words):
            return start
    return None


def _title_words(text: str, heading: Heading) -> Iterator[Word]:
    for word in _tokens(text, heading.start, heading.end):
        if word.role == "word":
            yield word._replace(role="title")


def _head_words(text: str, start: int, end: int, headings: Sequence[Heading]) -> Iterator[Word]:
    """The words of headings as they stand in a text that holds them."""
    for word in _tokens(text, start, end):
        in_title = any(heading.start <= word.start < heading.end for heading in headings)
        yield word._replace(role="title" if in_title else "number")


def _words(text: str, start: int, end: int, references: Sequence[Reference]) -> Iterator[Word]:
    """The words of a stretch; references and the letters of lists are one word each."""
    apart = [
        Word("\u00a7", _like(text[first:last]), first, last, "reference", reference)
        for reference in references
        if start <= (first := reference.start) and (last := reference.end) <= end
    ]
    for match in _ITEM.finditer(text[start:end]):
        group = "line" if match["line"] else "inline"
        if group == "line" and not _is_item(text[start:end], match):
            continue
        first, last = (start + offset for offset in match.span(group))
        apart.append(Word("(\u2022)", text[first:last], first, last, "item"))
    position = start
    for word in sorted(apart, key=lambda word: (word.start, word.end)):
        if word.start < position:
            continue
        yield from _tokens(text, position, word.start)
        yield word
        position = word.end
    yield from _tokens(text, position, end)


def _is_item(text: str, match: re.Match[str]) -> bool:
    """Whether a letter at the start of a line begins an entry, and does not go on with a line."""
    before = text[max(0, match.start("line") - 40) : match.start("line")]
    if not before.strip() or before.rstrip(" \t").endswith("\n\n"):
        return True
    if match["line"].startswith("("):
        return _GOES_ON.search(before.rstrip()) is None
    return _ENDED.search(before.rstrip(" \t").removesuffix("\n")) is not None


def _tokens(text: str, start: int, end: int) -> Iterator[Word]:
    """Words, numbers and signs of a stretch, without lines that only count pages."""
    stretches = [(match.start(), match.end()) for match in _LINE.finditer(text, start, end)]
    pages = [line for line in stretches if is_page_line(text[slice(*line)].strip())]
    for match in _TOKEN.finditer(text, start, end):
        if any(first <= match.start() < last for first, last in pages):
            continue
        written = _like(match[0])
        role: WordRole = "word" if any(map(str.isalnum, written)) else "mark"
        key = written.casefold()
        if written[:2] in ("__", ".."):
            key = "__"
        elif key == "an":
            key = "a"  # follows from the next word
        yield Word(key, written, match.start(), match.end(), role)
