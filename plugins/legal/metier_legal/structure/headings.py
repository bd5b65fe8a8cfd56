"""Headings of a contract: the places where a clause begins."""

from __future__ import annotations

import re
from dataclasses import replace

from metier_legal.structure.contract_lines import ContractLines
from metier_legal.structure.heading import APART, Heading
from metier_legal.structure.listings import ContentsTable, IntroducedList, is_page_number
from metier_legal.structure.numbered_titles import part_title, title_beside
from metier_legal.structure.numbering import (
    HEAD,
    MARK,
    Mark,
    Number,
    Outline,
    article_number,
    follows,
    numbers,
)
from metier_legal.structure.running_text import headings_inside
from metier_legal.structure.titles import (
    CONTENTS,
    DEFINITIONS,
    INCOMPLETE,
    LIST_INTRODUCTION,
    LONGEST_ENTRY,
    LONGEST_TITLE,
    RECITALS,
    REFERENCE,
    SENTENCE_END,
    WITNESS,
    begins_signatures,
    is_about_signing,
    is_capital_sentence,
    is_connective,
    is_contents_entry,
    is_page_line,
    is_sentence,
    is_title,
    is_title_case,
    run_in_title,
    without_emphasis,
)

_MARKDOWN = re.compile(r"(#{1,6})\s+(\S.*)")
_FILED = re.compile(r"(?:EXHIBIT|Exhibit)\s+\d+\.\d+")
_MOST_CLAUSES = 999
"""A number above it is likelier a year or an amount, unless it is the next one."""
_TITLE_ENDS = (".", ":", "-", "\u2013", "\u2014")
_TERMS = re.compile(r"\b(?:terms|conditions|provisions|agreement)\b", re.IGNORECASE)
_OPENING = " \t\"'(\u201c\u2018-\u2013\u2014:."


def find_headings(contract: str) -> list[Heading]:
    """Headings in order; sub-paragraphs such as (a), and numbers in running text, are none.

    Titles without a number that stand alone on a line are headings where nothing else is.
    """
    lines = ContractLines(contract)
    headings = _scan(contract, lines, titles=False)
    if sum(heading.level != APART for heading in headings) > 1:
        return headings
    titled = _scan(contract, lines, titles=True)
    return titled if len(titled) > len(headings) + 1 else headings


def _scan(contract: str, lines: ContractLines, *, titles: bool) -> list[Heading]:
    scan = _Scan(contract, lines, titles=titles)
    for index in range(len(lines)):
        scan.line(index)
    return scan.found


