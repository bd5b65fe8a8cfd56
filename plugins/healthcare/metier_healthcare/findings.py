"""What a note states of the terms of a dictionary: status, time, and values with their units."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from metier.plugin import (
    Abbreviations,
    Assertion,
    AssertionRules,
    ExpandedText,
    Modifier,
    Span,
    sentences,
)
from metier_healthcare.dictionary import Dictionary, TermMatch
from metier_healthcare.quantities import Quantity, quantity_after
from metier_healthcare.sections import NoteSection, own_sections
from metier_healthcare.times import TimeExpression, nearest_time, times_in

MEASURED = ("measurement", "drug")
"""Kinds of terms after which a value or a dose is read."""

_LIST_LINE = re.compile(r"\n[ \t]*(?=[A-Z\d*\u2022-])")
_LONGEST = 1_000
"""Characters of the longest sentence that is read whole; time grows with the square of them."""
_SHORT_LINE = 70
"""Characters of the longest line that is taken to end where it breaks."""


class Finding(BaseModel):
    """A term as a note states it: `mention == text[start:end]`.

    Attributes:
        term: its name in the dictionary.
        kind: of the term.
        code: of the term.
        start: offset of the first character in the note as it is.
        end: offset after the last one.
        mention: the words of the note.
        sentence: that it stands in, `text[sentence_start:sentence_end]`.
        section: of the note, for people; empty where none is known.
        status: `affirmed`, or what leads of `negated`, `hypothetical`, `other person`, `family`,
            `past` and `uncertain`.
        statuses: all that hold.
        words: those that decided the status.
        time: the words that say when; empty where none do.
        time_kind: `since`, `ago`, `for`, `date` or `resolved`.
        months: how many months it is ago or lasts, as far as the words say by themselves.
        comparator: such as `<` of a value.
        value: what was measured, the lower of a range, or the first of two numbers.
        high: the upper of a range.
        second: the second of two numbers, such as 85 of 130/85.
        unit: of the value, in one spelling.
        value_text: the value as the note has it.
    """

    model_config = ConfigDict(frozen=True)

    term: str
    kind: str
    code: str
    start: int
    end: int
    mention: str
    sentence: str
    sentence_start: int
    sentence_end: int
    section: str = ""
    status: str = "affirmed"
    statuses: tuple[str, ...] = ("affirmed",)
    words: tuple[str, ...] = ()
    time: str = ""
    time_kind: str = ""
    months: float | None = None
    comparator: str = ""
    value: float | None = None
    high: float | None = None
    second: float | None = None
    unit: str = ""
    value_text: str = ""


class NoteReader:
    """Reads findings in notes. It does not change, and threads may share it.

    Args:
        dictionary: what to find.
        rules: files of assertion rules beside those of the plugin.
        abbreviations: files of abbreviations beside those of the plugin.
    """

    def __init__(
        self,
        dictionary: Dictionary,
        *,
        rules: Sequence[Path] = (),
        abbreviations: Sequence[Path] = (),
    ) -> None:
        self.dictionary = dictionary
        self.rules = AssertionRules.load("en", _file("assertion.yaml"), *rules)
        self.abbreviations = Abbreviations.load(_file("abbreviations.yaml"), *abbreviations)

    def read(self, text: str) -> list[Finding]:
        """The findings of a note, in order."""
        note = self.expand(text)
        sections = own_sections().find(note.text)
        return [
            finding
            for span in note_sentences(note.text, sections)
            for finding in self._read_sentence(note, span, sections)
        ]

    def expand(self, text: str) -> ExpandedText:
        """A note with its abbreviations in full, but for forms that the dictionary has itself."""
        expanded = self.abbreviations.expand(text)
        known = self.dictionary.find(text)
        starts = [match.start for match in known]
        kept = []
        for expansion in expanded.expansions:
            before = bisect_left(starts, expansion.end) - 1  # the last that begins before its end
            if before < 0 or known[before].end <= expansion.start:
                kept.append(expansion)
        parts, position = [], 0
        for expansion in kept:
            parts += [text[position : expansion.start], expansion.full]
            position = expansion.end
        return ExpandedText(text, "".join([*parts, text[position:]]), tuple(kept))

    def _read_sentence(
        self, note: ExpandedText, span: Span, sections: Sequence[NoteSection]
    ) -> Iterator[Finding]:
        matches = self.dictionary.find(span.text)
        if not matches:
            return
        times = times_in(span.text)
        judged = {
            (assertion.start, assertion.end): assertion
            for assertion in self.rules.judge_each(span.text, self.dictionary.phrases)
        }
        starts = [match.start for match in matches] + [len(span.text)]
        for number, match in enumerate(matches):
            quantity = None
            if match.term.kind in MEASURED:
                quantity = quantity_after(span.text, match.end, starts[number + 1])
            others = [(other.start, other.end) for other in matches if other is not match]
            time = nearest_time(times, match.start, match.end, others, span.text)
            assertion = judged.get((match.start, match.end))
            if assertion is None:
                assertion = self.rules.judge_span(span.text, match.start, match.end)
            details = _Details(quantity, time)
            yield _finding(note, span, match, assertion, details, sections)


class _Details:
    """What a sentence says of a term beside its status."""

    def __init__(self, quantity: Quantity | None, time: TimeExpression | None) -> None:
        self._quantity = quantity
        self._time = time

    @property
    def has_value(self) -> bool:
        return self._quantity is not None

    def fields(self, sentence: str) -> dict[str, object]:
        """The fields of a finding."""
        fields: dict[str, object] = {}
        if self._time is not None:
            time = self._time
            fields |= {"time": time.text, "time_kind": time.kind, "months": time.months}
        if self._quantity is not None:
            quantity = self._quantity
            fields |= {
                "comparator": quantity.comparator,
                "value": quantity.value,
                "high": quantity.high,
                "second": quantity.second,
                "unit": quantity.unit,
                "value_text": sentence[quantity.start : quantity.end].strip(),
            }
        return fields


def _finding(
    note: ExpandedText,
    span: Span,
    match: TermMatch,
    assertion: Assertion,
    details: _Details,
    sections: Sequence[NoteSection],
) -> Finding:
    parts = [
        (span.start + modifier.start, span.start + modifier.end) for modifier in assertion.modifiers
    ]
    section = _section_at(sections, span.start + match.start)
    is_value = match.term.kind == "measurement" and details.has_value
    if section is not None and not is_value and own_sections().status(section) is not None:
        assertion = _in_section(assertion, section)
        parts.append((section.start, section.start + len(section.heading)))
    words = [_original(note, part) for part in parts]
    start, end = note.original_span(span.start + match.start, span.start + match.end)
    first, last = note.original_span(span.start, span.end)
    return Finding(
        term=match.term.term,
        kind=match.term.kind,
        code=match.term.code,
        start=start,
        end=end,
        mention=note.original[start:end],
        sentence=note.original[first:last],
        sentence_start=first,
        sentence_end=last,
        section="" if section is None else section.title,
        status=assertion.status,
        statuses=assertion.statuses,
        words=tuple(dict.fromkeys(words)),
        **details.fields(span.text),
    )


def note_sentences(text: str, sections: Sequence[NoteSection]) -> list[Span]:
    """The sentences of a note; none reaches over a heading or the end of a line of a list."""
    cuts = {section.start for section in sections} | {section.body for section in sections}
    for line in _LIST_LINE.finditer(text):
        begin = text.rfind("\n", 0, line.start()) + 1
        if line.start() - begin <= _SHORT_LINE and text[begin : line.start()].rstrip()[-1:] != ",":
            cuts.add(line.end())
    bounds = sorted({0, len(text), *cuts})
    spans: list[Span] = []
    for start, end in pairwise(bounds):
        for span in sentences(text[start:end]):
            spans += _parts(Span(start + span.start, start + span.end, span.text))
    return spans


def _parts(sentence: Span) -> Iterator[Span]:
    """A sentence, or a text without ends of sentences in parts that are divided at spaces."""
    start, content = sentence.start, sentence.text
    while len(content) > _LONGEST:
        cut = content.rfind(" ", 1, _LONGEST) + 1 or _LONGEST
        yield Span(start, start + cut, content[:cut])
        start, content = start + cut, content[cut:]
    if content:
        yield Span(start, start + len(content), content)


def _section_at(sections: Sequence[NoteSection], offset: int) -> NoteSection | None:
    return next((section for section in sections if section.body <= offset < section.end), None)


def _in_section(assertion: Assertion, section: NoteSection) -> Assertion:
    """An assertion with what the section says of all that stands in it."""
    status = own_sections().status(section)
    if status is None:
        return assertion
    end = section.start + len(section.heading)
    rule = f"section-{section.kinds[0]}"
    return assertion.with_modifier(Modifier(status, section.start, end, section.heading, rule))


def _original(note: ExpandedText, part: tuple[int, int]) -> str:
    start, end = note.original_span(*part)
    return note.original[start:end]


def _file(name: str) -> Path:
    return Path(str(files("metier_healthcare") / name))
