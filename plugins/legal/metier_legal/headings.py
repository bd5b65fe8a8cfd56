"""Headings of a contract: the places where a clause begins."""

from __future__ import annotations

import re
from dataclasses import dataclass

from metier_legal.numbering import HEAD, Mark, Number, Outline, follows, numbers
from metier_legal.titles import (
    CONTENTS,
    LIST_INTRODUCTION,
    LONGEST_ENTRY,
    LONGEST_TITLE,
    PAGE_AT_END,
    RECITALS,
    REFERENCE,
    SENTENCE_END,
    begins_signatures,
    is_about_signing,
    is_capital_sentence,
    is_contents_entry,
    is_page_line,
    is_sentence,
    is_title,
    is_title_case,
    run_in_title,
    without_emphasis,
)

LONGEST_LINE = 1800
"""Characters of a line beyond which headings without a title are looked for inside it, too."""
APART = -1
"""Level of what stands under nothing and holds nothing: contents and signatures."""

_MARKDOWN = re.compile(r"(#{1,6})\s+(\S.*)")
_DIGITS = re.compile(r"\d{1,3}")
_NUMBER_INSIDE = re.compile(r"[.;]\s+\d{1,3}\.")
_TERMS = re.compile(r"\b(?:terms|conditions|provisions|agreement)\b", re.IGNORECASE)
_OPENING = " \t\"'(\u201c\u2018-\u2013\u2014:."


@dataclass(frozen=True, slots=True)
class Heading:
    """Where a clause begins.

    Attributes:
        start: offset of its first character.
        level: 0 for articles, schedules and unnumbered headings, 1 for `5.`, 2 for `5.1` ...
        label: the number with the title, as far as it has them.
        holds_below: whether later clauses of a higher level still stand under it when it has a
            text of its own.
        number: of a decimal one; 5.1 stands under 5 and under no other number.
    """

    start: int
    level: int
    label: str
    holds_below: bool = True
    number: Number | None = None


def find_headings(contract: str) -> list[Heading]:
    """Headings in order; sub-paragraphs such as (a), and numbers in running text, are none.

    Titles without a number that stand alone on a line are headings where nothing else is.
    """
    lines: list[tuple[int, str]] = []
    offset = 0
    for line in contract.splitlines(keepends=True):
        lines.append((offset + len(line) - len(line.lstrip()), line.strip()))
        offset += len(line)
    headings = _scan(contract, lines, titles=False)
    if sum(heading.level != APART for heading in headings) > 1:
        return headings
    titled = _scan(contract, lines, titles=True)
    return titled if len(titled) > len(headings) + 1 else headings


def _scan(contract: str, lines: list[tuple[int, str]], *, titles: bool) -> list[Heading]:
    scan = _Scan(contract, lines, titles=titles)
    for index in range(len(lines)):
        scan.line(index)
    return scan.found


