"""Headings of a contract: the places where a clause begins."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_TITLE = 100
"""Characters of a heading that stands alone; a longer one is a sentence."""
LONGEST_ENTRY = 60
"""Characters of an entry in a table of contents, where it has no leader to its page."""
LONGEST_LINE = 1800
"""Characters of a line beyond which headings are looked for inside it: line breaks were lost."""
APART = -1
"""Level of what stands under nothing and holds nothing: contents and signatures."""

_HEAD = re.compile(
    r"""(?:
        (?P<part>(?:ARTICLE|SCHEDULE|EXHIBIT|ANNEX|APPENDIX|ATTACHMENT|PART
                   |Article|Schedule|Exhibit|Annex|Appendix|Attachment|Part)
                 \s+(?:[IVXLC]+|\d{1,3}(?:\.\d{1,3})*|[A-Z])\b
          | \u7b2c[\d\u4e00-\u9fff]{1,5}(?:[\u7ae0\u8282]|(?P<article>\u6761)))  # Chinese
      | (?P<word>(?:SECTION|Section|CLAUSE|Clause)\s+|\u00a7\s*)?
        (?P<number>\d{1,3}(?:\.\d{1,3})*)\.?(?=\s|$|[^\x00-\x7f])
    )""",
    re.VERBOSE,
)
_MARKDOWN = re.compile(r"(#{1,6})\s+(\S.*)")
_SENTENCE_END = re.compile(r"""[.;:\u3002\uff1b\uff1a]["')\]\u201d\u2019]*(?:\s+(?:and|or))?$""")
_REFERENCE = re.compile(r"(?:clauses?|sections?|paragraphs?|articles?|and|or|to|,)$", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:table of )?contents:?|index:?", re.IGNORECASE)
# read backwards, so that a long leader is tried once and not from each of its characters
_ENTRY_BACKWARDS = re.compile(r"\d{1,3}\s*?(?:\.{3}|(?: \.){3}|\u2026|\t| {3})")
_PAGE = re.compile(r"(?<![\s.])[\s.]*+\d{1,3}$")
_SIGNATURES = re.compile(r"IN WITNESS WHEREOF|SIGNED\b|EXECUTED\b|Signed by\b|Executed by\b")
_RUN_IN_TITLE = re.compile(r"([^.:]{3,60})\.(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Heading:
    """Where a clause begins.

    Attributes:
        start: offset of its first character.
        level: 0 for articles, schedules and unnumbered headings, 1 for `5.`, 2 for `5.1` ...
        label: the number with the title, as far as it has them.
        holds_below: whether later clauses of a higher level still stand under it when it has a
            text of its own.
    """

    start: int
    level: int
    label: str
    holds_below: bool = True


def find_headings(contract: str) -> list[Heading]:
    """Headings in order; sub-paragraphs such as (a), and numbers in running text, are none."""
    lines: list[tuple[int, str]] = []
    offset = 0
    for line in contract.splitlines(keepends=True):
        lines.append((offset + len(line) - len(line.lstrip()), line.strip()))
        offset += len(line)
    scan = _Scan(contract, lines)
    for index in range(len(lines)):
        scan.line(index)
    return scan.found


class _Scan:
    """One pass over the lines; holds what decides whether a line begins a clause."""

    def __init__(self, contract: str, lines: list[tuple[int, str]]) -> None:
        self.found: list[Heading] = []
        self._contract = contract
        self._lines = lines
        self._before = ""  # the line above; empty where a new paragraph begins
        self._last: tuple[int, ...] = ()
        self._listed: set[str] | None = None  # what a table of contents has named so far
        self._signing = False
        self._capitals_end = 0

    def line(self, index: int) -> None:
        """Read the next line."""
        start, text = self._lines[index]
        if index < self._capitals_end:
            return
        if not text:
            self._before = ""
            return
        listed = self._is_listing(text) or _is_contents_entry(text)
        alone = not listed and self._heading(index, start, text)
        if len(text) > LONGEST_LINE:
            self._inside(start, start + len(text))
        # the line after a title is as good as a new paragraph
        self._before = "" if alone else text

    def _heading(self, index: int, start: int, text: str) -> bool:
        """Note the heading a line begins with, if any; whether it is the whole line."""
        marked = _MARKDOWN.match(text)
        if marked is not None:
            self._signing = False
            self.found.append(Heading(start, len(marked[1]) - 1, marked[2].rstrip("# ")))
            return True
        match = _HEAD.match(text)
        if match is not None and self._begins(match, text):
            if match["part"]:
                self._signing = False
                title = text[match.end() :] if len(text) <= LONGEST_TITLE else ""
                self.found.append(
                    Heading(start, int(bool(match["article"])), match.group() + title)
                )
            elif not self._signing:
                self._last = _numbers(match["number"])
                title = self._title(index, text[match.end() :].strip())
                label = f"{match.group()} {title}".strip()
                self.found.append(Heading(start, len(self._last), label))
            else:
                return False
            return match.end() + len(title) >= len(text) - 1
        if self._before or self._signing:
            return False
        if _SIGNATURES.match(text):
            self._signing = True
            self.found.append(Heading(start, APART, "Signatures", holds_below=False))
            return False
        return self._capitals(index, start)

    def _begins(self, match: re.Match[str], text: str) -> bool:
        """Whether a number at the start of a line begins a clause rather than goes on with one."""
        rest = text[match.end() :].lstrip(" \t\"'(\u201c\u2018-\u2013\u2014:.")
        if rest[:1].islower():
            return False  # a cross-reference in wrapped prose, or a part of the sentence above
        fresh = not self._before
        named = match["part"] or match["word"]
        if not named and (not rest or "." not in match.group()):
            # a page number, an amount or an address, unless it is the number that is due
            return fresh and _follows(_numbers(match["number"]), self._last)
        return fresh or bool(_SENTENCE_END.search(self._before))

    def _title(self, index: int, rest: str) -> str:
        following = self._lines[index + 1][1] if index + 1 < len(self._lines) else ""
        if len(rest) <= LONGEST_TITLE and not re.search(r"[.:;](?:\s|$)", rest):
            below = _HEAD.match(following)
            if not following or (below and not below.group().isdigit()):
                return rest
            # short and followed by a sentence of its own: a wrapped line would be nearly full
            if 0 < len(rest) <= LONGEST_ENTRY and following[:1].isupper() and rest[0].isupper():
                return rest
        return _run_in_title(rest)

    def _capitals(self, index: int, start: int) -> bool:
        """Note a heading in capitals, on one line or on several, if there is one."""
        end = index
        while end < len(self._lines) and self._lines[end][1].isupper():
            end += 1
        title = " ".join(text for _, text in self._lines[index:end])
        letters = sum(character.isalpha() for character in title)
        if letters < 4 or len(title) > LONGEST_TITLE or title.endswith((",", ";")):
            return False
        self._capitals_end = end
        level = 0
        if _CONTENTS.fullmatch(title):
            level, self._listed = APART, set()
        self.found.append(Heading(start, level, title.rstrip(".:"), holds_below=False))
        return True

    def _is_listing(self, text: str) -> bool:
        """Whether a line belongs to a table of contents, which ends where an entry recurs."""
        if self._listed is None:
            if not _CONTENTS.fullmatch(text) or self._before:
                return False
            self._listed = set()
            return not text.isupper()
        match = _HEAD.match(text)
        key = match.group().rstrip(".") if match else _PAGE.sub("", text).casefold()
        prose = len(text) > LONGEST_ENTRY and not _is_contents_entry(text)
        if key in self._listed or prose:
            self._listed = None
            return False
        self._listed.add(key)
        return True

    def _inside(self, start: int, end: int) -> None:
        """Headings within one long line; only a number that is due is believed there."""
        for match in _HEAD.finditer(self._contract, start + 1, end):
            before = self._contract[max(start, match.start() - 24) : match.start()]
            rest = self._contract[match.end() : match.end() + 80].lstrip(" \"'(\u201c\u2018-\u2013")
            if not before[-1:].isspace() or not rest[:1].isupper():
                continue
            before = before.rstrip()
            ended = bool(_SENTENCE_END.search(before))
            if match["part"]:
                if ended:
                    self.found.append(Heading(match.start(), 0, match["part"]))
                continue
            number = _numbers(match["number"])
            opens = number == (*self._last, 1) and not _REFERENCE.search(before)
            if (ended or opens) and "." in match.group() and _follows(number, self._last):
                self._last = number
                label = f"{match.group()} {_run_in_title(rest)}".strip()
                self.found.append(Heading(match.start(), len(number), label))


def _is_contents_entry(text: str) -> bool:
    """Whether a line ends in a leader and a page number: "Fees ..... 12"."""
    return _ENTRY_BACKWARDS.match(text[::-1]) is not None


def _run_in_title(rest: str) -> str:
    """The title that begins a paragraph ("Late Payment. Interest is due ..."), if there is one."""
    match = _RUN_IN_TITLE.match(rest)
    if match is None:
        return ""
    words = [word for word in match[1].split() if len(word) > 3]
    return match[1] if all(word[0].isupper() for word in words) else ""


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _follows(number: tuple[int, ...], last: tuple[int, ...]) -> bool:
    """Whether a number is the next after another: 2.3 is after 2.2, and so are 2.2.1 and 3."""
    if number in ((*last, 1), (last[0] + 1 if last else 1, 1)):
        return True
    above, own = number[:-1], number[-1]
    return len(number) <= len(last) and above == last[: len(above)] and own == last[len(above)] + 1