class _Scan:
    """One pass over the lines; holds what decides whether a line begins a clause."""

    def __init__(self, contract: str, lines: ContractLines, *, titles: bool) -> None:
        self.found: list[Heading] = []
        self._contract = contract
        self._lines = lines
        self._titles = titles  # whether titles without a number are headings
        self._before = ""  # the line above; empty where a new paragraph begins
        self._paragraph_before = ""  # the last line above that is not empty
        self._outline = Outline()
        self._has_clauses = False
        self._dotted = False  # whether clauses of this part have numbers without a bracket
        self._contents = ContentsTable()
        self._signing = False
        self._reciting = False
        self._defining = False  # whether the clause defines terms
        self._next = 0  # the first line that belongs to no heading yet
        self._list = IntroducedList(lines, self._outline)

    def line(self, index: int) -> None:
        """Read the next line."""
        start, text = self._lines.starts[index], self._lines.texts[index]
        if index < self._next:
            return
        if not text:
            self._before = ""
            return
        if is_page_line(text) or is_page_number(self._lines, self._outline, index):
            return  # the text goes on below it
        listed = (
            self._contents.holds(text, is_apart=not self._before)
            or is_contents_entry(text)
            or self._lines.recurs(index)
        )
        known = len(self.found)
        alone = not listed and self._heading(index, start, text)
        if not listed:
            headed = len(self.found) > known
            before = self._outline.last
            for heading in headings_inside(self._contract, start, text, self._outline, headed):
                self._append(heading, before)
            if len(text) < LONGEST_ENTRY and RECITALS.match(text):
                self._reciting = True
        # the line after a title is as good as a new paragraph
        self._before = "" if alone else text
        self._paragraph_before = text

    def _append(self, heading: Heading, before: Number) -> None:
        """Note a numbered heading, given the number before it.

        What is attached holds no clause whose number goes on from those above it: such are the
        lines of a list of schedules.
        """
        last = self.found[-1] if self.found else None
        goes_on = heading.number and heading.number[0][0] > 1 and follows(heading.number, before)
        if last and goes_on and (match := HEAD.match(last.label)) and match["attached"]:
            self.found[-1] = replace(last, holds_below=False)
        self.found.append(heading)

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
        underlined = 0 if self._before or self._signing else self._lines.underlined(index)
        if underlined:
            self._outline.begin_markdown(underlined - 1, None)
            self.found.append(Heading(start, underlined - 1, text))
            self._next = index + 2
            return True
        match = HEAD.match(text)
        if match is not None and self._begins(match, text, index):
            if match["part"]:
                return self._part(match, start, text)
            if self._list.holds(index, match, self._paragraph_before):
                return False
            if not self._signing or self._resumes(index, match, text):
                return self._decimal(index, match, start, text)
            return False
        if self._before and not SENTENCE_END.search(self._before):
            return False
        is_first = not self._has_clauses
        for mark in self._outline.marks(text, small=self._titles, anywhere=is_first):
            follower = self._lines.has_mark_below(index, mark.style, mark.value + 1)
            if is_first and mark.value > 1 and not follower:
                continue
            if self._is_marked(index, mark, text):
                return self._marked(mark, start, text)
        return self._without_number(index, start, text, emphasized)

    def _without_number(self, index: int, start: int, text: str, emphasized: str) -> bool:
        """Note a heading without a number that a line begins with; whether it is the whole line."""
        if self._before:  # pages of a PDF have no blank lines
            if WITNESS.match(text):
                self._signatures(start)
            is_apart = self._before.endswith(".") and is_sentence(self._lines.text_below(index))
            return not self._signing and is_apart and self._capitals(index, start)
        below = self._lines.texts[index + 1 : index + 7]
        if begins_signatures(text, below, self._has_clauses):
            self._signatures(start)
            return False
        rest = text[len(emphasized) :].strip()
        ends = not rest or emphasized.endswith((".", ":")) or rest.startswith(_TITLE_ENDS)
        ends = ends and not (self._defining and rest)  # a term and what it means
        if ends and emphasized and self._is_free(text, "") and is_title(emphasized.rstrip(".:")):
            return self._unnumbered(start, emphasized.rstrip(".:")) and text == emphasized
        return self._capitals(index, start) or (self._titles and self._title_line(index, start))

    def _signatures(self, start: int) -> None:
        if not self._signing:
            self.found.append(Heading(start, APART, "Signatures", holds_below=False))
        self._signing = True

    def _begins(self, match: re.Match[str], text: str, index: int) -> bool:
        """Whether a number at the start of a line begins a clause rather than goes on with one."""
        rest = text[match.end() :].lstrip(_OPENING)
        is_alone = match["attached"] and not (self._before or self._lines.after(index))
        if rest[:1].islower() and not (is_alone and not text.endswith((".", ",", ";"))):
            return False  # a cross-reference in wrapped prose, or a part of the sentence above
        ended = not self._before or bool(SENTENCE_END.search(self._before))
        if match["part"]:
            return ended or (text.isupper() and not REFERENCE.search(self._before))
        number = numbers(match["number"])
        due = self._outline.is_due(number)
        if number[0][0] > _MOST_CLAUSES and not due:
            return False
        if self._outline.goes_back(number) and not self._begins_again(index, number, rest):
            return False
        goes_on = ended or not REFERENCE.search(self._before)
        if match["open"] or match["closed"]:  # items of a list, unless clauses are numbered so
            is_item = LIST_INTRODUCTION.search(self._paragraph_before)
            if match["open"] and (self._reciting or not (is_title(rest) or run_in_title(rest))):
                return False
            return due and ended and not is_item and not self._dotted
        if not match["word"] and (not rest or "." not in match.group()):
            # a page number, an amount or an address, unless it is the number that is due
            is_titled = is_title(rest) and is_title_case(rest)
            below = self._lines.text_below(index)
            if not due and not self._outline.last and not self._before and is_titled:
                due = self._lines.goes_on_below(index, numbers(match["number"]))
            goes_on = ended or (is_titled and goes_on and not below[:1].islower())
            return due and (not self._before or (rest[:1].isupper() and goes_on))
        is_titled = (is_title(rest) and is_title_case(rest)) or bool(run_in_title(rest))
        is_headed = is_titled if match["word"] else rest[:1].isupper()
        return ended or (due and goes_on and is_headed)

    def _begins_again(self, index: int, number: Number, rest: str) -> bool:
        """Whether clauses are counted anew from 1 on, each with a title, under no title of all."""
        following = ((number[0][0] + 1, ""),)
        is_first = number == ((1, ""),) and self._lines.has_number_below(index, following)
        return is_first and (is_title(rest) or bool(run_in_title(rest)))

    def _resumes(self, index: int, match: re.Match[str], text: str) -> bool:
        """Whether clauses go on below signatures: with the number due, and a text of its own."""
        rest = text[match.end() :].strip()
        below = self._lines.text_below(index)
        has_text = run_in_title(rest) or is_sentence(rest)
        number, head = numbers(match["number"]), HEAD.match(below)
        is_divided = head and head["number"] and len(numbers(head["number"])) > len(number)
        is_titled = is_title(rest) and (is_sentence(below) or is_divided)
        is_due = self._outline.is_due(number)
        return bool(is_due and (has_text or is_titled) and not is_about_signing(text))

    def _part(self, match: re.Match[str], start: int, text: str) -> bool:
        self._signing = self._reciting = self._dotted = False
        word = "" if match["article"] else match["part"].split()[0]
        if not word[:1].isascii() or not word:
            self._outline.begin_part()
            level = int(bool(match["article"]))
        else:
            level = self._outline.enter_part(word, attached=bool(match["attached"]))
        rest = text[match.end() :]
        title = part_title(rest, is_long=len(text) > LONGEST_TITLE)
        # a filing numbers its exhibits 10.1, 10.2: the number of the contract, not of a part
        is_filed = not self.found and _FILED.fullmatch(match.group()) is not None
        label = match.group() + title
        self.found.append(
            Heading(
                start, level, label, holds_below=not is_filed, article=article_number(match.group())
            )
        )
        return match.end() + len(title) >= len(text) - 1

    def _decimal(self, index: int, match: re.Match[str], start: int, text: str) -> bool:
        self._signing = self._reciting = False
        self._has_clauses = True
        self._dotted = self._dotted or not (match["open"] or match["closed"])
        number = numbers(match["number"])
        before = self._outline.last
        level = self._outline.enter_decimal(number)
        rest = text[match.end() :].strip()
        title = title_beside(self._lines, index, rest, number)
        below = self._lines.below(index)
        if not rest and below > index and is_title(self._lines.texts[below]):
            title, self._next = self._lines.texts[below], below + 1
        if len(number) == 1:
            self._defining = DEFINITIONS.match(title) is not None
        label = f"{match.group()} {title}".strip()
        self._append(Heading(start, level, label, number=number), before)
        return match.end() + len(title) >= len(text) - 1

    def _is_marked(self, index: int, mark: Mark, text: str) -> bool:
        """Whether a numeral, letter or ordinal that is due begins a clause: one with a title."""
        rest = text[mark.end :].strip()
        if INCOMPLETE.search(self._paragraph_before):
            return False
        if text[: mark.end].strip("(). ").islower() and not (
            is_title(rest) and is_title_case(rest)
        ):
            return False
        if mark.has_word and not rest and not self._before:
            return not self._signing
        is_recital = self._reciting and mark.style not in ("ordinal", "count")
        if is_recital and mark.value == 1 and is_title(rest) and is_title_case(rest):
            below = self._lines.text_below(index)
            is_recital = not (is_sentence(below) or HEAD.match(below) or MARK.match(below))
        if run_in_title(rest):
            return not is_recital
        if self._signing or is_recital:
            return False
        if self._outline.last_style in ("roman", "letter") and self._is_below_numeral(mark, rest):
            return True
        if mark.style in ("ordinal", "count") and is_sentence(rest):
            return True
        return is_title(rest) and not self._lines.text_below(index)[:1].islower()

    def _is_below_numeral(self, mark: Mark, rest: str) -> bool:
        """Whether a letter begins a sentence right under a numeral with a title, or goes on so."""
        if mark.style != "letter" or not (is_sentence(rest) and self._outline.has("roman")):
            return False
        return mark.value > 1 or self.found[-1].label.endswith(self._paragraph_before)

    def _marked(self, mark: Mark, start: int, text: str) -> bool:
        self._signing = self._reciting = False
        self._has_clauses = True
        rest = text[mark.end :].strip()
        title = run_in_title(rest) or (rest if is_title(rest) else "")
        label = f"{text[: mark.end]} {title}".strip()
        self.found.append(Heading(start, self._outline.enter(mark), label))
        return rest == title

    def _is_free(self, title: str, below: str) -> bool:
        """Whether a title without a number may begin a clause, which names of signers do not."""
        if not self._signing:
            return True
        if (head := HEAD.match(below)) and head["number"] and "." in head.group():
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
        while end < len(self._lines) and self._lines.texts[end].isupper():
            if end > index and CONTENTS.fullmatch(self._lines.texts[end]):
                break
            end += 1
        title = " ".join(self._lines.texts[index:end])
        letters = sum(character.isalpha() for character in title)
        in_clause = bool(self.found) and (
            self.found[-1].level > 0
            or (self.found[-1].level == 0 and not self.found[-1].label.isupper())
        )
        if letters < 4 or is_capital_sentence(title, in_clause) or is_connective(title):
            return False
        below = self._lines.text_below(end - 1)
        is_furniture = self._lines.is_furniture(index, end, numbered=bool(self._outline.last))
        if is_furniture or not self._is_free(title, below):
            return False
        if in_clause and not self._divides(index, below):
            return False
        self._next = end
        if CONTENTS.fullmatch(title):
            self._contents.begin()
        return self._unnumbered(start, title.rstrip(".:"), APART if self._contents.is_open else 0)

    def _divides(self, index: int, below: str) -> bool:
        """Whether a line in capitals between numbers begins a group of them, or what follows all.

        Numbers that go on below its text say that it belongs to the clause it stands in.
        """
        before = self._paragraph_before
        head = HEAD.match(below)
        if head is not None and (head["part"] or self._outline.is_due(numbers(head["number"]))):
            above = HEAD.match(before)
            is_clause = above is not None and "." in above.group()
            return is_clause or len(before) > LONGEST_ENTRY or bool(SENTENCE_END.search(before))
        last = self._outline.last
        return not last or not self._lines.goes_on_below(index, last)

    def _title_line(self, index: int, start: int) -> bool:
        """Note a title that stands alone above its text, as the title of the contract may."""
        line = self._lines.texts[index]
        title = line.rstrip(".:")
        below = self._lines.text_below(index)
        is_first = not self.found and not self._contract[:start].strip()
        if not self._is_free(title, below):
            return False
        run_in = run_in_title(line)
        if run_in and len(run_in.split()) <= 6 and is_sentence(line[len(run_in) + 1 :].strip()):
            return self._unnumbered(start, run_in) and False
        has_text = is_sentence(below) or (below.endswith(".") and " " in below)
        following = self._lines.after(index)
        is_headed = is_title_case(title) or not following
        if not (is_title(title) and is_headed) or line.endswith("."):
            return False
        if not (has_text or INCOMPLETE.search(below) or (is_first and is_title(below.rstrip(":")))):
            return False
        return self._unnumbered(start, title)