class _Scan:
    """One pass over the lines; holds what decides whether a line begins a clause."""

    def __init__(self, contract: str, lines: list[tuple[int, str]], *, titles: bool) -> None:
        self.found: list[Heading] = []
        self._contract = contract
        self._lines = lines
        self._titles = titles  # whether titles without a number are headings
        self._before = ""  # the line above; empty where a new paragraph begins
        self._paragraph_before = ""  # the last line above that is not empty
        self._outline = Outline()
        self._has_clauses = False
        self._dotted = False  # whether clauses of this part have numbers without a bracket
        self._listed: set[str] | None = None  # what a table of contents has named so far
        self._signing = False
        self._reciting = False
        self._next = 0  # the first line that belongs to no heading yet
        self._numbered_lines = {
            match["number"]: index  # the last line that begins with the number and a word
            for index, (_, text) in enumerate(lines)
            if (match := HEAD.match(text)) and match["number"] and match.end() < len(text)
        }

    def line(self, index: int) -> None:
        """Read the next line."""
        start, text = self._lines[index]
        if index < self._next:
            return
        if not text:
            self._before = ""
            return
        if is_page_line(text) or (_DIGITS.fullmatch(text) and self._is_page_number(index, text)):
            return  # the text goes on below it
        listed = self._is_listing(text) or is_contents_entry(text)
        known = len(self.found)
        alone = not listed and self._heading(index, start, text)
        if not listed:
            self._inside(start, start + len(text), headed=len(self.found) > known)
            if len(text) < LONGEST_ENTRY and RECITALS.match(text):
                self._reciting = True
        # the line after a title is as good as a new paragraph
        self._before = "" if alone else text
        self._paragraph_before = text

    def _is_page_number(self, index: int, text: str) -> bool:
        """Whether a number alone on its line is that of a page, though it is the one due."""
        return (
            not self._outline.is_due(numbers(text))
            or self._numbered_lines.get(text, -1) > index
            or not is_title(self._lines[self._below(index)][1])
        )

    def _below(self, index: int) -> int:
        """Index of the next line with a text; that of the line itself, if there is none near."""
        for below in range(index + 1, min(index + 8, len(self._lines))):
            text = self._lines[below][1]
            if text and not is_page_line(text):
                return below
        return index

    def _text_below(self, index: int) -> str:
        below = self._below(index)
        return without_emphasis(self._lines[below][1])[0] if below > index else ""

    def _heading(self, index: int, start: int, text: str) -> bool:
        """Note the heading a line begins with, if any; whether it is the whole line."""
        marked = _MARKDOWN.match(text)
        if marked is not None:
            self._signing = self._reciting = False
            label, _ = without_emphasis(marked[2].rstrip("# "))
            level, match = len(marked[1]) - 1, HEAD.match(label)
            number = numbers(match["number"]) if match and match["number"] else None
            self._outline.begin_markdown(level, number)
            self.found.append(Heading(start, level, label, number=number))
            return True
        text, emphasized = without_emphasis(text)
        match = HEAD.match(text)
        if match is not None and self._begins(match, text, index):
            if match["part"]:
                return self._part(match, start, text)
            if not self._signing or self._resumes(index, match, text):
                return self._decimal(index, match, start, text)
            return False
        if self._before and not SENTENCE_END.search(self._before):
            return False
        for mark in self._outline.marks(text):
            if self._is_marked(index, mark, text):
                return self._marked(mark, start, text)
        if self._before:
            return False
        below = [line for _, line in self._lines[index + 1 : index + 7]]
        if begins_signatures(text, below, self._has_clauses):
            if not self._signing:
                self.found.append(Heading(start, APART, "Signatures", holds_below=False))
            self._signing = True
            return False
        if emphasized and self._is_free(text, "") and is_title(emphasized.rstrip(".:")):
            return self._unnumbered(start, emphasized.rstrip(".:")) and text == emphasized
        return self._capitals(index, start) or (self._titles and self._title_line(index, start))

    def _begins(self, match: re.Match[str], text: str, index: int) -> bool:
        """Whether a number at the start of a line begins a clause rather than goes on with one."""
        rest = text[match.end() :].lstrip(_OPENING)
        if rest[:1].islower():
            return False  # a cross-reference in wrapped prose, or a part of the sentence above
        ended = not self._before or bool(SENTENCE_END.search(self._before))
        if match["part"]:
            return ended
        due = self._outline.is_due(numbers(match["number"]))
        goes_on = ended or not REFERENCE.search(self._before)
        if match["open"] or match["closed"]:  # items of a list, unless clauses are numbered so
            is_item = LIST_INTRODUCTION.search(self._paragraph_before)
            if match["open"] and not (is_title(rest) or run_in_title(rest)):
                return False
            return due and ended and not is_item and not self._dotted
        if not match["word"] and (not rest or "." not in match.group()):
            # a page number, an amount or an address, unless it is the number that is due
            is_titled = is_title(rest) and is_title_case(rest)
            below = self._text_below(index)
            return due and (not self._before or (is_titled and goes_on and not below[:1].islower()))
        return ended or (due and goes_on and not match["word"] and rest[:1].isupper())

    def _resumes(self, index: int, match: re.Match[str], text: str) -> bool:
        """Whether clauses go on below signatures: with the number due, and a text of its own."""
        rest = text[match.end() :].strip()
        below = self._text_below(index)
        has_text = run_in_title(rest) or is_sentence(rest)
        number, head = numbers(match["number"]), HEAD.match(below)
        is_divided = head and head["number"] and len(numbers(head["number"])) > len(number)
        is_titled = is_title(rest) and (is_sentence(below) or is_divided)
        is_due = self._outline.is_due(number)
        return bool(is_due and (has_text or is_titled) and not is_about_signing(text))

    def _part(self, match: re.Match[str], start: int, text: str) -> bool:
        self._signing = self._reciting = self._dotted = False
        self._outline.begin_part()
        title = text[match.end() :] if len(text) <= LONGEST_TITLE else ""
        self.found.append(Heading(start, int(bool(match["article"])), match.group() + title))
        return match.end() + len(title) >= len(text) - 1

    def _decimal(self, index: int, match: re.Match[str], start: int, text: str) -> bool:
        self._signing = self._reciting = False
        self._has_clauses = True
        self._dotted = self._dotted or not (match["open"] or match["closed"])
        number = numbers(match["number"])
        level = self._outline.enter_decimal(number)
        rest = text[match.end() :].strip()
        title = self._title(index, rest, number)
        below = self._below(index)
        if not rest and below > index and is_title(self._lines[below][1]):
            title, self._next = self._lines[below][1], below + 1
        label = f"{match.group()} {title}".strip()
        self.found.append(Heading(start, level, label, number=number))
        return match.end() + len(title) >= len(text) - 1

    def _is_marked(self, index: int, mark: Mark, text: str) -> bool:
        """Whether a numeral, letter or ordinal that is due begins a clause: one with a title."""
        rest = text[mark.end :].strip()
        if run_in_title(rest):
            return not (self._reciting and mark.style != "ordinal")
        if self._signing or (self._reciting and mark.style != "ordinal"):
            return False
        if mark.style == "ordinal" and is_sentence(rest):
            return True
        return is_title(rest) and not self._text_below(index)[:1].islower()

    def _marked(self, mark: Mark, start: int, text: str) -> bool:
        self._signing = self._reciting = False
        self._has_clauses = True
        rest = text[mark.end :].strip()
        title = run_in_title(rest) or (rest if is_title(rest) else "")
        label = f"{text[: mark.end]} {title}".strip()
        self.found.append(Heading(start, self._outline.enter(mark), label))
        return rest == title

    def _title(self, index: int, rest: str, number: Number) -> str:
        following = self._lines[index + 1][1] if index + 1 < len(self._lines) else ""
        if len(rest) <= LONGEST_TITLE and not re.search(r"[.:;](?:\s|$)", rest):
            text = self._text_below(index)
            below = HEAD.match(text)
            if below and not text.isdigit():
                deeper = below["number"] and len(numbers(below["number"])) > len(number)
                return rest if deeper or is_title(rest) else ""
            if not text:
                return rest if is_title(rest) else ""
            if not following:
                return rest
            # short and followed by a sentence of its own: a wrapped line would be nearly full
            own = is_title(rest) if text[:1].isdigit() else rest[:1].isupper()
            if 0 < len(rest) <= LONGEST_ENTRY and own and not text[:1].islower():
                return rest
        return run_in_title(rest)

    def _is_free(self, title: str, below: str) -> bool:
        """Whether a title without a number may begin a clause, which names of signers do not."""
        if not self._signing:
            return True
        head = HEAD.match(below)
        if head and head["number"] and "." in head.group():
            return self._outline.is_due(numbers(head["number"])) or _TERMS.search(title) is not None
        return is_sentence(below) and not is_about_signing(below)

    def _unnumbered(self, start: int, title: str, level: int = 0) -> bool:
        self._signing = self._reciting = False
        self._outline.restarts = True
        self.found.append(Heading(start, level, title, holds_below=False))
        return True

    def _capitals(self, index: int, start: int) -> bool:
        """Note a heading in capitals, on one line or on several, if there is one."""
        end = index
        while end < len(self._lines) and self._lines[end][1].isupper():
            end += 1
        title = " ".join(text for _, text in self._lines[index:end])
        letters = sum(character.isalpha() for character in title)
        in_clause = bool(self.found) and self.found[-1].level > 0
        if letters < 4 or is_capital_sentence(title, in_clause):
            return False
        if not self._is_free(title, self._text_below(end - 1)):
            return False
        self._next = end
        level = 0
        if CONTENTS.fullmatch(title):
            level, self._listed = APART, set()
        return self._unnumbered(start, title.rstrip(".:"), level)

    def _title_line(self, index: int, start: int) -> bool:
        """Note a title that stands alone above its text, as the title of the contract may."""
        title = self._lines[index][1].rstrip(".:")
        below = self._text_below(index)
        is_first = not self.found and not self._contract[:start].strip()
        if not (is_title(title) and is_title_case(title) and self._is_free(title, below)):
            return False
        if not (is_sentence(below) or (is_first and is_title(below))):
            return False
        return self._unnumbered(start, title)

    def _is_listing(self, text: str) -> bool:
        """Whether a line belongs to a table of contents, which ends where an entry recurs."""
        if self._listed is None:
            if not CONTENTS.fullmatch(text) or self._before:
                return False
            self._listed = set()
            return not text.isupper()
        match = HEAD.match(text)
        key = match.group().rstrip(".") if match else PAGE_AT_END.sub("", text).casefold()
        prose = len(text) > LONGEST_ENTRY and not is_contents_entry(text)
        if key in self._listed or prose:
            self._listed = None
            return False
        self._listed.add(key)
        return True

    def _inside(self, start: int, end: int, *, headed: bool) -> None:
        """Headings within one line that lost its breaks; only a number that is due is believed.

        In a line of usual length each has a title or is a sub-clause, and two are needed where
        the line does not begin with a heading.
        """
        is_long = end - start > LONGEST_LINE
        if not is_long and not _NUMBER_INSIDE.search(self._contract, start, end):
            return
        last = self._outline.last
        inside: list[tuple[int, Number | None, str]] = []
        for match in HEAD.finditer(self._contract, start + 1, end):
            before = self._contract[max(start, match.start() - 24) : match.start()]
            rest = self._contract[match.end() : match.end() + 80].lstrip(" \"'(\u201c\u2018-\u2013")
            if not before[-1:].isspace() or not rest[:1].isupper():
                continue
            before = before.rstrip()
            ended = bool(SENTENCE_END.search(before))
            if match["part"]:
                if ended and is_long:
                    inside.append((match.start(), None, match["part"]))
                continue
            number, title = numbers(match["number"]), run_in_title(rest)
            opens = number == (*last, (1, "")) and not REFERENCE.search(before)
            if not ((ended or (opens and is_long)) and "." in match.group()):
                continue
            if follows(number, last) and (is_long or title or len(number) > 1):
                last = number
                inside.append((match.start(), number, f"{match.group()} {title}".strip()))
        if not (is_long or headed or len(inside) > 1):
            return
        for position, numbered, label in inside:
            level = self._outline.enter_decimal(numbered) if numbered else 0
            self.found.append(Heading(position, level, label, number=numbered))
